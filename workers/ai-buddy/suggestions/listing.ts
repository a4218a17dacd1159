import type { Instant, ProductId, UserId, VariantId } from '../../../shared/contracts/ids'
import type { Currency } from '../../../shared/contracts/money'
import type { Described } from '../../../shared/contracts/product'
import { keywordsOf, stemsOf } from '../text/tokens'

/** What others are compared with: a product on sale, as far as it says what it is and what it costs. */
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

/** A product that suggestions are made for: what was last known of it, and when it is to be looked at next. */
export type Listing = {
  _id: ProductId
  /** The product's version that `facts` are of; 0 while it was only heard of. */
  version: number
  /** Null unless it is on sale. */
  facts: Facts | null
  due: Instant
  /** How often something was heard of it: whoever looked at it before the last time has not seen all. */
  wakes: number
  /** By variant, the version of its stock when it last came to be in stock: a dismissed alert is for the shortage before that. */
  recovered: { [variantId: VariantId]: number }
}

/** Every listing is looked at once in this time, whatever is heard. */
export const lookedAtEvery = 24 * 3_600_000

/** What a product is to others that are compared with it; null unless it is on sale. */
export function factsOf({ status, sellerId, title, category, tags, variants }: Described): Facts | null {
  const [cheapest] = variants.map(({ unitPrice }) => unitPrice).sort((a, b) => a.amount - b.amount)
  if (status !== 'active' || !cheapest) return null
  const words = stemsOf(keywordsOf([title, ...tags].join(' ')).join(' '))
  return { sellerId, title, category, tags, currency: cheapest.currency, price: cheapest.amount, words }
}
