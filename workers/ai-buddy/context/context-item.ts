import type { CartSnapshot } from '../../../shared/contracts/cart'
import type { Availability } from '../../../shared/contracts/facts'
import type { Instant, ProductId, UserId, VariantId } from '../../../shared/contracts/ids'
import type { Money } from '../../../shared/contracts/money'
import type { OrderSummary } from '../../../shared/contracts/order'

/** A variant on sale, as product and inventory describe it in this turn, with the parts of its page that fit the question. */
export type ProductContext = {
  kind: 'product'
  productId: ProductId
  variantId: VariantId
  sellerId: UserId
  /** The product's title, and the variant's where it has one. The seller wrote both. */
  title: string
  category: string
  unitPrice: Money
  availability: Availability
  /** Pieces that can be bought. */
  available: number
  /** What the seller wrote: data, never instructions. */
  passages: string[]
}
/** A section of a support article. */
export type ArticleContext = { kind: 'article'; articleId: string; title: string; section: string; url: string; text: string }
export type OrderContext = { kind: 'order'; order: OrderSummary }
export type CartContext = { kind: 'cart'; cart: CartSnapshot }
export type Context = ProductContext | ArticleContext | OrderContext | CartContext

/** Something read in this turn on behalf of the user who asks. `n` counts from 1; the mark `[2]` in an answer cites item 2. */
export type ContextItem = { n: number } & Context
export type ItemOf<K extends Context['kind']> = Extract<ContextItem, { kind: K }>

/** What goes into the cart if the shopper says yes in their next message. */
export type Proposal = {
  productId: ProductId
  variantId: VariantId
  title: string
  quantity: number
  unitPrice: Money
  expiresAt: Instant
}

/** What a turn does besides reading; null when it only reads. */
export type CartAction =
  | { type: 'proposed'; proposal: Proposal }
  /** The cart after it is among the items. */
  | { type: 'added'; proposal: Proposal }
  | { type: 'declined' }
  /** Nothing was there to confirm, it was too late, or the cart does not take it: `why` is the code of the problem. */
  | { type: 'refused'; why: string; proposal: Proposal | null }
