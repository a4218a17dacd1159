import { Index } from '@upstash/vector/cloudflare'
import type { VectorStore } from './vector-store'

/**
 * Upstash Vector, with an index that embeds texts itself. Source: https://upstash.com/docs/vector/api/endpoints/upsert-data and
 * https://upstash.com/docs/vector/features/filtering
 */
export function upstashVectors(url: string, token: string): VectorStore {
  // A client has one signal, so each call makes a client. With a function an abort is an error; with a plain signal it is an empty answer.
  const index = (signal: AbortSignal) => new Index({ url, token, retry: false, enableTelemetry: false, signal: () => signal })
  return {
    async upsert(metadata, passages, signal) {
      await index(signal).upsert(passages.map(({ key, text }) => ({ id: key, data: text, metadata })))
    },
    async remove(keys, signal) {
      await index(signal).delete([...keys])
    },
    async nearest(question, metadata, limit, signal) {
      // Names and values are slugs and ids, which contain no quote.
      const filter = Object.entries(metadata).map(([name, value]) => `${name} = '${value}'`)
      const asked = filter.length > 0 ? { filter: filter.join(' AND ') } : {}
      const found = await index(signal).query({ data: question, topK: limit, ...asked })
      return found.map(({ id }) => String(id))
    },
  }
}
