import { env as bindings } from 'cloudflare:workers'
import { events, type WorkerName } from '../../contracts/events'
import { inboxBinding } from '../../events/publish'
import { faultyEnv } from '../faults/env'
import { faultyHandlers } from '../faults/handlers'
import { invoke } from '../faults/invocation'
import { type Faults, noFaults } from '../faults/point'
import { anAuth } from './auth'
import { newContext } from './context'
import { aDeliveryLedger } from './delivery-ledger'
import { anInboxes } from './inboxes'
import { exported, type Member, members, modules } from './modules'

type Methods = Record<string, (...args: unknown[]) => Promise<unknown>>
type Entrypoint = new (context: ExecutionContext, env: object) => Methods
type Namespace = { getByName(name: string): Methods; idFromName(name: string): unknown; get(id: unknown): Methods }

/** What the config of this project binds: the data Worker, the Durable Objects, variables, and what Workers ask of each other. */
const pool = bindings as unknown as Record<string, unknown> & {
  DATABASE: Namespace
  SERVICES: { binding: string; worker: string; entrypoint: string }[]
  OBJECTS: string[]
}

type Names = ReadonlyMap<string, ReadonlySet<string>>

/** Names of Durable Objects by their binding. */
function namesByBinding() {
  const names = new Map<string, Set<string>>()
  return {
    all: names as Names,
    add: (binding: string, name: string) => void names.set(binding, (names.get(binding) ?? new Set()).add(name)),
    remove: (binding: string, name: string) => void names.get(binding)?.delete(name),
    clear: () => names.clear(),
  }
}

/** The Durable Objects that Workers called. */
function aRegister() {
  const current = namesByBinding()
  const earlier = namesByBinding()
  const awake = namesByBinding()
  const move = (from: typeof current, to: typeof current) => {
    for (const [binding, names] of from.all) for (const name of names) to.add(binding, name)
    from.clear()
  }
  return {
    called: (binding: string, name: string) => {
      current.add(binding, name)
      awake.add(binding, name)
    },
    /** Those that were called since the scenario began. */
    touched: (): Names => current.all,
    /** Those whose alarm may be set: only a call sets one. */
    awake: (): Names => awake.all,
    /** An object whose alarm is not set: nothing runs it before the next call. */
    fellAsleep: (binding: string, name: string) => awake.remove(binding, name),
    /** Alarms of what was called before are left alone until `resumeScenarios`. */
    beginScenario: () => {
      move(current, earlier)
      awake.clear()
    },
    /** All objects of earlier scenarios belong to the present one again. */
    resumeScenarios: () => {
      move(earlier, current)
      for (const [binding, names] of current.all) for (const name of names) awake.add(binding, name)
    },
    forget: () => {
      for (const names of [current, earlier, awake]) names.clear()
    },
  }
}

/**
 * The whole marketplace in one isolate: real Workers, reached by their handlers and entrypoints alone, on the real document store,
 * with inboxes in the test's hand. Everything that leaves a Worker goes by way of `faults`.
 */
