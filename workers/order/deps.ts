import type { CartApi } from '../../shared/contracts/cart'
import type { InventoryApi } from '../../shared/contracts/inventory'
import type { ProductApi } from '../../shared/contracts/product'
import { type BaseDeps, baseDeps, type DepsOverrides } from '../../shared/events/deps'
import { type IdempotencyStore, idempotencyStore } from '../../shared/http/idempotency'
import { client } from '../../shared/http/rpc'
import type { Collection } from '../../shared/storage/documents'
import {
  type OrderRepo,
  orderRepo,
  type Plan,
  planRepo,
  type QuoteRepo,
  quoteRepo,
  type SellerOrderRepo,
  sellerOrderRepo,
} from './repo'

export type Deps = BaseDeps<'order'> & {
  orders: OrderRepo
  sellerOrders: SellerOrderRepo
  plans: Collection<Plan>
  quotes: QuoteRepo
  idempotency: IdempotencyStore
  cart: CartApi
  product: ProductApi
  inventory: InventoryApi
}

export function depsFrom(env: OrderEnv, traceparent?: string, overrides?: DepsOverrides): Deps {
  const base = baseDeps('order', env, traceparent, overrides)
  return {
    ...base,
    orders: orderRepo(base.documents),
    sellerOrders: sellerOrderRepo(base.documents),
    plans: planRepo(base.documents),
    quotes: quoteRepo(base.documents),
    idempotency: idempotencyStore(base.documents),
    cart: client<CartApi>(env.CART),
    product: client<ProductApi>(env.PRODUCT),
    inventory: client<InventoryApi>(env.INVENTORY),
  }
}
