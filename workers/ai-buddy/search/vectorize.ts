import type { VectorBindings, VectorStore } from './vector-store'

/**
 * Vectorize, with texts embedded by Workers AI. The index needs metadata indexes on `kind`, `category` and `seller` from before the first
 * vector. Source: https://developers.cloudflare.com/vectorize/reference/client-api/
 */
export function vectorize(
  ai: NonNullable<VectorBindings['AI']>,
  index: NonNullable<VectorBindings['VECTORS']>,
  model: string,
): VectorStore {
  const embed = async (texts: string[]): Promise<number[][]> => {
    // The types list models by name, and a deployment chooses its own.
    const answer: unknown = await ai.run(model as keyof AiModels, { text: texts } as never)
    const { data } = answer as { data?: number[][] }
    if (data?.length !== texts.length) throw new TypeError('The model gave no embedding of each text')
    return data
  }
  return {
    async upsert(metadata, passages) {
      const vectors = await embed(passages.map(({ text }) => text))
      await index.upsert(vectors.map((values, at) => ({ id: passages[at]?.key ?? '', values, metadata })))
    },
    async remove(keys) {
      await index.deleteByIds([...keys])
    },
    async nearest(question, metadata, limit) {
      const [vector = []] = await embed([question])
      const { matches } = await index.query(vector, { topK: limit, filter: metadata })
      return matches.map(({ id }) => id)
    },
  }
}
