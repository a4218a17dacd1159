import type { Availability } from './facts'
import type { Instant, OrderId, ProductId, UserId, VariantId } from './ids'

export type StockLine = { variantId: VariantId; quantity: number }
export type Level = { variantId: VariantId; available: number; availability: Availability }
export type Opening = { variantId: VariantId; productId: ProductId; sellerId: UserId; onHand: number }

/** What somebody counted of a variant: what is physically there, held units included. */
export type Count = { variantId: VariantId; onHand: number }

/** Units that arrived of a variant. A receipt that comes again under its `id` is booked once, whatever its quantity. */
export type Receipt = { id: string; variantId: VariantId; quantity: number }

export type HoldAnswer =
  | { held: true }
  /** What is short, and how much of it there is. */
  | { held: false; short: { variantId: VariantId; asked: number; available: number }[] }

/** What other Workers may ask inventory. */
export interface InventoryApi {
  /** Begins to keep stock of variants; one that is already kept stays as it is. */
  open(openings: Opening[]): Promise<Level[]>
  /**
   * Sets what is physically there of a seller's variants. All counts are checked before any is set, so that a refusal changes
   * nothing; only what orders do at that very moment can still refuse one of several. Answers levels in the order asked.
   * @throws AppError `not_found`, for another seller's too, `invalid_state` when more is held than that, `conflict`
   */
  setOnHand(sellerId: UserId, counts: Count[], actorId: UserId, reason: string | null): Promise<Level[]>
  /**
   * Adds units that arrived of a seller's variant to what is physically there. Returns the level after that.
   * @throws AppError `not_found`, for another seller's too, `validation_failed`, `conflict`
   */
  receive(sellerId: UserId, receipt: Receipt, reason: string | null): Promise<Level>
  /** Present levels, in the order of the request; a variant without stock record is out. */
  levels(variantIds: VariantId[]): Promise<Level[]>
  /**
   * Holds all lines for an order, or no more than before. Idempotent by order id: a hold that expires sooner is renewed. An
   * unconfirmed hold expires at `expiresAt`.
   * @throws AppError `busy` (with retryAfter) when a variant carries 1,000 open holds, `invalid_state` when the order holds
   *   another quantity of a variant
   */
  hold(orderId: OrderId, lines: StockLine[], expiresAt: Instant): Promise<HoldAnswer>
  /**
   * Makes the holds of a paid order permanent until they are committed or released, taking again what had expired meanwhile.
   * `{ held: false }` when that is no longer possible: the order must be canceled, which releases what it does hold, and its
   * money returned.
   * @throws AppError `busy`, `invalid_state`, as `hold`
   */
  confirm(orderId: OrderId, lines: StockLine[]): Promise<HoldAnswer>
  /**
   * Gives holds back. Idempotent by order id. An order that has ended gives up `any`; a checkout that was refused only
   * `unconfirmed` ones, since another attempt of it may be an order that is paid.
   */
  release(orderId: OrderId, lines: StockLine[], which: 'any' | 'unconfirmed'): Promise<void>
}
