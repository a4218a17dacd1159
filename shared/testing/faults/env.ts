import { pass } from './invocation'
import type { Faults, Point, PointKind } from './point'

type Method = (...args: unknown[]) => Promise<unknown>
type Remote = Record<string, Method>
type Namespace = { getByName(...name: unknown[]): Remote; get(...id: unknown[]): Remote }
type Asked = { target: { collection: string }; operation: { action: string } }

/** Bindings behind which somebody outside answers; all others lead to parts of the marketplace. */
const providers: readonly string[] = ['SANDBOX', 'EMAIL', 'AI']
const reading: readonly string[] = ['find', 'findOne', 'aggregate', 'listIndexes', 'explain']

const made = new WeakMap<Faults, WeakMap<object, object>>()

/**
 * The same bindings, with every call by way of `faults`. The same object each time for the same environment, because what depends on
 * an environment is made once for it.
 */
export function faultyEnv<Env extends object>(worker: string, env: Env, faults: Faults): Env {
  const known = made.get(faults) ?? new WeakMap<object, object>()
  made.set(faults, known)
  const found = known.get(env)
  if (found) return found as Env
  const wrapped = Object.fromEntries(
    Object.entries(env).map(([name, binding]) => [name, bindingOf({ worker, name, faults }, binding)]),
  )
  known.set(env, wrapped)
  return wrapped as Env
}

type Place = { worker: string; name: string; faults: Faults }

function bindingOf(place: Place, binding: unknown): unknown {
  const { name } = place
  if (!isCallable(binding)) return binding
  if (name.startsWith('QUEUE_')) return calling(place, 'send', binding as Remote)
  if (name === 'DATABASE' || name === 'MONGO_POOLS') return namespace(binding as Namespace, (stub) => documents(place, stub))
  if (name === 'CACHE') return namespace(binding as Namespace, (stub) => cache(place, stub))
  const kind = providers.includes(name) ? 'provider' : 'rpc'
  return isNamespace(binding)
    ? namespace(binding as unknown as Namespace, (stub) => calling(place, kind, stub))
    : calling(place, kind, binding as Remote)
}

/** Whether it is more than a variable, which may be an object too. */
function isCallable(binding: unknown): binding is object {
  if (typeof binding === 'function') return true
  if (typeof binding !== 'object' || binding === null || Array.isArray(binding)) return false
  const isPlain = Object.getPrototypeOf(binding) === Object.prototype
  return !isPlain || Object.values(binding).some((member) => typeof member === 'function')
}

/** A service answers to any name, so that asking one whether it has `getByName` says nothing. */
const isNamespace = (binding: object): boolean =>
  binding.constructor.name.startsWith('DurableObjectNamespace') || Object.hasOwn(binding, 'getByName')

/** A namespace whose stubs are wrapped. */
const namespace = (binding: Namespace, wrap: (stub: Remote) => object): object =>
  new Proxy(binding, {
    get: (target, property) => {
      if (property === 'getByName') return (...name: unknown[]) => wrap(target.getByName(...name))
      if (property === 'get') return (...id: unknown[]) => wrap(target.get(...id))
      const member = Reflect.get(target, property)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })

/** Something remote, each of whose methods is a point. */
const calling = ({ worker, name, faults }: Place, kind: PointKind, remote: Remote): object =>
  new Proxy({} as Remote, {
    get: (_target, method) => {
      if (typeof method !== 'string' || method === 'then') return undefined
      // Of a stub, these are no methods.
      if (method === 'id' || method === 'name') return remote[method]
      const point = { worker, kind, name: `${name}.${method}` }
      // Called in one expression: on a stub, reading `.apply` would itself name a remote property.
      return (...args: unknown[]) => pass(faults, [point], () => (remote as Required<Remote>)[method]?.(...args))
    },
  })

/**
 * A database. Each write of a batch is a point of its own, because the operations of a batch are done in order and it can break off
 * between any two; reads have no effect, so those of a batch are points only when there is nothing else in it.
 */
function documents({ worker, faults }: Place, stub: Remote): object {
  const pointOf = ({ target, operation }: Asked): Point => ({
    worker,
    kind: reading.includes(operation.action) ? 'read' : 'write',
    name: `${target.collection}.${operation.action}`,
  })
  return {
    run: (target: Asked['target'], operation: Asked['operation']) =>
      pass(faults, [pointOf({ target, operation })], () => stub.run?.(target, operation)),
    batch: (operations: Asked[]) => {
      const points = operations.map(pointOf)
      const writes = [...points.keys()].filter((index) => points[index]?.kind === 'write')
      const at = writes.length > 0 ? writes : [0]
      return pass(
        faults,
        at.flatMap((index) => points[index] ?? []),
        (upTo) => stub.batch?.(upTo === at.length ? operations : operations.slice(0, (at[upTo - 1] ?? -1) + 1)),
      )
    },
  }
}

/** The embedded cache. Commands of a pipeline are one point, named by the first: what is lost of a cache must not matter. */
function cache({ worker, faults }: Place, stub: Remote): object {
  const point = (commands: unknown[][]): Point => ({ worker, kind: 'cache', name: String(commands[0]?.[0]).toLowerCase() })
  return {
    pipeline: (commands: unknown[][]) => pass(faults, [point(commands)], () => stub.pipeline?.(commands)),
    transaction: (commands: unknown[][]) => pass(faults, [point(commands)], () => stub.transaction?.(commands)),
  }
}
