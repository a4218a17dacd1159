import type { AuthApi } from '../../shared/contracts/auth'
import type { UserId } from '../../shared/contracts/ids'
import type { InventoryApi } from '../../shared/contracts/inventory'
import type { ProductApi } from '../../shared/contracts/product'
import { type BaseDeps, baseDeps, type DepsOverrides } from '../../shared/events/deps'
import { client } from '../../shared/http/rpc'
import { cache } from '../../shared/storage/cache'
import { type Holders, holders } from './holders'
import type { CartVerbs } from './verbs'

export type Deps = BaseDeps<'cart'> & {
  product: ProductApi
  inventory: InventoryApi
  auth: AuthApi
  holders: Holders
  /** The cart of a shopper. */
  cartOf: (userId: UserId) => CartVerbs
}

export function depsFrom(env: CartEnv, traceparent?: string, overrides?: DepsOverrides): Deps {
  const base = baseDeps('cart', env, traceparent, overrides)
  return {
    ...base,
    product: client<ProductApi>(env.PRODUCT),
    inventory: client<InventoryApi>(env.INVENTORY),
    auth: client<AuthApi>(env.AUTH),
    holders: holders(cache(base.data)),
    cartOf: (userId) => client<CartVerbs>(env.CARTS.getByName(userId)),
  }
}
