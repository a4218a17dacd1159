import type { InventoryApi } from '../../shared/contracts/inventory'
import { type BaseDeps, baseDeps, type DepsOverrides } from '../../shared/events/deps'
import { client } from '../../shared/http/rpc'
import { type Cache, cache } from '../../shared/storage/cache'
import { type ProductRepo, productRepo } from './repo'
import { type SkuClaims, skuClaims } from './skus'

export type Deps = BaseDeps<'product'> & { products: ProductRepo; skus: SkuClaims; inventory: InventoryApi; cache: Cache }

export function depsFrom(env: ProductEnv, traceparent?: string, overrides?: DepsOverrides): Deps {
  const base = baseDeps('product', env, traceparent, overrides)
  return {
    ...base,
    products: productRepo(base.documents),
    skus: skuClaims(base.documents),
    inventory: client<InventoryApi>(env.INVENTORY),
    cache: cache(base.data),
  }
}
