/**
 * Makes what depends on the bindings alone, such as repos and clients, once per environment and not for every request: an
 * environment lives as long as its isolate. What it makes must hold nothing of a request.
 */
export function perEnvironment<Env extends object, T>(make: (env: Env) => T): (env: Env) => T {
  const made = new WeakMap<Env, T>()
  return (env) => {
    const found = made.get(env) ?? make(env)
    made.set(env, found)
    return found
  }
}
