import type { ProductId, VariantId } from '../../shared/contracts/ids'
import type { Quote } from '../../shared/contracts/product'
import type { Cache } from '../../shared/storage/cache'
import { cacheKeys } from '../../shared/storage/cache-keys'
import { lastKnown } from '../../shared/storage/read-through'
import type { ProductDto } from './dto'
import { quoteOf, type Sellable } from './product'
import { productEntry } from './read-through'

/** Quotes from the cache, marked as such; undefined when the cache does not know all variants. */
export async function lastKnownQuotes(cache: Cache, variantIds: readonly VariantId[]): Promise<Quote[] | undefined> {
  const named = await cache.attempt((redis) =>
    redis.mget<(ProductId | null)[]>(variantIds.map((variantId) => cacheKeys.productOfVariant.of(variantId))),
  )
  const quotes = await Promise.all(
    variantIds.map(async (variantId, index) => {
      const productId = named?.[index]
      const known = productId && (await lastKnown(cache, productEntry(productId)))
      if (!known) return []
      const quote = quoteOf(sellable(JSON.parse(known.text) as ProductDto), variantId)
      return [quote.status === 'active' ? { ...quote, lastKnown: true as const } : quote]
    }),
  )
  return quotes.every(({ length }) => length > 0) ? quotes.flat() : undefined
}

const sellable = ({ id, variants, ...product }: ProductDto): Sellable => ({
  ...product,
  _id: id,
  variants,
  stock: Object.fromEntries(variants.map(({ id: variantId, availability }) => [variantId, { availability, version: 0 }])),
})
