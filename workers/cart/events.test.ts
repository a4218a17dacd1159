import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { DataApi } from '../../shared/contracts/data'
import type { EventData } from '../../shared/contracts/events'
import type { ProductId } from '../../shared/contracts/ids'
import { newCache } from '../../shared/storage/cache'
import { redisOf } from '../../shared/storage/redis'
import { storeBindings } from '../../shared/testing/data'
import { anEvent } from '../../shared/testing/factories'
import { deliver } from '../../shared/testing/queue'
import type { Offer } from './cart'
import { depsFrom } from './deps'
import { holders } from './holders'
import worker from './index'
import { delays } from './schedule'
import { aLevel, aShop, aShopper, furnish, tell } from './testing/fixtures'

const { cartOf, data } = depsFrom(env)
const redis = redisOf(env, data, 1_000)
const index = (productId: ProductId) => redis.smembers(`cart:index:${productId}`)
const arrives = (event: unknown, through: CartEnv = env) => deliver(worker.queue, through, 'cart', [event])

const updated = (offer: Offer, version: number, amount: number, overrides: Partial<EventData<'product.updated'>> = {}) =>
  anEvent('product.updated', offer.productId, {
    ...{ version, change: 'updated', productId: offer.productId, sellerId: offer.sellerId, title: 'A desk', status: 'active' },
    variants: [{ variantId: offer.variantId, sku: offer.sku, title: offer.title, unitPrice: { amount, currency: 'USD' } }],
    ...overrides,
  })
const stocked = (offer: Offer, version: number, availability: 'in' | 'low' | 'out') => {
  const { variantId, productId, sellerId } = offer
  const data = {
    version,
    variantId,
    productId,
    sellerId,
    availability,
    previous: 'in' as const,
    available: availability === 'out' ? 0 : 3,
  }
  return anEvent('stock.changed', variantId, data)
}

/** Somebody whose cart holds an offer, and has told so. */
async function aHolder(shop = aShop(), offer = shop.sell()) {
  const shopper = await aShopper(shop)
  const cart = cartOf(shopper.userId)
  await cart.add(shopper.caller, offer, aLevel(offer.variantId), 2)
  await tell(shopper.userId)
  const item = async () => {
    const { version, items } = await cart.snapshot(shopper.userId)
    return { version, amount: items[0]?.unitPrice.amount, status: items[0]?.status }
  }
  return { ...shopper, cart, offer, item }
}

/** The cache as it is when it is down. */
const broken = {
  cache: async () => Promise.reject(new Error('down')),
  cachePipeline: async () => Promise.reject(new Error('down')),
} as unknown as DataApi

describe('a product that changes', () => {
  it('changes every cart that holds it; one that no longer does leaves the index', async () => {
    const shop = aShop()
    const offer = shop.sell()
    const some = await Promise.all(Array.from({ length: 12 }, () => aHolder(shop, offer)))
    const [former] = some.splice(5, 1)
    await former?.cart.clear(former.caller)
    expect(await index(offer.productId)).toHaveLength(12)
    expect(await arrives(updated(offer, 2, 700))).toEqual({ acked: ['m0'], retried: [] })
    expect(await Promise.all(some.map(({ item }) => item()))).toEqual(
      some.map(() => ({ version: 2, amount: 700, status: 'available' })),
    )
    expect((await index(offer.productId)).sort()).toEqual(some.map(({ userId }) => userId).sort())
  })

  it('changes nothing when the message comes again or too late, and tells of it once', async () => {
    const { offer, item, publisher, userId } = await aHolder()
    for (const event of [updated(offer, 5, 500), updated(offer, 5, 500), updated(offer, 4, 400)]) {
      await arrives(event)
      await tell(userId)
    }
    expect(await item()).toEqual({ version: 2, amount: 500, status: 'available' })
    expect(publisher.sent).toHaveLength(2)
  })

  it('is gone from the cart when it is archived', async () => {
    const { offer, item } = await aHolder()
    await arrives(updated(offer, 2, 1000, { change: 'archived', status: 'archived' }))
    expect(await item()).toMatchObject({ version: 2, status: 'gone' })
  })

  it('keeps the trace of the message in what it leads to', async () => {
    const { offer, publisher, userId } = await aHolder()
    const traceparent = '00-11111111111111111111111111111111-2222222222222222-01'
    await arrives({ ...updated(offer, 2, 700), traceparent })
    await tell(userId)
    expect(publisher.ofType('cart.updated').at(-1)?.traceparent).toContain('11111111111111111111111111111111')
  })
})

