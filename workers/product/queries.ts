import { AppError } from '../../shared/contracts/errors'
import type { ProductId, UserId, VariantId } from '../../shared/contracts/ids'
import type { Quote } from '../../shared/contracts/product'
import { page } from '../../shared/http/cursor'
import { type CatalogueQuery, pageQuery, placeOf } from './catalogue'
import type { Deps } from './deps'
import { type ProductDto, toProductDto } from './dto'
import { isVisible, quoteOf } from './product'
import { cached, catalogueShelf, productShelf } from './shelf'

export type Viewer = { userId: UserId; role: string } | undefined
export type ProductPage = { items: ProductDto[]; nextCursor: string | null }

/** A product as its viewer may see it. @throws AppError `not_found`, for somebody else's draft too */
export async function readProduct(deps: Deps, viewer: Viewer, productId: ProductId): Promise<ProductDto> {
  const product = await cached(deps.cache, productShelf(productId), async () => {
    const found = await deps.products.load(productId)
    return found && toProductDto(found)
  })
  if (!product || !isVisible(product, viewer)) throw new AppError('not_found')
  return product
}

/** A page of what is on sale; of their own products sellers see the drafts too. First pages that everyone sees alike are cached. */
export async function listProducts(deps: Deps, viewer: Viewer, query: CatalogueQuery): Promise<ProductPage> {
  const own = query.seller !== undefined && (viewer?.userId === query.seller || viewer?.role === 'admin')
  const load = async (): Promise<ProductPage> => {
    const asked = pageQuery(query, own ? ['active', 'draft'] : ['active'])
    if (!asked) return { items: [], nextCursor: null }
    const found = await deps.products.page(asked.filter, asked.sort, query.limit + 1)
    return page(found, query.limit, toProductDto, (product) => placeOf(query.sort, product))
  }
  if (own || query.cursor !== undefined) return load()
  return (await cached(deps.cache, catalogueShelf(query), load)) ?? load()
}

/** The most variants that one question may name. */
const maxQuotes = 100

/** Present facts from the database, never from the cache: one answer per asked id, in that order. */
export async function quote(deps: Deps, variantIds: readonly VariantId[]): Promise<Quote[]> {
  if (variantIds.length > maxQuotes) throw new AppError('bad_request', `At most ${maxQuotes} variants at once`)
  if (variantIds.length === 0) return []
  const products = await deps.products.withVariants(variantIds)
  const byVariant = new Map(products.flatMap((product) => product.variants.map(({ id }) => [id, product] as const)))
  return variantIds.map((variantId) => quoteOf(byVariant.get(variantId), variantId))
}
