import type { ProductId, UserId } from '../../../shared/contracts/ids'
import type { Currency } from '../../../shared/contracts/money'
import { logger } from '../../../shared/runtime/logger'
import { fuse } from './fusion'
import type { Hit } from './index-store'
import type { SearchIndex } from './search-index.do'
import type { Vectors } from './vectors'

/** How many passages near in meaning are asked for; of those, the filters that only the index of words knows leave fewer. */
const nearestAsked = 40

/** What may narrow a search. Prices are minor units of `currency` and are those that the index last heard of. */
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
  /** Of ranks, not of any engine's own measure: comparable within one answer alone. */
  score: number
}

/** Where answers are looked for. What it tells of products may be old: whoever claims anything reads it anew. */
export type Retrieval = {
  /** The best passages, at most one per source, best first. `interests` (category to weight in 0..1) decide between equals. */
  search(question: string, filters: SearchFilters, limit: number, interests?: Record<string, number>): Promise<Passage[]>
}

/**
 * Search by words, and by meaning where there is something that knows meanings. While that does not answer, by words alone.
 */
export const retrieval = (index: SearchIndex, vectors: Vectors | null): Retrieval => ({
  async search(question, filters, limit, interests) {
    const [byWords, byMeaning] = await Promise.all([index.find(question, filters), meant(index, vectors, question, filters)])
    return fuse([...byWords, byMeaning], limit, interests)
  },
})

async function meant(index: SearchIndex, vectors: Vectors | null, question: string, filters: SearchFilters): Promise<Hit[]> {
  if (!vectors) return []
  try {
    const keys = await vectors.query(question, filters, nearestAsked)
    return keys.length === 0 ? [] : await index.byKeys(keys, filters)
  } catch (error) {
    logger.warn('found by words alone', { error })
    return []
  }
}
