import type { SearchFilters } from './passage'

/** A passage as it is embedded. */
export type EmbeddingInput = {
  /** Its key in the index of words. */
  key: string
  /** With its title and heading, which often name the subject of the text. */
  text: string
}

/** What is stored beside a vector, for filters. */
export type VectorMetadata = { kind: 'product' | 'article'; category?: string; seller?: string }

/** Search by meaning. It finds keys; whether such a passage still exists, and its text, only the index of words knows. */
export type Vectors = {
  /** Replaces all passages of a source; none remove it. @throws AppError `unavailable` */
  put(source: string, metadata: VectorMetadata, passages: readonly EmbeddingInput[]): Promise<void>
  /** The keys nearest in meaning, the nearest first. @throws AppError `unavailable` */
  query(question: string, filters: SearchFilters, limit: number): Promise<string[]>
}

/** A store of vectors that embeds texts or has them embedded. */
export type VectorStore = {
  upsert(metadata: VectorMetadata, passages: readonly EmbeddingInput[], signal: AbortSignal): Promise<void>
  /** A key that is not stored is no error. */
  remove(keys: readonly string[], signal: AbortSignal): Promise<void>
  nearest(question: string, metadata: Partial<VectorMetadata>, limit: number, signal: AbortSignal): Promise<string[]>
}

/** What a deployment may add to its config for search by meaning; without it, search goes by words alone. */
export type VectorBindings = {
  EMBEDDING_MODEL: string
  AI?: Pick<Ai, 'run'>
  VECTORS?: Pick<Vectorize, 'upsert' | 'deleteByIds' | 'query'>
  UPSTASH_VECTOR_REST_URL?: string
  UPSTASH_VECTOR_REST_TOKEN?: string
}
