import { perEnvironment } from '../../shared/runtime/per-environment'
import { type BaseDeps, baseDeps, type DepsOverrides, documentsOf } from '../../shared/worker/base-deps'
import { type MovementRepo, movementRepo, type StockRepo, stockRepo } from './repo'

export type Deps = BaseDeps<'inventory'> & { stocks: StockRepo; movements: MovementRepo }

const partsOf = perEnvironment((env: InventoryEnv) => {
  const documents = documentsOf('inventory', env)
  const movements = movementRepo(documents)
  return { stocks: stockRepo(documents, movements), movements }
})

export const depsFrom = (env: InventoryEnv, traceparent?: string, overrides?: DepsOverrides): Deps => ({
  ...baseDeps('inventory', env, traceparent, overrides),
  ...partsOf(env),
})
