import type { ProductId } from '../../shared/contracts/ids'
import type { Cache } from '../../shared/storage/cache'

/**
 * Hot reads in Redis. An entry carries the stamp that stood when its reader set out for the database; a writer sets a new stamp
 * after each write. An entry under another stamp than the present one is a miss, so a slow reader that stores what was
 * true before a write harms nobody. When the cache is down, everything comes from the database; when only a writer could not
 * reach it, entries are out of date for one lifetime at most.
 */
type Entry<T> = { stamp: string; value: T }
export type Shelf = { key: string; stampKey: string; seconds: number }

/** Stamps outlive every entry they refuse. */
const stampSeconds = 600
/** Characters of JSON; a longer answer is not worth its transport, and the cache may refuse it. */
const maxLength = 250_000
const productStamp = (productId: ProductId) => `product:stamp:${productId}`
const catalogueStamp = 'product:stamp:catalogue'

export const productShelf = (productId: ProductId): Shelf => ({
  key: `product:${productId}`,
  stampKey: productStamp(productId),
  seconds: 60,
})

/** First pages, by the question they answer. */
export const catalogueShelf = (question: object): Shelf => ({
  key: `product:catalogue:${JSON.stringify(question)}`,
  stampKey: catalogueStamp,
  seconds: 10,
})

/** The value from the cache, or from `load`, whose answer is kept unless it is null. */
export async function cached<T extends object>(cache: Cache, shelf: Shelf, load: () => Promise<T | null>): Promise<T | null> {
  const found = await cache.attempt((redis) => redis.mget<[Entry<T> | null, string | null]>(shelf.key, shelf.stampKey))
  const stamp = found?.[1] ?? ''
  const entry = found?.[0]
  if (entry && entry.stamp === stamp) return entry.value
  const value = await load()
  const worth = found !== undefined && value !== null && JSON.stringify(value).length <= maxLength
  if (worth) await cache.write(shelf.key, { stamp, value }, shelf.seconds)
  return value
}

/** Makes every entry that shows a product a miss. To be called after the write. */
export async function renewShelves(cache: Cache, productId: ProductId, stamp: string): Promise<void> {
  await cache.attempt((redis) =>
    redis
      .pipeline()
      .set(productStamp(productId), stamp, { ex: stampSeconds })
      .set(catalogueStamp, stamp, { ex: stampSeconds })
      .exec(),
  )
}
