import { describe, expect, it } from 'vitest'
import { AppError } from '../../shared/contracts/errors'
import { newId, type OrderId } from '../../shared/contracts/ids'
import { anActor } from '../../shared/testing/factories'
import { placeOrder } from './checkout'
import { anOrder, aWorld, shippingAddress } from './testing/fixtures'

const usd = (amount: number) => ({ amount, currency: 'USD' })

/** A buyer with 2 pieces at 10.00 in the cart, while 5 are in stock. */
function aShopper(world = aWorld()) {
  const buyer = anActor('buyer')
  const seller = anActor('seller')
  const variantId = world.market.sells(seller.userId, { amount: 1_000, stock: 5 })
  world.market.puts(buyer.userId, [[variantId, 2]])
  const orders = async () => (await world.get(buyer, '/v1/orders')).json.items
  return { world, buyer, seller, variantId, orders, stock: () => world.market.inventory.stock.get(variantId) }
}

describe('placing an order', () => {
  it('holds the stock, writes the order, empties the cart and publishes order.created', async () => {
    const { world, buyer, seller, variantId, stock } = aShopper()
    const { status, json } = await world.place(buyer)
    expect(status).toBe(201)
    const item = {
      variantId,
      sellerId: seller.userId,
      unitPrice: usd(1_000),
      quantity: 2,
      lineTotal: usd(2_000),
      title: 'A desk',
    }
    expect(json).toMatchObject({
      ...{ status: 'pending', items: [item], payment: { status: 'pending' }, shippingAddress, history: [{ status: 'pending' }] },
      groups: [{ sellerId: seller.userId, status: 'pending', items: [item], subtotal: usd(2_000) }],
      totals: { items: usd(2_000), shipping: usd(0), tax: usd(0), discount: usd(0), grand: usd(2_000) },
    })
    expect(json.number).toMatch(/^CR-\d{6}-[0-9A-Z]{8}$/)
    expect(stock()).toBe(3)
    expect(world.market.inventory.heldFor(json.id)).toEqual({ [variantId]: 2 })
    expect((await world.market.cart.snapshot(buyer.userId)).items).toEqual([])
    const [event] = world.published('order.created')
    expect(event).toMatchObject({
      subject: json.id,
      data: {
        ...{ version: 1, orderId: json.id, buyerId: buyer.userId, status: 'pending', grand: usd(2_000), email: null },
        ...{ number: json.number, sellerIds: [seller.userId], payBefore: Date.parse(json.payBefore) },
        items: [{ variantId, sellerId: seller.userId, quantity: 2, lineTotal: usd(2_000) }],
        groups: [{ sellerId: seller.userId, subtotal: usd(2_000), commission: usd(200) }],
      },
    })
    expect(world.sent.map(({ to }) => to).sort()).toEqual(['notification', 'payment', 'seller-dashboard'])
  })

  it('costs four calls of the store: the key, the plan, the order, and one that records the rest together with the answer', async () => {
    const { world, buyer } = aShopper()
    world.outside.calls = 0
    const { json } = await world.place(buyer)
    // The other four are the cart, twice, product and inventory.
    expect(world.outside.calls).toBe(8)
    expect(await world.deps.orders.load(json.id)).toMatchObject({ finishAt: null, outbox: [], outboxPending: false })
  })

  it('does not show the commission to the buyer', async () => {
    const { json } = await anOrder(aWorld())
    expect(JSON.stringify(json)).not.toContain('commission')
  })

  it('refuses an empty cart with cart_empty', async () => {
    const { status, json } = await aWorld().place(anActor('buyer'))
    expect([status, json.code]).toEqual([409, 'cart_empty'])
  })

  it('requires an email address from a guest', async () => {
    const world = aWorld()
    const guest = anActor('guest')
    world.market.puts(guest.userId, [[world.market.sells(newId('usr'), { amount: 100, stock: 1 }), 1]])
    const refused = await world.place(guest)
    expect([refused.status, refused.json.errors]).toEqual([422, [{ path: 'email', message: 'is needed to order as a guest' }]])
    const { status, json } = await world.place(guest, newId('req'), { shippingAddress, email: 'guest@example.com' })
    expect([status, json.email]).toEqual([201, 'guest@example.com'])
    expect(world.published('order.created')[0]?.data.email).toBe('guest@example.com')
  })

  it('makes one order of a cart when two devices check out at once', async () => {
    const { world, buyer, orders, stock } = aShopper()
    const answers = await Promise.all(['tab-1', 'tab-2'].map((key) => world.place(buyer, key)))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
    expect(answers.find(({ status }) => status === 409)?.json.code).toBe('conflict')
    expect([(await orders()).length, stock()]).toEqual([1, 3])
    // A later change of the cart makes another version of it.
    world.market.puts(buyer.userId, [[world.market.sells(newId('usr'), { amount: 100, stock: 1 }), 1]])
    expect((await world.place(buyer)).status).toBe(201)
  })

  it('lets a seller buy too', async () => {
    const world = aWorld()
    expect((await anOrder(world, { buyer: anActor('seller') })).json.status).toBe('pending')
  })
})

