import { exports } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { newId } from '../../shared/contracts/ids'
import { routeBattery } from '../../shared/testing/battery'
import { anActor } from '../../shared/testing/factories'
import { app } from './routes'
import { anOrder, aWorld, paymentEvent, shippingAddress } from './testing/fixtures'

const world = aWorld()
const id = newId('ord')
const key = { 'idempotency-key': 'the-key' }
const foreign =
  (role: 'buyer' | 'seller', suffix = '') =>
  async () => {
    const order = await anOrder(world)
    return { path: `/v1/orders/${order.id}${suffix}`, actor: anActor(role) }
  }

/** A paid order, and an actor who may do the next thing with it. */
const paid = async (who: 'buyer' | 'seller', suffix: string) => {
  const { id, buyer, sellers } = await anOrder(world)
  await world.receive(paymentEvent('payment.succeeded', id, 2_000))
  return { path: `/v1/orders/${id}${suffix}`, actor: who === 'buyer' ? buyer : (sellers[0] ?? buyer) }
}

routeBattery(app, world.endpoint, [
  {
    ...{ route: 'POST /v1/orders', access: 'signed-in', path: '/v1/orders', headers: key },
    body: { shippingAddress, expectedTotal: { amount: 1, currency: 'USD' }, email: 'a@example.com' },
    works: async () => {
      const actor = anActor('buyer')
      world.market.puts(actor.userId, [[world.market.sells(newId('usr'), { amount: 100, stock: 5 }), 1]])
      return { actor, body: { shippingAddress }, other: { shippingAddress, email: 'b@example.com' } }
    },
  },
  { route: 'GET /v1/orders', access: 'signed-in', path: '/v1/orders' },
  { route: 'GET /v1/orders/quote', access: 'signed-in', path: '/v1/orders/quote' },
  { route: 'GET /v1/orders/{id}', access: 'signed-in', path: `/v1/orders/${id}`, foreign: foreign('seller') },
  {
    ...{ route: 'POST /v1/orders/{id}/cancel', access: 'signed-in', path: `/v1/orders/${id}/cancel`, body: { reason: 'no' } },
    foreign: foreign('buyer', '/cancel'),
    works: async () => ({ ...(await paid('buyer', '/cancel')), other: {} }),
  },
  { route: 'GET /v1/seller/orders', access: ['seller'], path: '/v1/seller/orders' },
  {
    ...{ route: 'POST /v1/orders/{id}/shipments', access: ['seller'], path: `/v1/orders/${id}/shipments` },
    ...{ body: { carrier: 'UPS', trackingNumber: '1Z' }, foreign: foreign('seller', '/shipments') },
    works: async () => ({ ...(await paid('seller', '/shipments')), other: {} }),
  },
  {
    ...{ route: 'POST /v1/orders/{id}/deliveries', access: ['seller'], path: `/v1/orders/${id}/deliveries`, body: {} },
    foreign: foreign('seller', '/deliveries'),
    works: async () => {
      const working = await paid('seller', '/deliveries')
      await world.post(working.actor, working.path.replace('deliveries', 'shipments'))
      return working
    },
  },
])

describe('a shipping address', () => {
  const refused = async (change: Record<string, unknown>, path: string) => {
    const { status, json } = await world.place(anActor('buyer'), newId('req'), {
      shippingAddress: { ...shippingAddress, ...change },
    })
    expect([status, json.code]).toEqual([422, 'validation_failed'])
    expect(json.errors.map((error: { path: string }) => error.path)).toContain(`shippingAddress.${path}`)
  }

  it.each(['name', 'line1', 'city', 'postalCode', 'country'])('requires a %s that is not blank', async (field) => {
    await refused({ [field]: undefined }, field)
    await refused({ [field]: '   ' }, field)
    await refused({ [field]: 'x'.repeat(201) }, field)
  })

  it('requires the code of a country that exists', async () => {
    for (const country of ['XX', 'us', 'USA', 'Germany']) await refused({ country }, 'country')
  })

  it('has no other fields', () => refused({ planet: 'Mars' }, 'planet'))

  it('must be single lines of text, or no stock is held', async () => {
    const buyer = anActor('buyer')
    const variantId = world.market.sells(newId('usr'), { amount: 100, stock: 5 })
    world.market.puts(buyer.userId, [[variantId, 1]])
    for (const city of ['\ud800', 'a\0b', 'Bonn\nBcc: all']) {
      const { status, json } = await world.place(buyer, newId('req'), { shippingAddress: { ...shippingAddress, city } })
      expect([status, json.code, json.errors[0].path]).toEqual([422, 'validation_failed', 'shippingAddress.city'])
    }
    expect(world.market.inventory.stock.get(variantId)).toBe(5)
  })
})

