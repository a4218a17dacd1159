import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import { newCache } from '../../shared/storage/cache'
import { anActor, anEvent } from '../../shared/testing/factories'
import { type Faulty, faultBattery, faultyObjects, outcomeOf, outcomeOfMessage } from '../../shared/testing/fault-battery'
import { call } from '../../shared/testing/http'
import { deliver } from '../../shared/testing/queue'
import { cartIndex } from './cart-index'
import worker from './index'
import { app } from './routes'
import { delays } from './schedule'
import { aShop, aShopper, overrideDeps, runAlarm } from './testing/fixtures'

/** A shopper whose cart, like the Worker, uses a cache that may fail. */
async function aWorld(fault: Faulty) {
  const shop = aShop()
  const faulty: CartEnv = {
    ...env,
    CACHE: faultyObjects(env.CACHE, fault),
    ...({ PRODUCT: shop.product, INVENTORY: shop.inventory } as unknown as Partial<CartEnv>),
  }
  const shopper = await aShopper(shop)
  await overrideDeps(shopper.userId, () => ({ cartIndex: cartIndex(newCache(faulty)) }))
  const offer = shop.sell()
  const updated = (version: number, amount: number) =>
    anEvent('product.updated', offer.productId, {
      ...{ version, change: 'updated', productId: offer.productId, sellerId: offer.sellerId, title: 'A desk', status: 'active' },
      variants: [{ variantId: offer.variantId, sku: offer.sku, title: offer.title, unitPrice: { amount, currency: 'USD' } }],
    })
  const actor = anActor('buyer', { userId: shopper.userId })
  return {
    ...{ env: faulty, userId: shopper.userId, clock: shopper.clock },
    add: () =>
      call((request) => app.fetch(request, faulty), 'POST', '/v1/cart/items', {
        actor,
        body: { variantId: offer.variantId, quantity: 1 },
      }),
    price: async () =>
      (await call((request) => app.fetch(request, faulty), 'GET', '/v1/cart', { actor })).json.items[0].unitPrice.amount,
    receive: async (version: number, amount: number) =>
      outcomeOfMessage(await deliver(worker.queue, faulty, 'cart', [updated(version, amount)])),
  }
}

faultBattery('cache', 'cart', {
  'cart POST /v1/cart/items': async (fault) => {
    const { env: faulty, userId, clock, add, receive, price } = await aWorld(fault)
    return {
      env: faulty,
      act: async () => {
        const outcome = outcomeOf(await add())
        await runAlarm(userId)
        return outcome
      },
      recover: async () => {
        clock.advance(delays.failure)
        await runAlarm(userId)
        expect([await receive(2, 700), await price()]).toEqual(['acked', 700])
      },
    }
  },

  'cart product.updated': async (fault) => {
    const { env: faulty, userId, add, receive, price } = await aWorld(fault)
    await add()
    await runAlarm(userId)
    return {
      env: faulty,
      act: () => receive(2, 700),
      kept: async () => expect(await price()).toBe(1_000),
      recover: async () => expect([await receive(2, 700), await price()]).toEqual(['acked', 700]),
    }
  },
})
