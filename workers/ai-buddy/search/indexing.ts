import { AppError } from '../../../shared/contracts/errors'
import type { Envelope } from '../../../shared/contracts/events'
import type { Described } from '../../../shared/contracts/product'
import type { Deps } from '../deps'
import { articleSource, articles, articlesDigest } from './articles'
import { chunksOf } from './chunks'
import type { Source } from './index-store'
import { keyOf } from './vectors'

type IndexDeps = Pick<Deps, 'product' | 'index' | 'vectors'>

/**
 * Brings the index up to what product says now, whatever the event says: so late and repeated ones are harmless. Words come first; what
 * could not be embedded comes again with the message. @throws AppError `unavailable`; `conflict` when it changed meanwhile
 */
export async function indexProduct({ data }: Envelope<'product.updated'>, deps: IndexDeps): Promise<void> {
  const [described] = await deps.product.describe([data.productId])
  if (!described) return
  const source = productSource(described)
  const isTaken = await deps.index.put(source)
  if (!isTaken || !deps.vectors) return
  await embed(deps, source)
  // Whoever indexed a newer version at the same time may have been overtaken.
  if ((await deps.index.versionOf(source.id)) !== source.version) throw new AppError('conflict')
}

/** Notes the availability that a search can ask for. */
export const indexStock = ({ data }: Envelope<'stock.changed'>, deps: Pick<Deps, 'index'>): Promise<void> =>
  deps.index.noteStock(data.variantId, data.availability, data.version)

/** Has articles found by meaning that the code came with; done when they are. The index of words takes them in by itself. */
export async function embedArticles(deps: Pick<Deps, 'index' | 'vectors'>): Promise<void> {
  if (!deps.vectors || (await deps.index.embedded()) === articlesDigest) return
  for (const article of articles) await embed(deps, articleSource(article))
  await deps.index.noteEmbedded(articlesDigest)
}

async function embed({ vectors }: Pick<Deps, 'vectors'>, { id, kind, category, seller, title, chunks }: Source): Promise<void> {
  const passages = chunks.map(({ section, text }, place) => ({
    key: keyOf(id, place),
    text: [title, section, text].filter((part) => part !== null && part !== '').join('\n'),
  }))
  await vectors?.put(id, { kind, ...(category === null ? {} : { category }), ...(seller === null ? {} : { seller }) }, passages)
}

/** A product as the index takes it: without passages unless it is on sale. */
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
    // One that says nothing of itself is found by its title.
    chunks: status !== 'active' ? [] : described.length > 0 ? described : [{ section: null, text: '', digest: '' }],
  }
}
