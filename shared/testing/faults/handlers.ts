import { acknowledgedBy } from '../batches'
import { faultyEnv } from './env'
import { invoke, pass } from './invocation'
import type { Faults } from './point'

type Handlers<Env> = {
  fetch?(request: Request, env: Env, context: ExecutionContext): Response | Promise<Response>
  queue?(batch: MessageBatch, env: Env, context: ExecutionContext): void | Promise<void>
  scheduled?(tick: ScheduledController, env: Env, context: ExecutionContext): void | Promise<void>
}

/** The handlers of a Worker's default export, each run of which is an invocation over faulty bindings. */
export function faultyHandlers<Env extends object>(worker: string, handlers: Handlers<Env>, faults: Faults) {
  const { fetch, queue, scheduled } = handlers
  const faulty = (env: Env) => faultyEnv(worker, env, faults)
  return {
    ...(fetch && {
      fetch: (request: Request, env: Env, context: ExecutionContext) =>
        invoke(worker, () => fetch(request, faulty(env), context)),
    }),
    ...(queue && {
      queue: (batch: MessageBatch, env: Env, context: ExecutionContext) =>
        invoke(worker, () => consume(worker, faults, batch, async (held) => queue(held, faulty(env), context))),
    }),
    ...(scheduled && {
      scheduled: (tick: ScheduledController, env: Env, context: ExecutionContext) =>
        invoke(worker, async () => {
          const late: Promise<unknown>[] = []
          const waitUntil = { value: (work: Promise<unknown>) => void late.push(work) }
          await scheduled(tick, faulty(env), Object.create(context, { waitUntil }))
          await Promise.all(late)
        }),
    }),
  }
}

/**
 * Lets a batch be handled, then settles its messages one after the other: the platform hears of none before the handler is over. One
 * whose settling fails comes again; when the invocation dies, all that are not settled yet do.
 */
async function consume(
  worker: string,
  faults: Faults,
  batch: MessageBatch,
  handle: (held: MessageBatch) => Promise<void>,
): Promise<void> {
  const settling = new Map<Message, () => void>()
  await handle(
    acknowledgedBy(batch, (message) => ({
      ack: () => void settling.set(message, () => message.ack()),
      retry: (options) => void settling.set(message, () => message.retry(options)),
    })),
  )
  for (const [message, settle] of settling) {
    let done = false
    const once = () => {
      if (!done) settle()
      done = true
    }
    try {
      await pass(faults, [{ worker, kind: 'ack', name: `${batch.queue}.settle` }], once)
    } catch {
      if (!done) message.retry()
    }
  }
}

// biome-ignore lint/suspicious/noExplicitAny: TypeScript asks for this very signature of a class that is extended unseen
type Class = new (...args: any[]) => object

/** An entrypoint or a Durable Object over faulty bindings, each call of whose methods is an invocation. */
export function faultyClass<C extends Class>(worker: string, base: C, faults: Faults): C {
  class Faulty extends base {
    // biome-ignore lint/suspicious/noExplicitAny: as above
    constructor(...[context, env]: any[]) {
      super(context, faultyEnv(worker, env, faults))
    }
  }
  for (const [name, method] of methodsOf(base.prototype)) {
    Object.defineProperty(Faulty.prototype, name, {
      value(this: object, ...args: unknown[]) {
        return invoke(worker, () => method.apply(this, args))
      },
      configurable: true,
    })
  }
  return Faulty
}

/** The methods of a class and of those that it extends, but for the platform's own. */
function methodsOf(prototype: object): [string, (...args: unknown[]) => unknown][] {
  const above = Object.getPrototypeOf(prototype) as object | null
  if (above === null || above === Object.prototype) return []
  const own = Object.entries(Object.getOwnPropertyDescriptors(prototype)).flatMap(([name, { value }]) =>
    typeof value === 'function' && name !== 'constructor' ? [[name, value] as [string, (...args: unknown[]) => unknown]] : [],
  )
  return [...methodsOf(above), ...own]
}
