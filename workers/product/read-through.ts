import type { ProductId } from '../../shared/contracts/ids'
import type { Cache } from '../../shared/storage/cache'
import { cacheKeys } from '../../shared/storage/cache-keys'
import { type CacheEntry, newVersionToken } from '../../shared/storage/read-through'

export const productEntry = (productId: ProductId): CacheEntry => ({
  key: cacheKeys.product.of(productId),
  seconds: cacheKeys.product.seconds,
  tokenKey: cacheKeys.productVersionToken.of(productId),
  maxAge: 60_000,
})

/** First pages of the catalogue, by query. */
export const catalogueEntry = (query: object): CacheEntry => ({
  key: cacheKeys.cataloguePage.of(query),
  seconds: cacheKeys.cataloguePage.seconds,
  tokenKey: cacheKeys.catalogueVersionToken.of(),
  maxAge: 60_000,
})

/**
 * Invalidates every cached answer that shows one of the products. Call it after the write. Returns false when Redis did not answer:
 * then answers from before the write may be served for another `staleAfterWriteMs`.
 */
export async function invalidateProducts(cache: Cache, productIds: readonly ProductId[]): Promise<boolean> {
  const done = await cache.attempt((redis) => {
    const { of, seconds } = cacheKeys.catalogueVersionToken
    const pipeline = redis.pipeline().set(of(), newVersionToken(), { ex: seconds })
    for (const productId of productIds)
      pipeline.set(cacheKeys.productVersionToken.of(productId), newVersionToken(), { ex: cacheKeys.productVersionToken.seconds })
    return pipeline.exec()
  })
  return done !== undefined
}
