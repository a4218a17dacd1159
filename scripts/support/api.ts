/** A client of the REST edge, for scripts that act as an outside user would. */

// biome-ignore lint/suspicious/noExplicitAny: a script reads what it needs of whatever JSON came back
export type Answer = { status: number; json: any; headers: Headers; milliseconds: number }
export type Options = { token?: string; body?: unknown; headers?: Record<string, string> }

/** Sends one request. @throws Error unless the status is one of `expect` (any 2xx when absent) */
export async function api(
  base: string,
  method: string,
  path: string,
  options: Options & { expect?: number[] } = {},
): Promise<Answer> {
  const { token, body, headers, expect } = options
  const started = performance.now()
  const response = await fetch(base + path, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const milliseconds = performance.now() - started
  const wanted = expect ? expect.includes(response.status) : response.ok
  if (!wanted) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 500)}`)
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  return { status: response.status, json: isJson && text ? JSON.parse(text) : undefined, headers: response.headers, milliseconds }
}

/** Asks again every 50 ms until `look` finds something. @throws Error after `timeoutMs` milliseconds */
export async function until<T>(what: string, look: () => Promise<T | undefined | false | null>, timeoutMs = 15_000): Promise<T> {
  const end = Date.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (found) return found
    if (Date.now() > end) throw new Error(`Gave up waiting for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
