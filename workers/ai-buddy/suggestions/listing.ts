import type { Instant, ProductId, UserId, VariantId } from '../../../shared/contracts/ids'
import type { Currency } from '../../../shared/contracts/money'
import type { Described } from '../../../shared/contracts/product'
import { keywordsOf, stemsOf } from '../text/tokens'

/** What a product on sale is compared by: what it is, and what it costs. */
export type Facts = {
  sellerId: UserId
  title: string
  category: string
  tags: string[]
  currency: Currency
  /** Of the cheapest variant, in minor units. */
  price: number
  /** Stems of title and tags. */
  words: string[]
}

/** A product that suggestions are made for: its last known facts, and when its suggestions are next recomputed. */
export type Listing = {
  _id: ProductId
  /** The product's version that `facts` are of; 0 before it was read. */
  version: number
  /** Null unless it is on sale. */
  facts: Facts | null
  due: Instant
  /** How often it was marked dirty: a recomputation that began at an earlier count may have missed a change. */
  marks: number
  /** By variant, the version of its stock when it last came back in stock: a dismissed alert holds for the shortage before that. */
  recovered: { [variantId: VariantId]: number }
}

/** Every listing is recomputed once in this time, even without an event. */
export const recomputedEvery = 24 * 3_600_000

/** The facts of a product; null unless it is on sale. */
export function factsOf({ status, sellerId, title, category, tags, variants }: Described): Facts | null {
  const [cheapest] = variants.map(({ unitPrice }) => unitPrice).sort((a, b) => a.amount - b.amount)
  if (status !== 'active' || !cheapest) return null
  const words = stemsOf(keywordsOf([title, ...tags].join(' ')).join(' '))
  return { sellerId, title, category, tags, currency: cheapest.currency, price: cheapest.amount, words }
}
