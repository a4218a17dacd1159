import { describe, expect, it, vi } from 'vitest'
import { AppError } from '../../shared/contracts/errors'
import { anActor } from '../../shared/testing/factories'
import { placeOrder } from './checkout'
import { sweep } from './sweep'
import { aWorld, paymentEvent, shippingAddress, stopTheClock, type World } from './testing/fixtures'

const now = Date.UTC(2026, 0, 1, 12)
stopTheClock(now)

function aShopper(world = aWorld()) {
  const buyer = anActor('buyer')
  const seller = anActor('seller')
  const variantId = world.market.sells(seller.userId, { amount: 1_000, stock: 5 })
  world.market.puts(buyer.userId, [[variantId, 2]])
  return {
    ...{ world, buyer, seller, variantId },
    stock: () => world.market.inventory.stock.get(variantId),
    orders: async () => (await world.get(buyer, '/v1/orders')).json.items,
    sold: async () => (await world.get(seller, '/v1/seller/orders')).json.items.map(({ id }: { id: string }) => id),
    cart: async () => (await world.market.cart.snapshot(buyer.userId)).itemCount,
  }
}

/** Kills the isolate before or after the first insert into a collection: nothing it does from then on reaches the store. */
function dieAt(world: World, collection: string, moment: 'before' | 'after') {
  let dead = false
  const die = () => {
    dead = true
    throw new Error('the isolate died')
  }
  world.outside.beforeWrite = (target, operation) => {
    const isIt = target.collection === collection && operation.action === 'insertOne'
    if (dead || (isIt && moment === 'before')) die()
  }
  world.outside.afterWrite = (target, operation) => {
    if (target.collection === collection && operation.action === 'insertOne') die()
  }
  world.outside.queuesDown = true
}

function revive(world: World) {
  world.outside.beforeWrite = () => undefined
  world.outside.afterWrite = () => undefined
  world.outside.queuesDown = false
}

/** The lock of the dead attempt runs out. */
const later = () => vi.setSystemTime(Date.now() + 31_000)

describe('a crash after the hold, before the order is written', () => {
  it('leaves no order and a hold that expires', async () => {
    const { world, buyer, stock, orders } = aShopper()
    dieAt(world, 'orders', 'before')
    expect((await world.place(buyer)).status).toBeGreaterThanOrEqual(500)
    revive(world)
    expect([stock(), await orders()]).toEqual([3, []])
    world.market.inventory.expire(now + 30 * 60_000)
    expect(stock()).toBe(5)
  })

  it('is continued by a retry with the same key, order id and hold', async () => {
    const { world, buyer, variantId, stock, orders } = aShopper()
    const held = vi.spyOn(world.market.inventory, 'hold')
    dieAt(world, 'orders', 'before')
    await world.place(buyer, 'the-key')
    revive(world)
    expect((await world.place(buyer, 'the-key')).json.code).toBe('idempotency_in_progress')
    later()
    const { status, json } = await world.place(buyer, 'the-key')
    expect(status).toBe(201)
    expect(new Set(held.mock.calls.map(([orderId]) => orderId))).toEqual(new Set([json.id]))
    expect([stock(), world.market.inventory.heldFor(json.id), (await orders()).length]).toEqual([3, { [variantId]: 2 }, 1])
    expect(world.published('order.created').map(({ subject }) => subject)).toEqual([json.id])
  })

  it('releases the hold when the retry finds another cart, so that no order has a hold of another quantity', async () => {
    const { world, buyer, variantId, stock, orders } = aShopper()
    dieAt(world, 'orders', 'before')
    await world.place(buyer, 'the-key')
    revive(world)
    later()
    world.market.puts(buyer.userId, [[variantId, 4]])
    const refused = await world.place(buyer, 'the-key')
    expect([refused.status, refused.json.code, stock(), await orders()]).toEqual([409, 'cart_changed', 5, []])
    const { status, json } = await world.place(buyer, 'the-key')
    expect([status, stock(), world.market.inventory.heldFor(json.id)]).toEqual([201, 1, { [variantId]: 4 }])
  })

  it('keeps the order id until its hold can be released', async () => {
    const { world, buyer, variantId, stock, orders } = aShopper()
    dieAt(world, 'orders', 'before')
    await world.place(buyer, 'the-key')
    revive(world)
    later()
    world.market.puts(buyer.userId, [[variantId, 4]])
    const { release } = world.market.inventory
    world.market.inventory.release = async () => {
      world.market.inventory.release = release
      throw new AppError('unavailable')
    }
    const refused = [await world.place(buyer, 'the-key'), await world.place(buyer, 'the-key')]
    expect(refused.map(({ json }) => json.code)).toEqual(['cart_changed', 'cart_changed'])
    expect([stock(), (await world.place(buyer, 'the-key')).status, stock(), (await orders()).length]).toEqual([5, 201, 1, 1])
  })

  it('lets a smaller cart be ordered after a retry that found too little stock', async () => {
    const { world, buyer, variantId, stock } = aShopper()
    dieAt(world, 'plans', 'before')
    await world.place(buyer, 'the-key')
    revive(world)
    later()
    world.market.puts(buyer.userId, [[variantId, 6]])
    expect((await world.place(buyer, 'the-key')).json.code).toBe('out_of_stock')
    world.market.puts(buyer.userId, [[variantId, 4]])
    expect([(await world.place(buyer, 'the-key')).status, stock()]).toEqual([201, 1])
  })

  it.each([
    ['the price changed', (world: World, variantId: `var_${string}`) => world.market.reprices(variantId, 1_500)],
    ['the product is gone', (world: World, variantId: `var_${string}`) => world.market.withdraws(variantId)],
  ])('gives the hold back when the retry finds that %s', async (_what, happen) => {
    const { world, buyer, variantId, stock } = aShopper()
    dieAt(world, 'orders', 'before')
    await world.place(buyer, 'the-key')
    revive(world)
    later()
    happen(world, variantId)
    expect([(await world.place(buyer, 'the-key')).json.code, stock()]).toEqual(['cart_changed', 5])
  })

  it('releases the hold when the cart has been emptied meanwhile', async () => {
    const { world, buyer, stock } = aShopper()
    dieAt(world, 'orders', 'before')
    await world.place(buyer, 'the-key')
    revive(world)
    later()
    world.market.puts(buyer.userId, [])
    expect([(await world.place(buyer, 'the-key')).json.code, stock()]).toEqual(['cart_empty', 5])
  })
})

