import type { AnyResult, DataApi, Operation, StoreSettings, Target } from '../contracts/data'
import { AppError } from '../contracts/errors'
import { type Outcome, outcomeOf } from '../contracts/outcome'
import { logger } from '../runtime/logger'

/** What keeps documents. */
export type Engine = Pick<DataApi, 'run' | 'batch'>

/** An engine as its Durable Object offers it; the generated stub type loses itself in documents of any shape. */
type Remote = {
  run(target: Target, operation: Operation): Promise<Outcome<AnyResult>>
  batch(operations: { target: Target; operation: Operation }[]): Promise<Outcome<AnyResult[]>>
}

type Namespace = { getByName(name: string, options?: DurableObjectNamespaceGetDurableObjectOptions): unknown }

/** The Durable Objects of the data Worker that keep documents, as every Worker is bound to them. */
export type EngineBindings = { DATABASE: Namespace; MONGO_POOLS: Namespace }

/** The engine that a deployment's settings ask for. */
export function engineOf({ DATABASE, MONGO_POOLS }: EngineBindings, settings: StoreSettings): Engine {
  return settings.engine === 'mongodb' ? pooled(MONGO_POOLS, settings) : embedded(DATABASE)
}

/** Documents in SQLite, one Durable Object per database. */
const embedded = (databases: Namespace): Engine => engine((name) => databases.getByName(name) as Remote)

/**
 * Documents in MongoDB. Any pool will do for a call: all ask the same primary, so a caller that awaited a write finds it by
 * whichever comes next, and one busy database gets all connections, which by its name it would not.
 */
function pooled(pools: Namespace, { pools: count, location }: Extract<StoreSettings, { engine: 'mongodb' }>): Engine {
  const options = location === '' ? {} : { locationHint: location as DurableObjectLocationHint }
  const pool = () => pools.getByName(`pool-${Math.floor(Math.random() * count)}`, options) as Remote
  return engine(() => ({
    run: (...call) => reaching(() => pool().run(...call)),
    batch: (...call) => reaching(() => pool().batch(...call)),
  }))
}

/** A batch is about one database, in either engine. */
function engine(remoteOf: (database: string) => Remote): Engine {
  const find = (targets: readonly Target[]) =>
    outcomeOf(() => {
      const name = targets[0]?.database
      if (targets.some(({ database }) => database !== name)) throw new AppError('data_invalid', 'A batch is about one database')
      checkName(name, 'database')
      return remoteOf(name)
    })
  return {
    run: async (target, operation) => {
      const found = await find([target])
      return 'problem' in found ? found : found.result.run(target, operation)
    },
    batch: async (operations) => {
      if (operations.length === 0) return { result: [] }
      const found = await find(operations.map(({ target }) => target))
      return 'problem' in found ? found : found.result.batch(operations)
    },
  }
}

/** @throws AppError `data_invalid` for a name that MongoDB or the embedded engine would not take */
export function checkName(name: unknown, what: 'database' | 'collection'): asserts name is string {
  if (typeof name !== 'string' || !/^[A-Za-z][A-Za-z0-9_.-]{0,99}$/.test(name)) {
    throw new AppError('data_invalid', `A ${what} is named by a letter, then at most 99 letters, digits, _ . or -`)
  }
}

/** The answer of a pool. One that is overloaded, or was reset under its callers, has not answered; a fault of ours is thrown on. */
async function reaching<T>(call: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  try {
    return await call()
  } catch (error) {
    const { overloaded, retryable, durableObjectReset } = error as Record<string, unknown>
    if (!overloaded && !retryable && !durableObjectReset) throw error
    logger.warn('a pool does not answer', { error })
    const { code, message, meta } = new AppError('unavailable', 'The database has too much to do', { retryAfter: 1 })
    return { problem: { code, message, meta } }
  }
}
