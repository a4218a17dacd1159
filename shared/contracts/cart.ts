import type { CartLineFacts } from './facts'
import type { CartId, OrderId, UserId } from './ids'
import type { Currency, Money } from './money'
import type { Quote } from './product'

export type CartSnapshot = {
  id: CartId
  userId: UserId
  version: number
  currency: Currency | null
  items: CartLineFacts[]
  itemCount: number
  subtotal: Money | null
}

/** What other Workers may ask cart. */
export interface CartApi {
  snapshot(userId: UserId): Promise<CartSnapshot>
  /** Removes what an order took: each line loses the ordered quantity. Idempotent by order id. */
  checkedOut(userId: UserId, orderId: OrderId, lines: { variantId: string; quantity: number }[]): Promise<void>
  /** Brings price, title and status of the lines up to date with what product says now. */
  refresh(userId: UserId, quotes: Quote[]): Promise<CartSnapshot>
}
