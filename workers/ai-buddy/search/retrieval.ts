import { logger } from '../../../shared/runtime/logger'
import { fuse } from './fusion'
import type { Hit, Passage, SearchFilters } from './passage'
import type { SearchIndex } from './search-index.do'
import type { Vectors } from './vector-store'

/** How many passages near in meaning are asked for; the filters that only the index of words applies leave fewer. */
const nearestAsked = 40

type Words = Pick<SearchIndex, 'find' | 'byKeys'>
type Meanings = Pick<Vectors, 'query'> | null

/** Where answers are looked for. What it returns of products may be old: read them anew before stating anything. */
export type Retrieval = {
  /** The best passages, at most one per source, best first. `interests` (category to weight in 0..1) decide between equals. */
  search(question: string, filters: SearchFilters, limit: number, interests?: Record<string, number>): Promise<Passage[]>
}

/** Search by words, and by meaning where vectors are configured. While those do not answer, it goes by words alone. */
export const retrieval = (index: Words, vectors: Meanings): Retrieval => ({
  async search(question, filters, limit, interests) {
    const [byWords, byMeaning] = await Promise.all([index.find(question, filters), meant(index, vectors, question, filters)])
    return fuse([...byWords, byMeaning], limit, interests)
  },
})

async function meant(index: Words, vectors: Meanings, question: string, filters: SearchFilters): Promise<Hit[]> {
  if (!vectors) return []
  try {
    const keys = await vectors.query(question, filters, nearestAsked)
    return keys.length === 0 ? [] : await index.byKeys(keys, filters)
  } catch (error) {
    logger.warn('found by words alone', { error })
    return []
  }
}
