import type { CartSnapshot } from '../../shared/contracts/cart'
import type { OrderId, UserId, VariantId } from '../../shared/contracts/ids'
import type { Outcome } from '../../shared/contracts/outcome'
import type { Quote } from '../../shared/contracts/product'
import type { Line, Offer, Told } from './cart'
import type { Facts } from './facts'

/** Whose cart it is, on which trace, the versions that If-Match names, and, under an Idempotency-Key, the id of what is made once. */
export type Caller = { userId: UserId; traceparent: string; ifMatch?: readonly number[]; attempt?: string }

/** What a cart gave away and keeps until the other has recorded the merge id. */
export type Handout = { mergeId: string; targetId: UserId; lines: Line[] }

/** Why a merge did not happen; null when it did. */
export type Refusal = 'currency_mismatch' | 'precondition_failed' | null

/**
 * What one shopper's cart does. What a shopper changes is refused with `precondition_failed` unless the cart's version is among
 * those of `ifMatch`.
 */
export interface CartVerbs {
  snapshot(userId: UserId): Promise<CartSnapshot>
  /** As `snapshot`, for the shopper: a cart that slept looks again at what it holds, and tells what it finds. */
  visit(userId: UserId): Promise<CartSnapshot>
  add(caller: Caller, offer: Offer, level: Told, quantity: number): Promise<Outcome<CartSnapshot>>
  setQuantity(caller: Caller, variantId: VariantId, quantity: number, level: Told): Promise<Outcome<CartSnapshot>>
  remove(caller: Caller, variantId: VariantId): Promise<Outcome<CartSnapshot>>
  clear(caller: Caller): Promise<Outcome<CartSnapshot>>
  /** Once per order, however often it is called. */
  checkOut(caller: Caller, orderId: OrderId, lines: readonly { variantId: string; quantity: number }[]): Promise<void>
  refresh(caller: Caller, quotes: readonly Quote[]): Promise<CartSnapshot>
  /** Returns whether the cart holds anything of the product. */
  learn(caller: Caller, facts: Extract<Facts, { productId: unknown }>): Promise<boolean>
  /** Gives all lines, and what an earlier call may have left half-way, to the cart of another shopper. */
  giveTo(caller: Caller, target: Pick<Caller, 'userId' | 'ifMatch'>): Promise<Refusal>
  /** Takes in what another cart gives; once per merge id, and with the same answer each time. */
  takeIn(caller: Caller, handout: Handout): Promise<Refusal>
}