describe('a crash after the order is written', () => {
  it('is continued by a retry with the same key: the same order, an empty cart, published events', async () => {
    const { world, buyer, stock, orders, sold, cart } = aShopper()
    dieAt(world, 'orders', 'after')
    expect((await world.place(buyer, 'the-key')).status).toBeGreaterThanOrEqual(500)
    revive(world)
    const [{ id }] = await orders()
    expect([await cart(), await sold(), world.sent]).toEqual([2, [], []])
    later()
    const { status, json } = await world.place(buyer, 'the-key')
    expect([status, json.id, stock(), await cart(), await sold()]).toEqual([201, id, 3, 0, [id]])
    expect((await orders()).length).toBe(1)
    expect(world.published('order.created').length).toBe(1)
  })

  it('is continued when the cart is empty already: the retry answers the order instead of refusing the cart', async () => {
    const { world, buyer, orders, cart, stock } = aShopper()
    let dead = false
    world.outside.beforeWrite = (_target, operation) => {
      dead ||= operation.action === 'updateOne' && operation.update.$set?.finishAt === null
      if (dead) throw new Error('the isolate died')
    }
    expect((await world.place(buyer, 'the-key')).status).toBeGreaterThanOrEqual(500)
    revive(world)
    const [{ id }] = await orders()
    expect(await cart()).toBe(0)
    later()
    const { status, json } = await world.place(buyer, 'the-key')
    expect([status, json.id, stock(), (await orders()).length]).toEqual([201, id, 3, 1])
  })

  it('is finished by the sweep when nobody retries', async () => {
    const { world, buyer, orders, sold, cart } = aShopper()
    dieAt(world, 'orders', 'after')
    await world.place(buyer)
    revive(world)
    await sweep(world.deps)
    const [{ id }] = await orders()
    expect([await cart(), await sold(), world.published('order.created').map(({ subject }) => subject)]).toEqual([0, [id], [id]])
    const once = world.sent.length
    await sweep(world.deps)
    expect(world.sent.length).toBe(once)
  })
})