describe('checking out a cart that differs from what the shopper saw', () => {
  it('is refused with the repriced line, refreshes the cart, and succeeds the next time', async () => {
    const { world, buyer, variantId, stock, orders } = aShopper()
    world.market.reprices(variantId, 1_200)
    const refused = await world.place(buyer, 'the-key')
    expect([refused.status, refused.json.code]).toEqual([409, 'cart_changed'])
    expect(refused.json).toMatchObject({
      changes: [{ variantId, change: 'price', was: usd(1_000), now: usd(1_200) }],
      total: usd(2_400),
    })
    expect([stock(), await orders(), world.sent]).toEqual([5, [], []])
    const { status, json } = await world.place(buyer, 'the-key')
    expect([status, json.totals.grand]).toEqual([201, usd(2_400)])
  })

  it('is refused with the line that is gone for as long as it stays in the cart', async () => {
    const { world, buyer, variantId, stock } = aShopper()
    world.market.withdraws(variantId)
    for (const attempt of ['first', 'second']) {
      const { status, json } = await world.place(buyer, attempt)
      expect([status, json.code]).toEqual([409, 'cart_changed'])
      expect(json).toMatchObject({ changes: [{ variantId, change: 'gone', was: usd(1_000), now: null }], total: null })
    }
    expect((await world.market.cart.snapshot(buyer.userId)).items[0]?.status).toBe('gone')
    expect(stock()).toBe(5)
  })

  it('is refused when the total differs from the expected one in amount or currency', async () => {
    const { world, buyer, stock } = aShopper()
    for (const expectedTotal of [usd(1_999), { amount: 2_000, currency: 'EUR' }]) {
      const { status, json } = await world.place(buyer, newId('req'), { shippingAddress, expectedTotal })
      expect([status, json.code, json.changes, json.total]).toEqual([409, 'cart_changed', [], usd(2_000)])
    }
    expect(stock()).toBe(5)
    const { status } = await world.place(buyer, newId('req'), { shippingAddress, expectedTotal: usd(2_000) })
    expect(status).toBe(201)
  })

  it('is refused even when the cart cannot be refreshed', async () => {
    const { world, buyer, variantId } = aShopper()
    world.market.reprices(variantId, 1_200)
    world.market.cart.refresh = async () => {
      throw new AppError('unavailable')
    }
    expect((await world.place(buyer)).json.code).toBe('cart_changed')
  })
})

