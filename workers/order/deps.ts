import type { CartApi } from '../../shared/contracts/cart'
import type { InventoryApi } from '../../shared/contracts/inventory'
import type { ProductApi } from '../../shared/contracts/product'
import { perEnvironment } from '../../shared/runtime/per-environment'
import { client } from '../../shared/runtime/rpc'
import { type BaseDeps, baseDeps, type DepsOverrides, documentsOf } from '../../shared/worker/base-deps'
import {
  type OrderRepo,
  orderRepo,
  type PlanRepo,
  planRepo,
  type QuoteRepo,
  quoteRepo,
  type SellerOrderRepo,
  sellerOrderRepo,
} from './repo'

export type Deps = BaseDeps<'order'> & {
  orders: OrderRepo
  sellerOrders: SellerOrderRepo
  plans: PlanRepo
  quotes: QuoteRepo
  cart: Pick<CartApi, 'snapshot' | 'checkedOut' | 'refresh'>
  product: Pick<ProductApi, 'quote'>
  inventory: InventoryApi
}

const partsOf = perEnvironment((env: OrderEnv) => {
  const documents = documentsOf('order', env)
  return {
    orders: orderRepo(documents),
    sellerOrders: sellerOrderRepo(documents),
    plans: planRepo(documents),
    quotes: quoteRepo(documents),
    cart: client<CartApi>(env.CART),
    product: client<ProductApi>(env.PRODUCT),
    inventory: client<InventoryApi>(env.INVENTORY),
  }
})

export const depsFrom = (env: OrderEnv, traceparent?: string, overrides?: DepsOverrides): Deps => ({
  ...baseDeps('order', env, traceparent, overrides),
  ...partsOf(env),
})
