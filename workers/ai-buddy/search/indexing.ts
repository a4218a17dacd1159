import { AppError } from '../../../shared/contracts/errors'
import type { Envelope } from '../../../shared/contracts/events'
import type { Described, ProductApi } from '../../../shared/contracts/product'
import { articleSource, articles, articlesDigest } from './articles'
import { chunksOf } from './chunks'
import type { Source } from './passage'
import type { SearchIndex } from './search-index.do'
import type { Vectors } from './vector-store'
import { keyOf } from './vectors'

/** Null where no vectors are configured. */
type Embedder = Pick<Vectors, 'put'> | null

/**
 * Brings the index up to what product says now, whatever the event says: so late and repeated events are harmless. Words come first; a
 * product that could not be embedded is retried with the message. @throws AppError `unavailable`; `conflict` when it changed meanwhile
 */
export async function indexProduct(
  { data }: Envelope<'product.updated'>,
  deps: { product: Pick<ProductApi, 'describe'>; index: Pick<SearchIndex, 'put' | 'versionOf'>; vectors: Embedder },
): Promise<void> {
  const [described] = await deps.product.describe([data.productId])
  if (!described) return
  const source = productSource(described)
  const isTaken = await deps.index.put(source)
  if (!isTaken || !deps.vectors) return
  await embed(deps.vectors, source)
  // A newer version that was indexed meanwhile may have been embedded first.
  if ((await deps.index.versionOf(source.id)) !== source.version) throw new AppError('conflict')
}

/** Records the availability that a search may be narrowed by. */
export const indexStock = (
  { data }: Envelope<'stock.changed'>,
  deps: { index: Pick<SearchIndex, 'recordStock'> },
): Promise<void> => deps.index.recordStock(data.variantId, data.availability, data.version)

/** Embeds the articles that the code came with, unless that was done. The index of words loads them by itself. */
export async function embedArticles(deps: {
  index: Pick<SearchIndex, 'embedded' | 'recordEmbedded'>
  vectors: Embedder
}): Promise<void> {
  if (!deps.vectors || (await deps.index.embedded()) === articlesDigest) return
  for (const article of articles) await embed(deps.vectors, articleSource(article))
  await deps.index.recordEmbedded(articlesDigest)
}

async function embed(vectors: Pick<Vectors, 'put'>, { id, kind, category, seller, title, chunks }: Source): Promise<void> {
  const passages = chunks.map(({ section, text }, place) => ({
    key: keyOf(id, place),
    text: [title, section, text].filter((part) => part !== null && part !== '').join('\n'),
  }))
  await vectors.put(id, { kind, ...(category === null ? {} : { category }), ...(seller === null ? {} : { seller }) }, passages)
}

/** A product as the index stores it: without chunks unless it is on sale. */
function productSource(product: Described): Source {
  const { productId, version, sellerId, status, title, category, tags, variants } = product
  const words = variants.flatMap((variant) => [variant.title ?? '', ...Object.values(variant.options)])
  const described = chunksOf(product.description)
  return {
    ...{ kind: 'product', id: productId, version, title, category, seller: sellerId },
    tags: [...new Set([category, ...tags, ...words])],
    currency: variants[0]?.unitPrice.currency ?? null,
    variants: variants.map(({ variantId, unitPrice, availability }) => ({
      id: variantId,
      amount: unitPrice.amount,
      availability,
    })),
    // A product without a description is found by its title.
    chunks: status !== 'active' ? [] : described.length > 0 ? described : [{ section: null, text: '', digest: '' }],
  }
}
