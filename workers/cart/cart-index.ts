import { AppError } from '../../shared/contracts/errors'
import type { ProductId, UserId } from '../../shared/contracts/ids'
import type { Cache } from '../../shared/storage/cache'
import { cacheKeys } from '../../shared/storage/cache-keys'

const scanCount = 100

/** Which carts hold a product: an index in Redis. Carts rebuild it when it is lost, since each registers every hour. */
export type CartIndex = {
  /** Returns false when the cache did not answer, so that the cart tries again later. */
  register(productIds: readonly ProductId[], userId: UserId): Promise<boolean>
  unregister(productId: ProductId, userId: UserId): Promise<void>
  /** The users whose cart holds a product, by pages; a user may appear twice. @throws AppError `unavailable` when the cache is down */
  pages(productId: ProductId): AsyncGenerator<UserId[]>
}

const { of: keyOf, seconds } = cacheKeys.cartIndex

export function cartIndex(cache: Cache): CartIndex {
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
    unregister: async (productId, userId) => {
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