function aMarketplace() {
  let faults: Faults = noFaults
  const isolates = new Map<Member, object>()
  const inboxes = anInboxes()
  const deliveryLedger = aDeliveryLedger()
  const auth = anAuth()
  const register = aRegister()
  const dead = new Set<Member>()
  const relay: Faults = {
    meet: async (points) => {
      const verdict = await faults.meet(points)
      // A Worker that died comes back in a new isolate, which remembers nothing.
      if (typeof verdict === 'object' && verdict.do === 'crash') restart(points[0]?.worker as Member)
      return verdict
    },
    left: (points) => faults.left?.(points),
  }
  const restart = (worker: Member) => {
    isolates.delete(worker)
    dead.add(worker)
  }

  const service = (worker: Member, entrypoint: string) =>
    new Proxy({} as Methods, {
      get: (_target, method) => {
        if (typeof method !== 'string' || method === 'then') return undefined
        return async (...args: unknown[]) => {
          const callee = new (exported<Entrypoint>(worker, entrypoint))(await newContext(), envOf(worker))
          return structuredClone(await invoke(worker, () => callee[method]?.(...structuredClone(args))))
        }
      },
    })
  const parts: Record<string, unknown> = {
    ...pool,
    DATABASE: withDeliveryLedger(pool.DATABASE, deliveryLedger),
    ...Object.fromEntries(pool.OBJECTS.map((name) => [name, registered(pool[name] as Namespace, name, register)])),
    ...Object.fromEntries(
      pool.SERVICES.flatMap(({ binding, worker, entrypoint }) =>
        members.includes(worker as Member) ? [[binding, service(worker as Member, entrypoint)]] : [],
      ),
    ),
    AUTH: auth,
    ...Object.fromEntries(
      members.map((worker) => [inboxBinding(worker), inboxes.producer(worker, (sent) => deliveryLedger.sent(worker, sent))]),
    ),
  }
  /** The bindings of a Worker in its present isolate, without faults. */
  const isolateOf = (worker: Member): object => {
    const found = isolates.get(worker) ?? { ...parts }
    isolates.set(worker, found)
    return found
  }
  const envOf = (worker: Member): object => faultyEnv(worker, isolateOf(worker), relay)
  const handlersOf = (worker: Member) => faultyHandlers<object>(worker, modules[worker].default, relay)

  return {
    ...{ inboxes, deliveryLedger, auth, envOf, faults: relay },
    ...register,
    /** The Workers that died since this was last asked. */
    takeDead: (): Member[] => {
      const found = [...dead]
      dead.clear()
      return found
    },
    /** From now on, these decide what becomes of calls. */
    under: (chosen: Faults) => {
      faults = chosen
    },
    endpoint: (worker: Member) => async (request: Request) =>
      (await handlersOf(worker).fetch?.(request, isolateOf(worker), await newContext())) as Response,
    queue: async (worker: Member, batch: MessageBatch) =>
      handlersOf(worker).queue?.(batch, isolateOf(worker), await newContext()),
    scheduled: async (worker: Member) => {
      const tick = { scheduledTime: Date.now(), cron: '* * * * *', noRetry: () => {} }
      await handlersOf(worker).scheduled?.(tick as ScheduledController, isolateOf(worker), await newContext())
    },
  }
}

/** A database that notes the events which writes leave in outboxes. */
function withDeliveryLedger(namespace: Namespace, { written }: ReturnType<typeof aDeliveryLedger>) {
  type Operation = Parameters<typeof written>[0]
  type Outcome<T> = { result?: T }
  type Result = Parameters<typeof written>[1]
  return {
    getByName: (name: string) => ({
      run: async (target: unknown, operation: Operation) => {
        const outcome = (await namespace.getByName(name).run?.(target, operation)) as Outcome<Result>
        if (outcome.result) written(operation, outcome.result)
        return outcome
      },
      batch: async (operations: { operation: Operation }[]) => {
        const outcome = (await namespace.getByName(name).batch?.(operations)) as Outcome<Result[]>
        for (const [index, result] of (outcome.result ?? []).entries()) written(operations[index]?.operation as Operation, result)
        return outcome
      },
    }),
  }
}

/** A namespace of Durable Objects that registers the names of those that were called. */
function registered(namespace: Namespace, binding: string, { called }: ReturnType<typeof aRegister>) {
  return {
    getByName: (name: string) => {
      called(binding, name)
      return namespace.getByName(name)
    },
    idFromName: (name: string) => {
      called(binding, name)
      return namespace.idFromName(name)
    },
    get: (id: unknown) => namespace.get(id),
  }
}

export const marketplace = aMarketplace()

/** Everyone that any event goes to. */
export const consumers = [...new Set([...Object.values(events).flatMap(({ to }) => [...to] as WorkerName[]), 'audit' as const])]
