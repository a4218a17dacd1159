import type { Instant, OrderId, ProductId, UserId, VariantId } from './ids'
import type { Money } from './money'

export const orderStatuses = ['pending', 'paid', 'shipped', 'delivered', 'failed', 'canceled', 'refunded'] as const
export type OrderStatus = (typeof orderStatuses)[number]

/** What a payment must know of its order. */
export type Payable = {
  orderId: OrderId
  number: string
  buyerId: UserId
  status: OrderStatus
  grand: Money
  payBefore: Instant
}

/** An order as its buyer sees it, without the shipping address. */
export type OrderSummary = {
  orderId: OrderId
  number: string
  status: OrderStatus
  grand: Money
  placedAt: Instant
  items: { productId: ProductId; variantId: VariantId; title: string; quantity: number; lineTotal: Money }[]
  /** One per seller, in the order of their first line. */
  parcels: {
    status: 'pending' | 'paid' | 'shipped' | 'delivered' | 'canceled'
    carrier: string | null
    trackingNumber: string | null
    shippedAt: Instant | null
    deliveredAt: Instant | null
  }[]
}

/** What other Workers may ask order. */
export interface OrderApi {
  /** null for an order that does not exist. */
  payable(orderId: OrderId): Promise<Payable | null>
  /** A buyer's own orders, the newest first: at most `limit` (20), or the one of that number. */
  ofBuyer(buyerId: UserId, asked: { limit: number } | { number: string }): Promise<OrderSummary[]>
}
