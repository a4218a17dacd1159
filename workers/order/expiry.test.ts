import { describe, expect, it, vi } from 'vitest'
import { newId, type OrderId } from '../../shared/contracts/ids'
import { maxCalls } from '../../shared/testing/data'
import { sweep } from './sweep'
import { anOrder, aWorld, load, paymentEvent, release, stockOf, stopTheClock } from './testing/fixtures'

const now = Date.UTC(2026, 0, 1, 12)
const halfAnHour = 30 * 60_000
stopTheClock(now)

const success = (id: OrderId) => paymentEvent('payment.succeeded', id, 2_000)

describe('an unpaid order', () => {
  it('is canceled by the sweep after half an hour and not before', async () => {
    const world = aWorld()
    const { id, buyer } = await anOrder(world)
    vi.setSystemTime(now + halfAnHour - 1)
    await sweep(world.deps)
    expect((await load(world, id)).status).toBe('pending')
    vi.setSystemTime(now + halfAnHour)
    await sweep(world.deps)
    await sweep(world.deps)
    const { json } = await world.get(buyer, `/v1/orders/${id}`)
    expect(json).toMatchObject({
      status: 'canceled',
      payment: { status: 'voided' },
      history: [{}, { status: 'canceled', reason: 'expired' }],
    })
    expect(world.published('order.canceled')).toMatchObject([{ data: { reason: 'expired', wasPaid: false } }])
  })

  it('is not confused with a paid order, which the sweep does not touch', async () => {
    const world = aWorld()
    const { id } = await anOrder(world)
    await world.receive(success(id))
    vi.setSystemTime(now + halfAnHour)
    await sweep(world.deps)
    expect((await load(world, id)).status).toBe('paid')
  })

  it('that is paid while it expires ends either paid with its stock or canceled without it', async () => {
    for (let round = 0; round < 5; round++) {
      vi.setSystemTime(now)
      const world = aWorld()
      const order = await anOrder(world)
      vi.setSystemTime(now + halfAnHour)
      await Promise.all([world.receive(success(order.id)), sweep(world.deps)])
      const { status } = await load(world, order.id)
      const isPaid = status === 'paid'
      expect(['paid', 'canceled']).toContain(status)
      expect([world.published('order.paid').length, world.published('order.canceled').length]).toEqual(isPaid ? [1, 0] : [0, 1])
      if (!isPaid) await release(world, order)
      expect(stockOf(world, order)).toEqual([isPaid ? 3 : 5])
    }
  })

  it('expires with a page of others within the calls that the platform allows, and each is published', async () => {
    const world = aWorld()
    const { id } = await anOrder(world)
    const order = await load(world, id)
    const copies = Array.from({ length: 120 }, () => ({
      ...{ ...order, _id: newId('ord'), number: newId('ord'), cart: newId('crt'), finishAt: now },
    }))
    await Promise.all(copies.map(world.deps.orders.insertIfAbsent))
    vi.setSystemTime(now + halfAnHour)
    world.outside.calls = 0
    await sweep(world.deps)
    expect(world.outside.calls).toBeLessThanOrEqual(maxCalls)
    expect(await world.deps.orders.overdue(now + halfAnHour, 1)).toEqual([])
    expect(world.published('order.canceled').length).toBe(121)
    expect(await world.deps.orders.sweepOutbox(world.deps.publish)).toBe(0)
  })

  it('that is paid while the sweep runs stays paid', async () => {
    const world = aWorld()
    const [paid, unpaid] = [await anOrder(world), await anOrder(world)]
    vi.setSystemTime(now + halfAnHour)
    const { overdue } = world.deps.orders
    const late: typeof overdue = async (...asked) => {
      const found = await overdue(...asked)
      await world.receive(success(paid.id))
      return found
    }
    await sweep({ ...world.deps, orders: { ...world.deps.orders, overdue: late } })
    expect([(await load(world, paid.id)).status, (await load(world, unpaid.id)).status]).toEqual(['paid', 'canceled'])
    expect(world.published('order.canceled').map(({ subject }) => subject)).toEqual([unpaid.id])
  })

  it('expires although another overdue order cannot be written', async () => {
    const world = aWorld()
    const [one, other] = [await anOrder(world), await anOrder(world)]
    vi.setSystemTime(now + halfAnHour)
    world.outside.beforeWrite = (_target, operation) => {
      if (operation.action === 'updateOne' && operation.filter._id === one.id && operation.update.$inc) throw new Error('no')
    }
    await sweep(world.deps)
    expect([(await load(world, one.id)).status, (await load(world, other.id)).status]).toEqual(['pending', 'canceled'])
    world.outside.beforeWrite = () => undefined
    await sweep(world.deps)
    expect((await load(world, one.id)).status).toBe('canceled')
  })
})
