import type { InventoryApi } from '../../shared/contracts/inventory'
import { perEnvironment } from '../../shared/runtime/per-environment'
import { client } from '../../shared/runtime/rpc'
import { type Cache, newCache } from '../../shared/storage/cache'
import { type BaseDeps, baseDeps, type DepsOverrides, documentsOf } from '../../shared/worker/base-deps'
import { type ProductRepo, productRepo } from './repo'
import { type SkuClaims, skuClaims } from './sku-repo'

export type Deps = BaseDeps<'product'> & { products: ProductRepo; skus: SkuClaims; inventory: InventoryApi; cache: Cache }

const partsOf = perEnvironment((env: ProductEnv) => {
  const documents = documentsOf('product', env)
  return {
    products: productRepo(documents),
    skus: skuClaims(documents),
    inventory: client<InventoryApi>(env.INVENTORY),
    cache: newCache(env),
  }
})

export const depsFrom = (env: ProductEnv, traceparent?: string, overrides?: DepsOverrides): Deps => ({
  ...baseDeps('product', env, traceparent, overrides),
  ...partsOf(env),
})
