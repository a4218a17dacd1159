import type { AuthApi } from '../../shared/contracts/auth'
import type { UserId } from '../../shared/contracts/ids'
import type { InventoryApi } from '../../shared/contracts/inventory'
import type { ProductApi } from '../../shared/contracts/product'
import { perEnvironment } from '../../shared/runtime/per-environment'
import { client } from '../../shared/runtime/rpc'
import { newCache } from '../../shared/storage/cache'
import { type BaseDeps, baseDeps, type DepsOverrides } from '../../shared/worker/base-deps'
import { type Holders, holders } from './holders'
import type { CartVerbs } from './verbs'

export type Deps = BaseDeps<'cart'> & {
  product: Pick<ProductApi, 'quote'>
  inventory: InventoryApi
  auth: AuthApi
  holders: Holders
  /** The cart of a shopper. */
  cartOf: (userId: UserId) => CartVerbs
}

const partsOf = perEnvironment((env: CartEnv) => ({
  product: client<ProductApi>(env.PRODUCT),
  inventory: client<InventoryApi>(env.INVENTORY),
  auth: client<AuthApi>(env.AUTH),
  holders: holders(newCache(env)),
  cartOf: (userId: UserId) => client<CartVerbs>(env.CARTS.getByName(userId)),
}))

export const depsFrom = (env: CartEnv, traceparent?: string, overrides?: DepsOverrides): Deps => ({
  ...baseDeps('cart', env, traceparent, overrides),
  ...partsOf(env),
})
