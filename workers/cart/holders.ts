import { AppError } from '../../shared/contracts/errors'
import type { ProductId, UserId } from '../../shared/contracts/ids'
import type { Cache } from '../../shared/storage/cache'
import { cacheKeys } from '../../shared/storage/cache-keys'

const scanCount = 100

/** Who has a product in the cart: an index in Redis, which the carts themselves rebuild when it is lost: each registers every hour. */
export type Holders = {
  /** Returns false when the cache did not answer, so that the cart tries later. */
  register(productIds: readonly ProductId[], userId: UserId): Promise<boolean>
  forget(productId: ProductId, userId: UserId): Promise<void>
  /** The holders, a page at a time; somebody may come up twice. @throws AppError `unavailable` when the cache is down */
  pages(productId: ProductId): AsyncGenerator<UserId[]>
}

const { of: keyOf, seconds } = cacheKeys.cartsByProduct

export function holders(cache: Cache): Holders {
  return {
    register: async (productIds, userId) => {
      if (productIds.length === 0) return true
      const done = await cache.attempt((redis) => {
        const pipeline = redis.pipeline()
        for (const productId of productIds) pipeline.sadd(keyOf(productId), userId).expire(keyOf(productId), seconds)
        return pipeline.exec()
      })
      return done !== undefined
    },
    forget: async (productId, userId) => {
      await cache.attempt((redis) => redis.srem(keyOf(productId), userId))
    },
    pages: async function* (productId) {
      let cursor = '0'
      do {
        const from = cursor
        const found = await cache.attempt((redis) => redis.sscan(keyOf(productId), from, { count: scanCount }))
        if (!found) throw new AppError('unavailable', 'The index of carts does not answer')
        cursor = String(found[0])
        yield found[1].map((member) => String(member) as UserId)
      } while (cursor !== '0')
    },
  }
}
