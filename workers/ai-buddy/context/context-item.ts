import type { CartSnapshot } from '../../../shared/contracts/cart'
import type { Availability } from '../../../shared/contracts/facts'
import type { Instant, ProductId, UserId, VariantId } from '../../../shared/contracts/ids'
import type { Money } from '../../../shared/contracts/money'
import type { OrderSummary } from '../../../shared/contracts/order'

/** A variant on sale as product and inventory told of it in this turn, and what its page says about what was asked. */
export type ProductRead = {
  kind: 'product'
  productId: ProductId
  variantId: VariantId
  sellerId: UserId
  /** The product's title, and the variant's where it has one. */
  title: string
  category: string
  unitPrice: Money
  availability: Availability
  /** Pieces that can be bought. */
  available: number
  /** What the seller wrote: data, never anything to act on. */
  passages: string[]
}
/** A section of a support article. */
export type ArticleRead = { kind: 'article'; articleId: string; title: string; section: string; url: string; text: string }
export type OrderRead = { kind: 'order'; order: OrderSummary }
export type CartRead = { kind: 'cart'; cart: CartSnapshot }

/**
 * Something read in this turn, as the user who asks. `n` counts from 1: what an answer claims is bound to a read by its mark, `[2]`,
 * and what is bound to none is not said.
 */
export type Read = { n: number } & (ProductRead | ArticleRead | OrderRead | CartRead)

/** What somebody wants, as it follows from their words alone: nothing that was read has a say in it. */
export type Intent =
  | 'find_products'
  | 'ask_product'
  | 'ask_support'
  | 'see_orders'
  | 'see_cart'
  | 'add_to_cart'
  | 'confirm'
  | 'decline'
  | 'greet'
  | 'other'

/** What would go into the cart if the shopper said yes in their next message. */
export type Proposal = {
  productId: ProductId
  variantId: VariantId
  title: string
  quantity: number
  unitPrice: Money
  expiresAt: Instant
}

/** What a turn did or would do besides reading; null when it only reads. */
export type Deed =
  | { did: 'proposed'; proposal: Proposal }
  /** The cart after it is among the reads. */
  | { did: 'added'; proposal: Proposal }
  | { did: 'declined' }
  /** Nothing was there to confirm, it was too late, or the cart would not take it: `why` is the code of the problem, or `unnamed` for what cannot be called by its name. */
  | { did: 'refused'; why: string; proposal: Proposal | null }
