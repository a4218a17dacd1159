import { beforeAll, expect, it } from 'vitest'
import type { Actor } from '../../contracts/actor'
import type { EventName, WorkerName } from '../../contracts/events'
import { call } from '../http'
import { type Offer, requests, requestUntilAnswered } from './actors'
import { keepCounts } from './counts'
import { aDevice, disorder } from './devices'
import { deliver, drain, freezeClock, runAlarms, runUntilIdle } from './driver'
import { cases } from './flows'
import { consumers, marketplace } from './marketplace'
import { read } from './store'

keepCounts('staleness')
beforeAll(freezeClock)

/** Delivers what waits for a Worker one by one, the newest first. Returns the names of the events. */
async function deliverBackwards(worker: WorkerName): Promise<EventName[]> {
  const types = marketplace.inboxes.reverse(worker)
  for (let some = 1; some > 0; ) some = await deliver(worker, 1)
  return types
}

/** A product that somebody has in the cart and somebody watches, changed twice: nobody has heard of it yet. */
async function changedTwice() {
  const { buyer, offer } = await cases.collected()
  const watcher = marketplace.auth.person('buyer')
  await requestUntilAnswered(requests.watch(watcher, offer.productId))
  await drain()
  await change(offer, 900, 0)
  await change(offer, 800, 20)
  return { buyer, offer, watcher }
}

const change = ({ seller, productId, variantId }: Offer, amount: number, stock: number) =>
  requestUntilAnswered(
    requests.change(seller, productId, { variants: [{ id: variantId, price: { amount, currency: 'USD' }, stock }] }),
  )

const cartOf = async (actor: Actor) => (await call(marketplace.endpoint('cart'), 'GET', '/v1/cart', { actor })).json

it('an older product.updated or stock.changed after a newer one leaves the cart as the newer one made it', async () => {
  const { buyer } = await changedTwice()
  expect(await deliverBackwards('cart')).toEqual(['product.updated', 'stock.changed', 'product.updated', 'stock.changed'])
  expect((await cartOf(buyer)).items).toMatchObject([{ unitPrice: { amount: 800 }, status: 'available' }])
})

it('an older stock.changed after a newer one leaves the product as the newer one made it', async () => {
  const { offer } = await changedTwice()
  expect(await deliverBackwards('product')).toEqual(['stock.changed', 'stock.changed'])
  const [product] = await read('product', 'products', { _id: offer.productId })
  const [stock] = await read('inventory', 'stock', { _id: offer.variantId })
  expect(product?.stock[offer.variantId]).toEqual({ availability: 'in', version: stock?.version })
})

it('an older product.updated or stock.changed after a newer one notifies nobody', async () => {
  const { offer, watcher } = await changedTwice()
  await deliverBackwards('notification')
  const received = await read('notification', 'notifications', { userId: { $in: [offer.seller.userId, watcher.userId] } })
  expect(received.map(({ type }) => type).sort()).toEqual(['product.back_in_stock', 'product.price_dropped'])
  const [known] = await read('notification', 'products', { _id: offer.productId })
  expect(known).toMatchObject({ version: 3, newsPending: false })
})

it('an older cart.updated after a newer one leaves the quote that is kept ready as it is', async () => {
  const { buyer, offer } = await cases.collected()
  for (const quantity of [1, 2]) {
    await requestUntilAnswered({
      to: 'cart',
      method: 'PATCH',
      path: `/v1/cart/items/${offer.variantId}`,
      actor: buyer,
      body: { quantity },
    })
    await requestUntilAnswered(requests.fill(buyer, offer, 1))
    await runAlarms()
  }
  expect((await deliverBackwards('order')).length).toBe(2)
  const [quote] = await read('order', 'quotes', { _id: buyer.userId })
  expect(quote).toMatchObject({ cartVersion: (await cartOf(buyer)).version, lines: [{ quantity: 3 }] })
})

it('frames of an order never go back, whatever the order in which its news comes', async () => {
  const { buyer, offer, orderId } = await cases.paid()
  const device = await aDevice(buyer)
  await requestUntilAnswered(requests.ship(offer.seller, orderId))
  await requestUntilAnswered(requests.deliver(offer.seller, orderId))
  expect(await deliverBackwards('notification')).toEqual(['order.delivered', 'order.shipped'])
  await device.frame('notification.created', ({ type }) => type === 'order.shipped')
  const updates = device.frames.filter(({ type }) => type === 'order.updated')
  expect([updates.map(({ data }) => data.status), disorder(device.frames)]).toEqual([['delivered'], []])
})

it.each([
  [
    'paid, shipped, delivered',
    async () => {
      const { buyer, offer, orderId } = await cases.placed()
      await requestUntilAnswered(requests.confirm(buyer, orderId))
      await runAlarms()
      await deliver('order')
      await requestUntilAnswered(requests.ship(offer.seller, orderId))
      await requestUntilAnswered(requests.deliver(offer.seller, orderId))
      return { orderId, offer }
    },
    { available: 4, held: 0, sold: 2 },
  ],
  [
    'paid, canceled',
    async () => {
      const { buyer, offer, orderId } = await cases.placed()
      await requestUntilAnswered(requests.confirm(buyer, orderId))
      await runAlarms()
      await deliver('order')
      await requestUntilAnswered(requests.cancel(buyer, orderId))
      return { orderId, offer }
    },
    { available: 6, held: 0, sold: 0 },
  ],
] as const)('an order that was %s ends the same when everybody hears it backwards', async (_what, live, stock) => {
  const { offer } = await live()
  for (const worker of consumers) await deliverBackwards(worker)
  await runUntilIdle()
  expect(await read('inventory', 'stock', { _id: offer.variantId })).toMatchObject([stock])
})
