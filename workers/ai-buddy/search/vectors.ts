import { breakerOf, type CircuitBreaker } from '../../../shared/runtime/circuit-breaker'
import { maxChunks } from './chunks'
import type { SearchFilters } from './passage'
import { upstashVectors } from './upstash-vector'
import type { VectorBindings, VectorMetadata, VectorStore, Vectors } from './vector-store'
import { vectorize } from './vectorize'

/** The key of a passage outside of the index of words. */
export const keyOf = (source: string, place: number): string => `${source}#${place}`

/** A store behind the circuit breaker of its dependency. */
const vectorsOf = (store: VectorStore, dependency: CircuitBreaker): Vectors => ({
  put: (source, metadata, passages) =>
    dependency.run(async (signal) => {
      if (passages.length > 0) await store.upsert(metadata, passages, signal)
      // A text that became shorter leaves keys behind. No store lists the keys of a source, but none has more than this.
      const rest = Array.from({ length: maxChunks - passages.length }, (_, index) => keyOf(source, passages.length + index))
      if (rest.length > 0) await store.remove(rest, signal)
    }),
  query: (question, filters, limit) => dependency.run((signal) => store.nearest(question, metadataIn(filters), limit, signal)),
})

/** The filters that a store may narrow by. The index of words applies all of them, and alone a category that is no slug. */
function metadataIn({ kinds, category, sellerId }: SearchFilters): Partial<VectorMetadata> {
  const [kind, ...others] = kinds ?? []
  if (kind === undefined || others.length > 0) return {}
  if (kind === 'article') return { kind }
  const isPlain = category !== undefined && /^[\p{L}\p{N}_-]+$/u.test(category)
  return { kind, ...(isPlain ? { category } : {}), ...(sellerId === undefined ? {} : { seller: sellerId }) }
}

/** The store that is configured; null where none is. */
export function vectorsFrom(env: VectorBindings): Vectors | null {
  const { AI, VECTORS, EMBEDDING_MODEL, UPSTASH_VECTOR_REST_URL: url, UPSTASH_VECTOR_REST_TOKEN: token } = env
  const store = AI && VECTORS ? vectorize(AI, VECTORS, EMBEDDING_MODEL) : url && token ? upstashVectors(url, token) : null
  return store && vectorsOf(store, breakerOf(env, 'vectors'))
}
