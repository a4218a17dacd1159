import type { AuthApi } from '../../shared/contracts/auth'
import type { UserId } from '../../shared/contracts/ids'
import type { InventoryApi } from '../../shared/contracts/inventory'
import type { ProductApi } from '../../shared/contracts/product'
import { perEnvironment } from '../../shared/runtime/per-environment'
import { client } from '../../shared/runtime/rpc'
import { newCache } from '../../shared/storage/cache'
import { type BaseDeps, baseDeps, type DepsOverrides } from '../../shared/worker/base-deps'
import { type CartIndex, cartIndex } from './cart-index'
import type { CartObjectApi } from './cart-object-api'

export type Deps = BaseDeps<'cart'> & {
  product: Pick<ProductApi, 'quote'>
  inventory: InventoryApi
  auth: AuthApi
  cartIndex: CartIndex
  /** A shopper's cart. */
  cartOf: (userId: UserId) => CartObjectApi
}

const partsOf = perEnvironment((env: CartEnv) => ({
  product: client<ProductApi>(env.PRODUCT),
  inventory: client<InventoryApi>(env.INVENTORY),
  auth: client<AuthApi>(env.AUTH),
  cartIndex: cartIndex(newCache(env)),
  cartOf: (userId: UserId) => client<CartObjectApi>(env.CARTS.getByName(userId)),
}))

export const depsFrom = (env: CartEnv, traceparent?: string, overrides?: DepsOverrides): Deps => ({
  ...baseDeps('cart', env, traceparent, overrides),
  ...partsOf(env),
})
