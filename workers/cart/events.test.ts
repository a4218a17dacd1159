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
import { cartIndex } from './cart-index'
import { depsFrom } from './deps'
import worker from './index'
import { delays } from './schedule'
import { aLevel, aShop, aShopper, overrideDeps, runAlarm } from './testing/fixtures'

const { cartOf, data } = depsFrom(env)
const redis = redisOf(env, data, 1_000)
const registered = (productId: ProductId) => redis.smembers(`cart:index:${productId}`)
const deliverOne = (event: unknown, through: CartEnv = env) => deliver(worker.queue, through, 'cart', [event])

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

/** A shopper whose cart has an offer and is in the index. */
async function aShopperWithOffer(shop = aShop(), offer = shop.sell()) {
  const shopper = await aShopper(shop)
  const cart = cartOf(shopper.userId)
  await cart.add(shopper.caller, offer, aLevel(offer.variantId), 2)
  await runAlarm(shopper.userId)
  const item = async () => {
    const { version, items } = await cart.snapshot(shopper.userId)
    return { version, amount: items[0]?.unitPrice.amount, status: items[0]?.status }
  }
  return { ...shopper, cart, offer, item }
}

/** A cache that is down. */
const cacheDown = {
  cache: async () => Promise.reject(new Error('down')),
  cachePipeline: async () => Promise.reject(new Error('down')),
} as unknown as DataApi

describe('a product that changes', () => {
  it('changes every cart that holds it; a cart that no longer does leaves the index', async () => {
    const shop = aShop()
    const offer = shop.sell()
    const some = await Promise.all(Array.from({ length: 12 }, () => aShopperWithOffer(shop, offer)))
    const [former] = some.splice(5, 1)
    await former?.cart.clear(former.caller)
    expect(await registered(offer.productId)).toHaveLength(12)
    expect(await deliverOne(updated(offer, 2, 700))).toEqual({ acked: ['m0'], retried: [] })
    expect(await Promise.all(some.map(({ item }) => item()))).toEqual(
      some.map(() => ({ version: 2, amount: 700, status: 'available' })),
    )
    expect((await registered(offer.productId)).sort()).toEqual(some.map(({ userId }) => userId).sort())
  })

  it('changes nothing when the message is repeated or late, and is published once', async () => {
    const { offer, item, publisher, userId } = await aShopperWithOffer()
    for (const event of [updated(offer, 5, 500), updated(offer, 5, 500), updated(offer, 4, 400)]) {
      await deliverOne(event)
      await runAlarm(userId)
    }
    expect(await item()).toEqual({ version: 2, amount: 500, status: 'available' })
    expect(publisher.sent).toHaveLength(2)
  })

  it('is marked gone in the cart when it is archived', async () => {
    const { offer, item } = await aShopperWithOffer()
    await deliverOne(updated(offer, 2, 1000, { change: 'archived', status: 'archived' }))
    expect(await item()).toMatchObject({ version: 2, status: 'gone' })
  })

  it('passes the trace of the message on to cart.updated', async () => {
    const { offer, publisher, userId } = await aShopperWithOffer()
    const traceparent = '00-11111111111111111111111111111111-2222222222222222-01'
    await deliverOne({ ...updated(offer, 2, 700), traceparent })
    await runAlarm(userId)
    expect(publisher.ofType('cart.updated').at(-1)?.traceparent).toContain('11111111111111111111111111111111')
  })
})

describe('stock that changes', () => {
  it('changes the status, in whatever order and however often it is delivered', async () => {
    const { offer, item, publisher, userId } = await aShopperWithOffer()
    for (const event of [stocked(offer, 3, 'low'), stocked(offer, 2, 'out'), stocked(offer, 3, 'low')]) {
      await deliverOne(event)
      await runAlarm(userId)
    }
    expect(await item()).toMatchObject({ version: 2, status: 'low' })
    await deliverOne(stocked(offer, 4, 'out'))
    await runAlarm(userId)
    expect(await item()).toMatchObject({ version: 3, status: 'out' })
    expect(publisher.sent).toHaveLength(3)
  })
})

describe('the index', () => {
  it('is rebuilt by the alarms of the carts when it is lost', async () => {
    const { offer, item, userId, clock } = await aShopperWithOffer()
    clock.advance(delays.growth)
    await runAlarm(userId)
    await redis.del(`cart:index:${offer.productId}`)
    await deliverOne(updated(offer, 2, 700))
    expect(await item()).toMatchObject({ version: 1, amount: 1000 })
    clock.advance(delays.refresh)
    await runAlarm(userId)
    expect(await registered(offer.productId)).toEqual([userId])
    expect(await redis.ttl(`cart:index:${offer.productId}`)).toBeGreaterThan(delays.refresh / 1000)
    await deliverOne(updated(offer, 3, 800))
    expect(await item()).toMatchObject({ amount: 800 })
  })

  it('retries the message when it cannot be read, and the next delivery updates the cart', async () => {
    const { offer, item } = await aShopperWithOffer()
    const event = updated(offer, 2, 700)
    const down = { ...env, ...storeBindings(cacheDown) } as unknown as CartEnv
    expect(await deliverOne(event, down)).toMatchObject({ acked: [], retried: [{ msgId: 'm0' }] })
    await deliverOne(event)
    expect(await item()).toMatchObject({ amount: 700 })
  })

  it('does not refuse the shopper when it cannot be written; the cart registers later', async () => {
    const shop = aShop()
    const offer = shop.sell()
    const { userId, caller, clock } = await aShopper(shop)
    let working = cartIndex(newCache(env))
    await overrideDeps(userId, ({ cartIndex: present }) => {
      working = present
      return { cartIndex: cartIndex(newCache(storeBindings(cacheDown))) }
    })
    expect(await cartOf(userId).add(caller, offer, aLevel(offer.variantId), 1)).toMatchObject({ result: { itemCount: 1 } })
    await runAlarm(userId)
    expect(await registered(offer.productId)).toEqual([])
    clock.advance(delays.growth)
    await runAlarm(userId)
    expect(await registered(offer.productId)).toEqual([])
    await overrideDeps(userId, () => ({ cartIndex: working }))
    clock.advance(delays.failure)
    await runAlarm(userId)
    expect(await registered(offer.productId)).toEqual([userId])
  })
})

it('retries the message when a cart does not answer, after all other carts are updated', async () => {
  const { offer, item, userId } = await aShopperWithOffer()
  const shop = aShop()
  const other = await aShopperWithOffer(shop, offer)
  const through = {
    ...env,
    CARTS: {
      getByName: (name: string) =>
        name === userId ? { applyUpdate: async () => Promise.reject(new Error('overloaded')) } : env.CARTS.getByName(name),
    } as unknown as CartEnv['CARTS'],
  }
  expect(await deliverOne(updated(offer, 2, 700), through)).toMatchObject({ acked: [], retried: [{ msgId: 'm0' }] })
  expect([await item(), await other.item()]).toMatchObject([{ amount: 1000 }, { amount: 700 }])
})