describe('a failure after the order is written', () => {
  it('does not make a late retry empty the cart of a finished order again', async () => {
    const { world, buyer, cart } = aShopper()
    const { json } = await world.place(buyer)
    const checkedOut = vi.spyOn(world.market.cart, 'checkedOut')
    const checkout = { orderId: json.id, resumed: true, buyerId: buyer.userId, email: null, shippingAddress }
    expect(await placeOrder(world.deps, checkout)).toMatchObject({ order: { _id: json.id }, writes: [] })
    expect([checkedOut.mock.calls.length, await cart(), world.published('order.created').length]).toEqual([0, 0, 1])
  })

  it('of the cart does not fail the order, and the sweep empties the cart later, once', async () => {
    const { world, buyer, variantId, sold, cart } = aShopper()
    const { checkedOut } = world.market.cart
    world.market.cart.checkedOut = async () => {
      throw new AppError('unavailable')
    }
    const { status, json } = await world.place(buyer)
    expect([status, await cart()]).toEqual([201, 2])
    await sweep(world.deps)
    expect([await cart(), (await world.deps.orders.load(json.id))?.finishAt]).toEqual([2, now + 60_000])
    vi.setSystemTime(now + 60_000)
    const again = vi.fn(checkedOut)
    world.market.cart.checkedOut = again
    await sweep(world.deps)
    expect([await cart(), await sold()]).toEqual([0, [json.id]])
    world.market.puts(buyer.userId, [[variantId, 1]])
    await sweep(world.deps)
    expect([await cart(), again.mock.calls.length]).toEqual([1, 1])
  })

  it('of many carts does not keep the sweep from finishing the orders behind them', async () => {
    const { world, buyer, variantId, cart } = aShopper()
    const { json } = await world.place(buyer)
    const placed = await world.deps.orders.load(json.id)
    if (!placed) throw new Error('no order')
    const { checkedOut } = world.market.cart
    world.market.cart.checkedOut = async (userId, ...rest) => {
      if (userId !== buyer.userId) throw new AppError('unavailable')
      return checkedOut(userId, ...rest)
    }
    const unfinished = (buyerId: typeof buyer.userId, finishAt: number) => {
      const _id = world.deps.newId('ord')
      return { ...placed, _id, number: _id, cart: _id, buyerId, finishAt }
    }
    const unreachable = Array.from({ length: 20 }, () => unfinished(anActor('buyer').userId, now - 1))
    await Promise.all([...unreachable, unfinished(buyer.userId, now)].map(world.deps.orders.insertIfAbsent))
    world.market.puts(buyer.userId, [[variantId, 2]])
    for (let tick = 0; tick < 3; tick++) await sweep(world.deps)
    expect([await cart(), (await world.deps.orders.unfinished(now, 100)).length]).toEqual([0, 0])
  })

  it('of the queue leaves events that another writer added meanwhile to the sweep', async () => {
    const { world, buyer } = aShopper()
    const { checkedOut } = world.market.cart
    world.market.cart.checkedOut = async (userId, orderId, lines) => {
      await checkedOut(userId, orderId, lines)
      world.outside.queuesDown = true
      await world.receive(paymentEvent('payment.succeeded', orderId, 2_000))
      world.outside.queuesDown = false
    }
    const { json } = await world.place(buyer)
    expect((await world.deps.orders.load(json.id))?.outbox.map(({ type }) => type)).toContain('order.paid')
    await sweep(world.deps)
    expect(world.published('order.paid').map(({ subject }) => subject)).toEqual([json.id])
    expect(await world.deps.orders.load(json.id)).toMatchObject({ finishAt: null, outbox: [], outboxPending: false })
  })

  it('of the queue does not fail the order, and the sweep sends the events later, once', async () => {
    const { world, buyer } = aShopper()
    world.outside.queuesDown = true
    const { status, json } = await world.place(buyer)
    expect([status, world.sent]).toEqual([201, []])
    await sweep(world.deps)
    expect(world.sent).toEqual([])
    world.outside.queuesDown = false
    await sweep(world.deps)
    await sweep(world.deps)
    expect(world.sent.map(({ to, envelope }) => [to, envelope.type, envelope.subject]).sort()).toEqual([
      ['notification', 'order.created', json.id],
      ['payment', 'order.created', json.id],
      ['seller-dashboard', 'order.created', json.id],
    ])
  })
})

it('keeps the plan of a checkout for as long as its idempotency key lives', async () => {
  const { world, buyer } = aShopper()
  const { json } = await world.place(buyer)
  vi.setSystemTime(now + 24 * 3_600_000 + 60_000)
  await sweep(world.deps)
  expect(await world.deps.plans.load(json.id)).not.toBeNull()
  vi.setSystemTime(now + 26 * 3_600_000)
  await sweep(world.deps)
  expect(await world.deps.plans.load(json.id)).toBeNull()
})
