import { type BaseDeps, baseDeps, type DepsOverrides } from '../../shared/events/deps'
import { type MovementRepo, movementRepo, type StockRepo, stockRepo } from './repo'

export type Deps = BaseDeps<'inventory'> & { stocks: StockRepo; movements: MovementRepo }

export function depsFrom(env: InventoryEnv, traceparent?: string, overrides?: DepsOverrides): Deps {
  const base = baseDeps('inventory', env, traceparent, overrides)
  return { ...base, stocks: stockRepo(base.documents), movements: movementRepo(base.documents) }
}
