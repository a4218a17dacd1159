import { acknowledgedBy } from '../batches'
import { faultyClass, faultyHandlers } from './handlers'
import { type FaultKind, seededFaults } from './seeded'

type Env = object & { RECORDER?: Fetcher }
type Exported = Parameters<typeof faultyHandlers<Env>>[1]
// biome-ignore lint/suspicious/noExplicitAny: TypeScript asks for this very signature of a class that is extended unseen
type Class = new (...args: any[]) => object

/** Faults that are made by chance. */
export type FaultInjection = {
  seed: number
  /** Of a hundred calls, how many fail, while the recorder says so. */
  percent: number
}

/** Milliseconds between two reports to the recorder. */
const reportEvery = 250

/** What a Worker's entry becomes in a soak: the same, with faults by chance, and a recorder that hears what its inbox took. */
export function injectFaults(worker: string, { seed, percent }: FaultInjection) {
  const counts: Partial<Record<FaultKind, number>> = {}
  let taken: string[] = []
  let reportedAt = 0
  let isActive = false
  const perMille = percent * 10
  const faults = seededFaults({
    seed: seed + [...worker].reduce((sum, character) => sum * 31 + character.charCodeAt(0), 7),
    perMille: {
      ...{ 'fail before': perMille * 0.25, 'fail after': perMille * 0.25, delay: perMille * 0.2, twice: perMille * 0.1 },
      ...{ 'crash before': perMille * 0.1, 'crash after': perMille * 0.1 },
    },
    isActive: () => isActive,
    note: (kind) => {
      counts[kind] = (counts[kind] ?? 0) + 1
    },
  })

  const report = async (env: Env): Promise<void> => {
    const body = JSON.stringify({ worker, acked: taken, faults: counts })
    taken = []
    reportedAt = Date.now()
    const answer = await env.RECORDER?.fetch('http://recorder/', { method: 'POST', body })
    isActive = (await answer?.text()) === 'active'
  }

  return {
    handlers: (exported: Exported): Exported => {
      const { fetch, queue, scheduled } = faultyHandlers(worker, exported, faults)
      return {
        ...(fetch && {
          fetch: (request: Request, env: Env, context: ExecutionContext) => {
            if (Date.now() - reportedAt > reportEvery) context.waitUntil(report(env))
            return fetch(request, env, context)
          },
        }),
        ...(scheduled && { scheduled }),
        ...(queue && {
          queue: async (batch: MessageBatch, env: Env, context: ExecutionContext) => {
            await queue(
              noting(batch, (id) => void taken.push(id)),
              env,
              context,
            )
            await report(env)
          },
        }),
      }
    },
    object: <C extends Class>(base: C): C => faultyClass(worker, base, faults),
  }
}

/** The same batch; `note` gets the event of each message that is taken. */
const noting = (batch: MessageBatch, note: (eventId: string) => void): MessageBatch =>
  acknowledgedBy(batch, (message) => ({
    ack: () => {
      message.ack()
      note(String((message.body as { id?: unknown } | null)?.id))
    },
    retry: (options) => message.retry(options),
  }))
