import type { DataApi, DataSettings, Json } from '../contracts/data'
import { AppError } from '../contracts/errors'
import { type Outcome, outcomeOf, resultOf } from '../contracts/outcome'
import { breakerOf, type CircuitBreaker } from '../runtime/circuit-breaker'
import { perEnvironment } from '../runtime/per-environment'
import { client } from '../runtime/rpc'
import { type Engine, type EngineBindings, engineOf } from './engine'

type Command = (string | number)[]
type Answer = { result: Json } | { error: string }

/** The embedded cache as its Durable Object offers it; the generated stub type loses itself in replies of any depth. */
export type CacheObject = {
  pipeline(commands: Command[]): Promise<Answer[]>
  transaction(commands: Command[]): Promise<Answer[] | { error: string }>
}

/** How every Worker is bound to the store: the data Worker, which says where things are, and its Durable Objects. */
export type StoreBindings = EngineBindings & { DATA: unknown; CACHE: EngineBindings['DATABASE'] }

/** All keys live in one Durable Object, because a command may name several. */
export const cacheObject = ({ CACHE }: Pick<StoreBindings, 'CACHE'>): CacheObject => client<CacheObject>(CACHE.getByName('cache'))

/**
 * The document store behind its circuit breaker, and the embedded cache. What the data Worker says of where documents
 * are is asked once per isolate.
 */
export const storeOf: (env: StoreBindings) => DataApi = perEnvironment((env: StoreBindings) => {
  let known: Engine | undefined
  const database = breakerOf(env, 'database')
  const engine = async (): Promise<Engine> => {
    known ??= remote(engineOf(env, await client<DataSettings>(env.DATA).settings()))
    return known
  }
  const pipeline = (commands: Command[]) => cacheObject(env).pipeline(commands)
  return {
    run: (target, operation) => guarded(database, async () => (await engine()).run(target, operation)),
    batch: (operations) => guarded(database, async () => (await engine()).batch(operations)),
    cache: async (command) => {
      const [answer] = await pipeline([command])
      if (answer === undefined || 'error' in answer) throw new AppError('cache_error', answer?.error)
      return answer.result
    },
    cachePipeline: pipeline,
    cacheTransaction: async (commands) => {
      const answers = await cacheObject(env).transaction(commands)
      if (Array.isArray(answers)) return answers
      throw new AppError('cache_error', answers.error)
    },
  }
})

/** What fails other than by a refusal is logged and becomes `unavailable`, as with every call of another Worker. */
const remote = (engine: Engine): Engine => client<Engine>(engine)

/** A refusal is an answer of the database, which is well then; only what fails counts against it. */
const guarded = <T>(database: CircuitBreaker, call: () => Promise<Outcome<T>>): Promise<Outcome<T>> =>
  outcomeOf(() => database.run(async () => resultOf(await call())))
