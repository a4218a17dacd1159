import type { CartSnapshot } from '../../shared/contracts/cart'
import type { OrderId, UserId, VariantId } from '../../shared/contracts/ids'
import type { Outcome } from '../../shared/contracts/outcome'
import type { Quote } from '../../shared/contracts/product'
import type { Line, Offer, StockReading } from './cart'
import type { LineUpdate } from './line-sync'

/** Whose cart it is, the trace, the versions that If-Match names and, under an Idempotency-Key, the id of the attempt. */
export type Caller = { userId: UserId; traceparent: string; ifMatch?: readonly number[]; attempt?: string }

/** Lines on their way to another cart. The source keeps them until the target has recorded the merge id. */
export type Transfer = { mergeId: string; targetId: UserId; lines: Line[] }

/** Why a merge did not happen; null when it did. */
export type Refusal = 'currency_mismatch' | 'precondition_failed' | null

/** The methods of one shopper's cart. A shopper's change is refused with `precondition_failed` unless `ifMatch` has the cart's version. */
export interface CartObjectApi {
  snapshot(userId: UserId): Promise<CartSnapshot>
  /** As `snapshot`, for the shopper: a cart that slept refreshes its lines and publishes what changed. */
  visit(userId: UserId): Promise<CartSnapshot>
  add(caller: Caller, offer: Offer, stock: StockReading, quantity: number): Promise<Outcome<CartSnapshot>>
  setQuantity(caller: Caller, variantId: VariantId, quantity: number, stock: StockReading): Promise<Outcome<CartSnapshot>>
  remove(caller: Caller, variantId: VariantId): Promise<Outcome<CartSnapshot>>
  clear(caller: Caller): Promise<Outcome<CartSnapshot>>
  /** Removes what an order took, once per order. */
  checkOut(caller: Caller, orderId: OrderId, lines: readonly { variantId: string; quantity: number }[]): Promise<void>
  refresh(caller: Caller, quotes: readonly Quote[]): Promise<CartSnapshot>
  /** Returns whether the cart holds anything of the product. */
  applyUpdate(caller: Caller, update: Extract<LineUpdate, { productId: unknown }>): Promise<boolean>
  /** Moves all lines, and those of an unfinished earlier call, to the cart of another shopper. */
  transferTo(caller: Caller, target: Pick<Caller, 'userId' | 'ifMatch'>): Promise<Refusal>
  /** Adds the lines of a transfer, once per merge id and with the same answer each time. */
  mergeIn(caller: Caller, transfer: Transfer): Promise<Refusal>
}
