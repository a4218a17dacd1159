import type { AnyResult, Operation, Target } from '../../../shared/contracts/data'
import type { AppError } from '../../../shared/contracts/errors'
import { logger } from '../../../shared/runtime/logger'
import type { Engine } from '../../../shared/storage/engine'
import { type Connection, connect, connectionsOf } from './client'
import { connectionLease } from './connection-lease'
import { problemOf, stateAfter, unavailable } from './errors'
import { act } from './operations'
import { queue } from './queue'
import { timers as realTimers, type Timers } from './timers'

/** The limit of a call: for waiting in the queue, for a connection, for the server and for the one retry of the driver together. */
const deadlineMs = 4_500
/** How long it may take to find a server and to get its first answer. */
const connectTimeoutMs = 3_000
const idleMs = 60_000
const retryMs = 1_000
/** A call takes some ten milliseconds: the last one of a longer queue would miss its deadline. */
const maxWaiting = 128

/** The parts that tests replace. */
type Parts = {
  connect: (uri: string, connectTimeoutMs: number) => Promise<Connection>
  act: (connection: Connection, target: Target, operation: Operation, limit: { maxTimeMS: number }) => Promise<AnyResult>
  timers: Timers
}

/**
 * One client of MongoDB, as an engine. It refuses a call with `unavailable` and `retryAfter` after 4.5 s without an answer, at once when
 * too many calls wait, and at once for a second after it could not connect.
 */
export function mongoPool(
  uri: string,
  { connect: open, act: run, timers }: Parts = { connect, act, timers: realTimers },
): Engine {
  const withConnection = connectionLease({
    connect: () => open(uri, connectTimeoutMs),
    close: (connection) => connection.close(),
    stateAfter,
    idleMs,
    retryMs,
    timers,
  })
  const enqueue = queue({ running: connectionsOf(uri), waiting: maxWaiting }, timers)

  /** Runs operations one after the other in one turn of the queue; it stops at the first refused one. */
  async function runAll(
    calls: { target: Target; operation: Operation }[],
  ): Promise<{ results: AnyResult[]; refused?: AppError }> {
    const results: AnyResult[] = []
    const until = timers.now() + deadlineMs
    const work = enqueue(deadlineMs, () =>
      withConnection(async (connection) => {
        for (const { target, operation } of calls) {
          const maxTimeMS = until - timers.now()
          // The caller has given up, and must not find later that the operation was done.
          if (maxTimeMS <= 0) throw unavailable()
          results.push(await run(connection, target, operation, { maxTimeMS }))
        }
      }),
    )
    try {
      await withTimeout(work)
      return { results }
    } catch (thrown) {
      const refused = problemOf(thrown)
      if (refused === undefined) throw thrown
      // A call that is refused without asking the server is not logged: in an outage there are many, and none is news.
      if (refused.code === 'unavailable' && refused !== thrown) logger.warn('MongoDB does not answer', { reason: String(thrown) })
      return { results, refused }
    }
  }

  function withTimeout(work: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = timers.later(deadlineMs, () => reject(unavailable('The database takes too long')))
      work.then(resolve, reject).finally(cancel)
    })
  }

  return {
    run: async (target, operation) => {
      const { results, refused } = await runAll([{ target, operation }])
      const [result] = results
      return refused === undefined && result !== undefined ? { result } : { problem: describe(refused ?? unavailable()) }
    },
    batch: async (operations) => {
      const { results, refused } = await runAll(operations)
      return refused === undefined ? { result: results } : { problem: describe(refused, { done: results.length }) }
    },
  }
}

const describe = ({ code, message, meta }: AppError, more = {}) => ({ code, message, meta: { ...meta, ...more } })