describe('stock that changes', () => {
  it('changes the status, whatever the order and however often it is told', async () => {
    const { offer, item, publisher, userId } = await aHolder()
    for (const event of [stocked(offer, 3, 'low'), stocked(offer, 2, 'out'), stocked(offer, 3, 'low')]) {
      await arrives(event)
      await tell(userId)
    }
    expect(await item()).toMatchObject({ version: 2, status: 'low' })
    await arrives(stocked(offer, 4, 'out'))
    await tell(userId)
    expect(await item()).toMatchObject({ version: 3, status: 'out' })
    expect(publisher.sent).toHaveLength(3)
  })
})

describe('the index', () => {
  it('is rebuilt by the alarm of each cart when it is lost', async () => {
    const { offer, item, userId, clock } = await aHolder()
    clock.advance(delays.growth)
    await tell(userId)
    await redis.del(`cart:index:${offer.productId}`)
    await arrives(updated(offer, 2, 700))
    expect(await item()).toMatchObject({ version: 1, amount: 1000 })
    clock.advance(delays.refresh)
    await tell(userId)
    expect(await index(offer.productId)).toEqual([userId])
    expect(await redis.ttl(`cart:index:${offer.productId}`)).toBeGreaterThan(delays.refresh / 1000)
    await arrives(updated(offer, 3, 800))
    expect(await item()).toMatchObject({ amount: 800 })
  })

  it('that cannot be read sends the message back, and the next delivery does it', async () => {
    const { offer, item } = await aHolder()
    const event = updated(offer, 2, 700)
    const down = { ...env, ...storeBindings(broken) } as unknown as CartEnv
    expect(await arrives(event, down)).toMatchObject({ acked: [], retried: [{ msgId: 'm0' }] })
    await arrives(event)
    expect(await item()).toMatchObject({ amount: 700 })
  })

  it('that cannot be written is no reason to refuse the shopper; the cart registers later', async () => {
    const shop = aShop()
    const offer = shop.sell()
    const { userId, caller, clock } = await aShopper(shop)
    let working = holders(newCache(env))
    await furnish(userId, ({ holders: own }) => {
      working = own
      return { holders: holders(newCache(storeBindings(broken))) }
    })
    expect(await cartOf(userId).add(caller, offer, aLevel(offer.variantId), 1)).toMatchObject({ result: { itemCount: 1 } })
    await tell(userId)
    expect(await index(offer.productId)).toEqual([])
    clock.advance(delays.growth)
    await tell(userId)
    expect(await index(offer.productId)).toEqual([])
    await furnish(userId, () => ({ holders: working }))
    clock.advance(delays.failure)
    await tell(userId)
    expect(await index(offer.productId)).toEqual([userId])
  })
})

it('a cart that does not answer sends the message back after all others were told', async () => {
  const { offer, item, userId } = await aHolder()
  const shop = aShop()
  const other = await aHolder(shop, offer)
  const through = {
    ...env,
    CARTS: {
      getByName: (name: string) =>
        name === userId ? { learn: async () => Promise.reject(new Error('overloaded')) } : env.CARTS.getByName(name),
    } as unknown as CartEnv['CARTS'],
  }
  expect(await arrives(updated(offer, 2, 700), through)).toMatchObject({ acked: [], retried: [{ msgId: 'm0' }] })
  expect([await item(), await other.item()]).toMatchObject([{ amount: 1000 }, { amount: 700 }])
})
