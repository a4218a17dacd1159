import type { AnyResult, DataApi, Operation, Target } from '../../shared/contracts/data'
import { AppError } from '../../shared/contracts/errors'
import { type Outcome, outcomeOf } from '../../shared/contracts/outcome'
import type { DatabaseDO } from './database.do'
import { checkName } from './documents/names'

/** What keeps documents. */
export type Engine = Pick<DataApi, 'run' | 'batch'>

/** A database as its Durable Object offers it; the generated stub type loses itself in documents of any shape. */
type Database = {
  run(target: Target, operation: Operation): Promise<Outcome<AnyResult>>
  batch(operations: { target: Target; operation: Operation }[]): Promise<Outcome<AnyResult[]>>
}

/** The engine that this deployment's environment asks for. */
export function engineOf(env: Pick<DataEnv, 'DATABASE'>): Engine {
  return embedded(env.DATABASE)
}

/** Documents in SQLite, one Durable Object per database. */
function embedded(databases: DurableObjectNamespace<DatabaseDO>): Engine {
  const find = (targets: readonly Target[]) =>
    outcomeOf(() => {
      const name = targets[0]?.database
      if (targets.some(({ database }) => database !== name)) throw new AppError('data_invalid', 'A batch is about one database')
      checkName(name, 'database')
      return databases.getByName(name) as unknown as Database
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
