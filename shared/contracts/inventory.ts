import type { Availability } from './events'
import type { Instant, OrderId, ProductId, UserId, VariantId } from './ids'

export type StockLine = { variantId: VariantId; quantity: number }
export type Level = { variantId: VariantId; available: number; availability: Availability }
export type Opening = { variantId: VariantId; productId: ProductId; sellerId: UserId; onHand: number }

export type HoldAnswer =
  | { held: true }
  /** What is short, and how much of it there is. Nothing is held. */
  | { held: false; short: { variantId: VariantId; asked: number; available: number }[] }

/** What other Workers may ask inventory. */
export interface InventoryApi {
  /** Begins to keep stock of variants; one that is already kept stays as it is. */
  open(openings: Opening[]): Promise<Level[]>
  /** Sets what is physically there, held units included. @throws AppError `invalid_state` when more is held than that */
  setOnHand(variantId: VariantId, sellerId: UserId, onHand: number, actorId: UserId, reason: string | null): Promise<Level>
  /** Present levels, in the order asked; a variant nobody opened is out. */
  levels(variantIds: VariantId[]): Promise<Level[]>
  /**
   * Holds all lines for an order, or none. Idempotent by order id. An unsecured hold expires at `expiresAt`.
   * @throws AppError `busy` (with retryAfter) when a variant carries 1,000 open holds
   */
  hold(orderId: OrderId, lines: StockLine[], expiresAt: Instant): Promise<HoldAnswer>
  /**
   * Makes the holds of a paid order permanent until they are committed or released, taking again what had expired meanwhile.
   * `{ held: false }` when that is no longer possible: the order must be canceled and its money returned.
   */
  secure(orderId: OrderId, lines: StockLine[]): Promise<HoldAnswer>
  /** Gives unpaid holds back. Idempotent by order id. */
  release(orderId: OrderId, lines: StockLine[]): Promise<void>
}