it('refuses malformed totals, addresses and keys', async () => {
  const buyer = anActor('buyer')
  const place = async (body: Record<string, unknown>, given = newId('req') as string) =>
    (await world.place(buyer, given, body)).status
  for (const amount of [-1, 0.5, '1', Number.MAX_SAFE_INTEGER + 2]) {
    expect(await place({ shippingAddress, expectedTotal: { amount, currency: 'USD' } })).toBe(422)
  }
  expect(await place({ shippingAddress, expectedTotal: { amount: 1, currency: 'XXX' } })).toBe(422)
  expect(await place({ shippingAddress, email: 'nonsense' })).toBe(422)
  expect(await place({ shippingAddress }, 'k'.repeat(201))).toBe(400)
  expect(await place({ shippingAddress }, 'two words')).toBe(400)
})

describe('lists', () => {
  const ids = (json: { items: { id: string }[] }) => json.items.map((order) => order.id)

  it('give the buyer their own orders, newest first, page by page', async () => {
    const buyer = anActor('buyer')
    const placed: string[] = []
    vi.useFakeTimers({ now: Date.UTC(2026, 0, 1), toFake: ['Date'] })
    // Two in the same millisecond, which their ids then order.
    for (const wait of [0, 1, 0, 1, 1]) {
      vi.setSystemTime(Date.now() + wait)
      placed.push((await anOrder(world, { buyer })).id)
    }
    vi.useRealTimers()
    await anOrder(world)
    const seen: string[] = []
    let path = '/v1/orders?limit=2'
    for (let turn = 0; turn < 3; turn++) {
      const { json } = await world.get(buyer, path)
      seen.push(...ids(json))
      expect(json.nextCursor === null).toBe(turn === 2)
      path = `/v1/orders?limit=2&cursor=${json.nextCursor}`
    }
    const [first, second, third, fourth, fifth] = placed
    expect(seen).toEqual([fifth, fourth, ...[second, third].sort().reverse(), first])
    expect((await world.get(anActor('buyer'), '/v1/orders')).json).toEqual({ items: [], nextCursor: null })
  })

  it('give a seller the orders that include their products, page by page', async () => {
    const seller = anActor('seller')
    const sold = [await anOrder(world, { sellers: [seller] }), await anOrder(world, { sellers: [anActor('seller'), seller] })]
    await anOrder(world)
    const first = await world.get(seller, '/v1/seller/orders?limit=1')
    const second = await world.get(seller, `/v1/seller/orders?limit=1&cursor=${first.json.nextCursor}`)
    expect([...ids(first.json), ...ids(second.json)].sort()).toEqual(sold.map((order) => order.id).sort())
    expect(second.json.nextCursor).toBeNull()
  })

  it('refuse invalid limits, cursors and unknown filters', async () => {
    for (const path of ['/v1/orders', '/v1/seller/orders']) {
      for (const query of ['limit=0', 'limit=101', 'limit=x', 'cursor=nonsense', `cursor=${btoa('["a","b"]')}`, 'status=paid']) {
        expect((await world.get(anActor('seller'), `${path}?${query}`)).status).toBe(422)
      }
    }
  })
})

it('routes /v1/orders/quote to the quote and any id to an order', async () => {
  const { id: orderId, buyer } = await anOrder(world)
  expect((await world.get(buyer, '/v1/orders/quote')).json).toMatchObject({ items: [], totals: null })
  expect((await world.get(buyer, `/v1/orders/${orderId}`)).json.id).toBe(orderId)
  expect((await world.get(buyer, '/v1/orders/quotes')).status).toBe(404)
})

describe('payable', () => {
  it('answers what payment needs of an order', async () => {
    const { id: orderId, buyer, json } = await anOrder(world)
    const expected = { orderId, number: json.number, buyerId: buyer.userId, grand: { amount: 2_000, currency: 'USD' } }
    expect(await exports.OrderRpc.payable(orderId)).toEqual({
      ...expected,
      status: 'pending',
      payBefore: Date.parse(json.payBefore),
    })
    await world.receive(paymentEvent('payment.succeeded', orderId, 2_000))
    expect(await exports.OrderRpc.payable(orderId)).toMatchObject({ status: 'paid' })
  })

  it('answers null for an order that does not exist', async () => {
    expect(await exports.OrderRpc.payable(newId('ord'))).toBeNull()
  })
})
