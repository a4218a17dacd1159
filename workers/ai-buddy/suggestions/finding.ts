import type { Availability } from '../../../shared/contracts/facts'
import type { ProductId, VariantId } from '../../../shared/contracts/ids'
import type { Money } from '../../../shared/contracts/money'

/** A price beside those of comparable products of other sellers, in one currency. Of a product, the cheapest variant counts. */
export type PriceEvidence = {
  price: Money
  median: Money
  /** The first and the third quartile. */
  spread: { low: Money; high: Money }
  comparables: { productId: ProductId; title: string; price: Money }[]
}

export type StockEvidence = {
  variantId: VariantId
  /** Null where a product has but one. */
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
/** What is wrong with a field of a listing, and what it says now. */
export type ListingEvidence = { field: Field; flaw: Flaw; present: string[] }

/** Something to suggest: what was seen, and what would be done about it; null where only the seller can tell. */
export type Finding =
  | { kind: 'price'; evidence: PriceEvidence; proposal: { prices: { variantId: VariantId; unitPrice: Money }[] } }
  | { kind: 'stock'; evidence: StockEvidence; proposal: { quantity: number } }
  | {
      kind: 'listing'
      evidence: ListingEvidence
      proposal: { title?: string; tags?: string[]; description?: undefined; images?: undefined } | null
    }

/** What a rule says of one subject, also when it has nothing to suggest: `basis` is what a dismissal of it holds for. */
export type Verdict = { kind: Finding['kind']; subject: string; basis: string; finding: Finding | null }
