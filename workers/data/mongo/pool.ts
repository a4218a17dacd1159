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

/** Everything that a call can wait for, in line, for a connection, for the server and for the one retry of the driver, ends by then. */
const deadlineMs = 4_500
/** How long a server may take to be found and to answer the first time. */
const connectTimeoutMs = 3_000
const idleMs = 60_000
const retryMs = 1_000
/** Some ten milliseconds each: what stands at the end of a longer line would run into its deadline. */
const maxWaiting = 128

/** What tests replace. */
type Parts = {
  connect: (uri: string, reachMs: number) => Promise<Connection>
  act: (connection: Connection, target: Target, operation: Operation, limit: { maxTimeMS: number }) => Promise<AnyResult>
  timers: Timers
}

/**
 * One client of MongoDB for all who call it, as an engine. A call is refused with `unavailable` and `retryAfter` when the server does not
 * answer within 4.5 s in all, at once when too many wait, and at once for a second after nothing was there.
 */
export function mongoPool(
  uri: string,
  { connect: open, act: run, timers }: Parts = { connect, act, timers: realTimers },
): Engine {
  const using = connectionLease({
    connect: () => open(uri, connectTimeoutMs),
    close: (connection) => connection.close(),
    stateAfter,
    idleMs,
    retryMs,
    timers,
  })
  const inLine = queue({ running: connectionsOf(uri), waiting: maxWaiting }, timers)

  /** Runs operations one after the other on one place in the line; the first refused one ends it. */
  async function runAll(
    calls: { target: Target; operation: Operation }[],
  ): Promise<{ results: AnyResult[]; refused?: AppError }> {
    const results: AnyResult[] = []
    const until = timers.now() + deadlineMs
    const work = inLine(deadlineMs, () =>
      using(async (connection) => {
        for (const { target, operation } of calls) {
          const maxTimeMS = until - timers.now()
          // Nobody waits for the answer any more: what would be done now would be done behind everybody's back.
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
      // Not those that are refused without asking: in an outage they are many and say nothing new.
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
