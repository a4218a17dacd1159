import { AppError } from '../../shared/contracts/errors'
import type { Instant, ProductId, UserId, VariantId } from '../../shared/contracts/ids'
import type { Described, Quote, QuoteOptions } from '../../shared/contracts/product'
import { page } from '../../shared/http/cursor'
import type { Cache } from '../../shared/storage/cache'
import { cacheKeys } from '../../shared/storage/cache-keys'
import type { Answer } from '../../shared/storage/memory'
import { type Found, readThrough } from '../../shared/storage/read-through'
import { type CatalogueQuery, pageQuery, placeOf } from './catalogue'
import { toProductDto } from './dto'
import { lastKnownQuotes } from './last-known'
import { describedOf, isVisible, quoteOf, type Shown, type Status } from './product'
import { catalogueEntry, productEntry } from './read-through'
import type { ProductRepo } from './repo'

type Needs<Read extends keyof ProductRepo> = { products: Pick<ProductRepo, Read>; cache: Cache }

export type Viewer = { userId: UserId; role: string } | undefined

/** A product as JSON. @throws AppError `not_found`, also when the viewer may not see it */
export async function readProduct(deps: Needs<'loadShown'>, viewer: Viewer, productId: ProductId): Promise<Found> {
  const found = await readThrough(deps.cache, productEntry(productId), async () => {
    const product = await deps.products.loadShown(productId)
    return product && answerOf(product)
  })
  const { status, sellerId } = (found?.facts ?? {}) as { status: Status; sellerId: UserId }
  if (!found || !isVisible({ status, sellerId }, viewer)) throw new AppError('not_found')
  return found
}

const answerOf = (product: Shown): Answer => ({
  facts: { status: product.status, sellerId: product.sellerId, version: product.version },
  text: JSON.stringify(toProductDto(product)),
  names: Object.fromEntries(product.variants.map(({ id }) => [cacheKeys.productOfVariant.of(id), product._id])),
})

/**
 * A page of the catalogue, as JSON. Sellers also see the drafts among their own products. First pages that are the same for everyone are
 * cached.
 */
export async function listProducts(
  deps: Needs<'page'> & { now: () => Instant },
  viewer: Viewer,
  query: CatalogueQuery,
): Promise<Pick<Found, 'text' | 'at' | 'stale'>> {
  const isOwn = query.seller !== undefined && (viewer?.userId === query.seller || viewer?.role === 'admin')
  const load = async (): Promise<Answer> => {
    const conditions = pageQuery(query, isOwn ? ['active', 'draft'] : ['active'])
    const found = conditions ? await deps.products.page(conditions.filter, conditions.sort, query.limit + 1) : []
    const answer = page(found, query.limit, toProductDto, (product) => placeOf(query.sort, product))
    return { facts: {}, text: JSON.stringify(answer) }
  }
  const uncached = async () => ({ ...(await load()), at: deps.now(), stale: false })
  if (isOwn || query.cursor !== undefined) return uncached()
  return (await readThrough(deps.cache, catalogueEntry(query), load)) ?? uncached()
}

/** The most variants, or products, of one call. */
const maxQuotes = 100

/**
 * Present facts from the database: one answer per id, in the same order. With `orLastKnown`, a caller gets the last known facts while
 * the database is down. @throws AppError `unavailable`
 */
export async function quote(
  deps: Needs<'withVariants'>,
  variantIds: readonly VariantId[],
  { orLastKnown = false }: QuoteOptions = {},
): Promise<Quote[]> {
  if (variantIds.length > maxQuotes) throw new AppError('bad_request', `At most ${maxQuotes} variants at once`)
  if (variantIds.length === 0) return []
  try {
    const products = await deps.products.withVariants(variantIds)
    const byVariant = new Map(products.flatMap((product) => product.variants.map(({ id }) => [id, product] as const)))
    return variantIds.map((variantId) => quoteOf(byVariant.get(variantId), variantId))
  } catch (error) {
    if (!orLastKnown || !AppError.is(error, 'unavailable')) throw error
    const known = await lastKnownQuotes(deps.cache, variantIds)
    if (!known) throw error
    return known
  }
}

/** Present facts of products from the database, whatever their status. @throws AppError `unavailable` */
export async function describe(
  deps: Pick<Needs<'loadAllShown'>, 'products'>,
  productIds: readonly ProductId[],
): Promise<Described[]> {
  if (productIds.length > maxQuotes) throw new AppError('bad_request', `At most ${maxQuotes} products at once`)
  return productIds.length === 0 ? [] : (await deps.products.loadAllShown(productIds)).map(describedOf)
}