describe('checking out more than is in stock', () => {
  it('is refused with the short lines, holds no other line, and releases the idempotency key', async () => {
    const { world, buyer, seller, variantId, stock, orders } = aShopper()
    const rare = world.market.sells(seller.userId, { amount: 1, stock: 1 })
    world.market.puts(buyer.userId, [
      [variantId, 2],
      [rare, 3],
    ])
    const { status, json } = await world.place(buyer, 'the-key')
    expect([status, json.code, json.short]).toEqual([409, 'out_of_stock', [{ variantId: rare, asked: 3, available: 1 }]])
    expect([stock(), await orders(), world.sent]).toEqual([5, [], []])
    expect((await world.market.cart.snapshot(buyer.userId)).itemCount).toBe(5)
    world.market.inventory.stock.set(rare, 3)
    expect((await world.place(buyer, 'the-key')).status).toBe(201)
  })

  it('sells the last piece to one of two shoppers who order it at once', async () => {
    const world = aWorld()
    const last = world.market.sells(newId('usr'), { amount: 100, stock: 1 })
    const buyers = [anActor('buyer'), anActor('buyer')]
    for (const { userId } of buyers) world.market.puts(userId, [[last, 1]])
    const answers = await Promise.all(buyers.map((buyer) => world.place(buyer)))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
    expect(world.market.inventory.stock.get(last)).toBe(0)
  })

  it('answers busy with Retry-After when inventory says that a variant is busy', async () => {
    const { world, buyer } = aShopper()
    world.market.inventory.hold = async () => {
      throw new AppError('busy', undefined, { retryAfter: 2 })
    }
    const { status, json, headers } = await world.place(buyer)
    expect([status, json.code, headers.get('retry-after')]).toEqual([409, 'busy', '2'])
  })
})

describe('the idempotency key of a checkout', () => {
  it('is required before anything is held', async () => {
    const { world, buyer, stock } = aShopper()
    const { status, json } = await world.post(buyer, '/v1/orders', { shippingAddress })
    expect([status, json.code, stock()]).toEqual([400, 'idempotency_key_required', 5])
  })

  it('places one order when a hundred requests bring it at once', async () => {
    const { world, buyer, orders, stock } = aShopper()
    const answers = await Promise.all(Array.from({ length: 100 }, () => world.place(buyer, 'same')))
    const placed = answers.filter(({ status }) => status === 201)
    const waiting = answers.filter(({ json }) => json.code === 'idempotency_in_progress')
    expect(placed.length).toBeGreaterThan(0)
    expect(placed.length + waiting.length).toBe(100)
    expect(new Set(placed.map(({ json }) => json.id)).size).toBe(1)
    expect([(await orders()).length, stock(), world.published('order.created').length]).toEqual([1, 3, 1])
  })

  it('answers the same order again although the cart has been filled again', async () => {
    const { world, buyer, variantId, orders } = aShopper()
    const first = await world.place(buyer, 'again')
    world.market.puts(buyer.userId, [[variantId, 1]])
    const second = await world.place(buyer, 'again')
    expect([second.status, second.json]).toEqual([201, first.json])
    expect([(await orders()).length, world.published('order.created').length]).toEqual([1, 1])
  })

  it('is refused with another body', async () => {
    const { world, buyer, orders } = aShopper()
    await world.place(buyer, 'other-body')
    const { status, json } = await world.place(buyer, 'other-body', {
      shippingAddress: { ...shippingAddress, city: 'Shelbyville' },
    })
    expect([status, json.code, (await orders()).length]).toEqual([422, 'idempotency_key_reused', 1])
  })

  it('belongs to its shopper: another shopper with the same key gets their own order', async () => {
    const world = aWorld()
    const [one, other] = [aShopper(world), aShopper(world)]
    const [first, second] = [await world.place(one.buyer, 'shared'), await world.place(other.buyer, 'shared')]
    expect([first.status, second.status]).toEqual([201, 201])
    expect(second.json.id).not.toBe(first.json.id)
    expect(second.json.items[0].variantId).toBe(other.variantId)
  })
})

it('gives two orders different numbers even when their ids end alike', async () => {
  const world = aWorld()
  const place = async (orderId: OrderId) => {
    const { buyer } = aShopper(world)
    const checkout = { orderId, resumed: false, buyerId: buyer.userId, email: null, shippingAddress }
    return (await placeOrder(world.deps, checkout)).order
  }
  const end = newId('ord').slice(-8)
  const [one, other] = [await place(`ord_01jd3g5x8zaaaaaaaa${end}`), await place(`ord_01jd3g5x8zbbbbbbbb${end}`)]
  expect(one.number.endsWith(`-${end.toUpperCase()}`)).toBe(true)
  expect(other.number.endsWith(`-BBBB${end.toUpperCase()}`)).toBe(true)
  expect((await world.deps.orders.load(other._id))?.number).toBe(other.number)
})
