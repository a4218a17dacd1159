import type { Availability } from '../../../shared/contracts/facts'
import type { ProductId, VariantId } from '../../../shared/contracts/ids'
import type { Money } from '../../../shared/contracts/money'

/** A price beside those of comparable products of other sellers, in one currency. The price of a product is that of its cheapest variant. */
export type PriceEvidence = {
  price: Money
  median: Money
  /** The first and the third quartile. */
  spread: { low: Money; high: Money }
  comparables: { productId: ProductId; title: string; price: Money }[]
}

export type StockEvidence = {
  variantId: VariantId
  /** Null where a product has only one variant. */
  variantTitle: string | null
  available: number
  availability: Availability
  /** In the days that count. */
  unitsSold: number
  dailySales: number
  daysOfCover: number
}

export const fields = ['images', 'description', 'tags', 'title'] as const
export type Field = (typeof fields)[number]
export const flaws = [
  'no_pictures',
  'short_description',
  'few_tags',
  'title_of_one_word',
  'title_in_capitals',
  'title_too_long',
  'title_like_a_sku',
] as const
export type Flaw = (typeof flaws)[number]
/** What is wrong with a field of a listing, and its present content. */
export type ListingEvidence = { field: Field; flaw: Flaw; present: string[] }

/** Something to suggest: its evidence, and what applying it would do; a null proposal is for the seller to fill in. */
export type Advice =
  | { kind: 'price'; evidence: PriceEvidence; proposal: { prices: { variantId: VariantId; unitPrice: Money }[] } }
  | { kind: 'stock'; evidence: StockEvidence; proposal: { quantity: number } }
  | {
      kind: 'listing'
      evidence: ListingEvidence
      proposal: { title?: string; tags?: string[]; description?: undefined; images?: undefined } | null
    }

/** The result of a rule for one subject. A dismissal holds while `basis` stays the same, whether or not there is anything to suggest. */
export type Finding = { kind: Advice['kind']; subject: string; basis: string; advice: Advice | null }
