import type { CartLineFacts } from './facts'
import type { CartId, OrderId, UserId, VariantId } from './ids'
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
  /** Updates price, title and status of the lines by quotes. */
  refresh(userId: UserId, quotes: Quote[]): Promise<CartSnapshot>
  /**
   * Adds pieces of a variant to a shopper's cart at the present price, as POST /v1/cart/items does. Idempotent by `key`, for a day.
   * @throws AppError `not_found` for a variant that is not on sale, `out_of_stock`, `currency_mismatch`, and as that route
   */
  add(userId: UserId, line: { variantId: VariantId; quantity: number }, key: string): Promise<CartSnapshot>
}
