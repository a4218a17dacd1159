import type { Instant, OrderId, UserId } from './ids'
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

/** What other Workers may ask order. */
export interface OrderApi {
  /** null for an order that does not exist. */
  payable(orderId: OrderId): Promise<Payable | null>
}
