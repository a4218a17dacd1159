import { type CircuitBreaker, breakerOf } from '../../../shared/runtime/circuit-breaker'
import { maxChunks } from './chunks'
import type { SearchFilters } from './retrieval'
import { upstashVectors } from './upstash-vector'
import { vectorize } from './vectorize'

/** A passage as it is found by meaning. */
export type Meaning = {
  /** By which the index of words knows it. */
  key: string
  /** With its title and heading, which often say what the text is about. */
  text: string
}

/** What is known of a source besides its text, for filters. */
export type Bearings = { kind: 'product' | 'article'; category?: string; seller?: string }

/** Who finds by meaning. What it finds are keys: whether and how that is still there, the index of words knows. */
export type Vectors = {
  /** Puts passages in place of all that was there of a source; none take it away. @throws AppError `unavailable` */
  put(source: string, bearings: Bearings, passages: readonly Meaning[]): Promise<void>
  /** The keys nearest in meaning, the nearest first. @throws AppError `unavailable` */
  query(question: string, filters: SearchFilters, limit: number): Promise<string[]>
}

/** A store of vectors that embeds texts or has them embedded. */
export type VectorStore = {
  upsert(bearings: Bearings, passages: readonly Meaning[], signal: AbortSignal): Promise<void>
  /** Keys that are not there are no error. */
  remove(keys: readonly string[], signal: AbortSignal): Promise<void>
  nearest(question: string, bearings: Partial<Bearings>, limit: number, signal: AbortSignal): Promise<string[]>
}

/** By which a passage is known outside of the index of words. */
export const keyOf = (source: string, place: number): string => `${source}#${place}`

/** A store behind the breaker of its dependency. */
const vectorsOf = (store: VectorStore, dependency: CircuitBreaker): Vectors => ({
  put: (source, bearings, passages) =>
    dependency.run(async (signal) => {
      if (passages.length > 0) await store.upsert(bearings, passages, signal)
      // Of a text that became shorter. No store tells what it has of a source, but none has more than this.
      const rest = Array.from({ length: maxChunks - passages.length }, (_, index) => keyOf(source, passages.length + index))
      if (rest.length > 0) await store.remove(rest, signal)
    }),
  query: (question, filters, limit) => dependency.run((signal) => store.nearest(question, bearingsIn(filters), limit, signal)),
})

/** What of the filters a store may narrow by. The index of words applies all of them; a category that is no slug is left to it alone. */
function bearingsIn({ kinds, category, sellerId }: SearchFilters): Partial<Bearings> {
  const [kind, ...others] = kinds ?? []
  if (kind === undefined || others.length > 0) return {}
  if (kind === 'article') return { kind }
  const isPlain = category !== undefined && /^[\p{L}\p{N}_-]+$/u.test(category)
  return { kind, ...(isPlain ? { category } : {}), ...(sellerId === undefined ? {} : { seller: sellerId }) }
}

/** What a deployment may add to its config for search by meaning; without, search goes by words alone. */
export type VectorBindings = {
  EMBEDDING_MODEL: string
  AI?: Pick<Ai, 'run'>
  VECTORS?: Pick<Vectorize, 'upsert' | 'deleteByIds' | 'query'>
  UPSTASH_VECTOR_REST_URL?: string
  UPSTASH_VECTOR_REST_TOKEN?: string
}

/** The store that is set up; null where none is. */
export function vectorsFrom(env: VectorBindings): Vectors | null {
  const { AI, VECTORS, EMBEDDING_MODEL, UPSTASH_VECTOR_REST_URL: url, UPSTASH_VECTOR_REST_TOKEN: token } = env
  const store = AI && VECTORS ? vectorize(AI, VECTORS, EMBEDDING_MODEL) : url && token ? upstashVectors(url, token) : null
  return store && vectorsOf(store, breakerOf(env, 'vectors'))
}
