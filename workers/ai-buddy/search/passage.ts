import type { Availability } from '../../../shared/contracts/facts'
import type { ProductId, UserId } from '../../../shared/contracts/ids'
import type { Currency } from '../../../shared/contracts/money'
import type { Chunk } from './chunks'

/** What may narrow a search. Prices are minor units of `currency` and are compared with the prices that were indexed last. */
export type SearchFilters = {
  kinds?: readonly ('product' | 'article')[]
  category?: string
  sellerId?: UserId
  minPrice?: number
  maxPrice?: number
  currency?: Currency
  /** Only what is not out of stock. */
  inStock?: boolean
}

/** A part of a product's page or of an article that fits a question. */
export type Passage = {
  kind: 'product' | 'article'
  /** The product's id, or the article's name. */
  sourceId: ProductId | (string & {})
  title: string
  /** The heading it stands under, for articles. */
  section: string | null
  text: string
  /** Made of ranks, not of an engine's own scores: comparable within one search alone. */
  score: number
}

/** A product's page or an article as the index stores it. Without chunks it can no longer be found. */
export type Source = {
  kind: 'product' | 'article'
  id: string
  version: number
  title: string
  /** Words that it is found by and that are never quoted. */
  tags: string[]
  seller: string | null
  category: string | null
  currency: Currency | null
  variants: { id: string; amount: number; availability: Availability }[]
  chunks: Chunk[]
}

/** A passage in the ranking of one engine. */
export type Hit = {
  source: string
  kind: Source['kind']
  title: string
  section: string | null
  text: string
  digest: string
  seller: string | null
  category: string | null
}
