import { Index } from '@upstash/vector/cloudflare'
import type { VectorStore } from './vectors'

/**
 * Upstash Vector, with an index that embeds texts itself. Source: https://upstash.com/docs/vector/api/endpoints/upsert-data and
 * https://upstash.com/docs/vector/features/filtering
 */
export function upstashVectors(url: string, token: string): VectorStore {
  // The signal is a client's: one per call. Given as a function, an abort is an error rather than an empty answer.
  const index = (signal: AbortSignal) => new Index({ url, token, retry: false, enableTelemetry: false, signal: () => signal })
  return {
    async upsert(bearings, passages, signal) {
      await index(signal).upsert(passages.map(({ key, text }) => ({ id: key, data: text, metadata: bearings })))
    },
    async remove(keys, signal) {
      await index(signal).delete([...keys])
    },
    async nearest(question, bearings, limit, signal) {
      // Names and values are slugs and ids, in which no quote can be.
      const filter = Object.entries(bearings).map(([name, value]) => `${name} = '${value}'`)
      const asked = filter.length > 0 ? { filter: filter.join(' AND ') } : {}
      const found = await index(signal).query({ data: question, topK: limit, ...asked })
      return found.map(({ id }) => String(id))
    },
  }
}
