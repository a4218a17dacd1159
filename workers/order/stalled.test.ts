import { describe, expect, it, vi } from 'vitest'
import type { OrderId } from '../../shared/contracts/ids'
import { anActor } from '../../shared/testing/factories'
import { placeOrder } from './checkout'
import { aWorld, paymentEvent, shippingAddress, stopTheClock } from './testing/fixtures'

const now = Date.UTC(2026, 0, 1, 12)
stopTheClock(now)

function aShopper(world = aWorld()) {
  const buyer = anActor('buyer')
  const variantId = world.market.sells(anActor('seller').userId, { amount: 1_000, stock: 5 })
  world.market.puts(buyer.userId, [[variantId, 2]])
  return {
    ...{ world, buyer, variantId },
    stock: () => world.market.inventory.stock.get(variantId),
    orders: async () => (await world.get(buyer, '/v1/orders')).json.items,
  }
}

/** The lock of the dead attempt runs out. */
const later = () => vi.setSystemTime(Date.now() + 31_000)

describe('a checkout that stalls until a retry takes over', () => {
  it('neither places a second order nor undoes the one that the retry placed', async () => {
    const { world, buyer, variantId, stock, orders } = aShopper()
    const { hold } = world.market.inventory
    let retried: Promise<{ json: { id: OrderId } }> | undefined
    // The first attempt stalls while it holds, for longer than its lock; the retry overtakes it.
    world.market.inventory.hold = async (...args) => {
      world.market.inventory.hold = hold
      const answer = await hold(...args)
      later()
      retried = world.place(buyer, 'the-key')
      await retried
      return answer
    }
    const first = await world.place(buyer, 'the-key')
    const second = await retried
    expect([first.status, first.json.id]).toEqual([201, second?.json.id])
    expect([stock(), world.market.inventory.heldFor(first.json.id)]).toEqual([3, { [variantId]: 2 }])
    expect([(await orders()).length, world.published('order.created').length]).toEqual([1, 1])
  })

  it('keeps the holds and the id of the placed order when it is refused itself', async () => {
    const { world, buyer, variantId, stock } = aShopper()
    const orderId = world.deps.newId('ord')
    const releaseKeyOnError = vi.fn()
    const checkout = { orderId, resumed: true, releaseKeyOnError, buyerId: buyer.userId, email: null, shippingAddress }
    await world.deps.plans.insertIfAbsent({ _id: orderId, lines: [{ variantId, quantity: 2 }], createdAt: now })
    const { snapshot } = world.market.cart
    world.market.cart.snapshot = async (userId) => {
      world.market.cart.snapshot = snapshot
      await placeOrder(world.deps, checkout)
      return snapshot(userId)
    }
    await expect(placeOrder(world.deps, checkout)).rejects.toMatchObject({ code: 'cart_empty' })
    expect(releaseKeyOnError).not.toHaveBeenCalled()
    expect([stock(), world.market.inventory.heldFor(orderId)]).toEqual([3, { [variantId]: 2 }])
  })

  it('does not release paid stock although it looked for the order before that was placed', async () => {
    const { world, buyer, variantId, stock } = aShopper()
    const orderId = world.deps.newId('ord')
    const checkout = { orderId, resumed: true, buyerId: buyer.userId, email: null, shippingAddress }
    await world.deps.plans.insertIfAbsent({ _id: orderId, lines: [{ variantId, quantity: 2 }], createdAt: now })
    const { load } = world.deps.orders
    let looks = 0
    const slow: typeof load = async (id) => {
      const found = await load(id)
      if (++looks === 2) {
        world.market.puts(buyer.userId, [[variantId, 2]])
        await placeOrder(world.deps, checkout)
        await world.receive(paymentEvent('payment.succeeded', orderId, 2_000))
      }
      return found
    }
    world.market.puts(buyer.userId, [])
    const stalled = placeOrder({ ...world.deps, orders: { ...world.deps.orders, load: slow } }, checkout)
    await expect(stalled).rejects.toMatchObject({ code: 'cart_empty' })
    expect([(await world.deps.orders.load(orderId))?.status, stock()]).toEqual(['paid', 3])
    expect(world.market.inventory.heldFor(orderId)).toEqual({ [variantId]: 2 })
  })

  it('does not hold stock under the plan of another attempt', async () => {
    const { world, buyer, variantId, stock } = aShopper()
    const orderId = world.deps.newId('ord')
    await world.deps.plans.insertIfAbsent({ _id: orderId, lines: [{ variantId, quantity: 1 }], createdAt: now })
    const late = placeOrder(world.deps, { orderId, resumed: false, buyerId: buyer.userId, email: null, shippingAddress })
    await expect(late).rejects.toMatchObject({ code: 'conflict' })
    expect([stock(), await world.deps.orders.load(orderId)]).toEqual([5, null])
  })
})
