import { describe, expect, it } from 'vitest'
import { AppError } from '../../shared/contracts/errors'
import { newId, type OrderId } from '../../shared/contracts/ids'
import { maxCalls } from '../../shared/testing/data'
import { sweep } from './sweep'
import { anOrder, aWorld, load, paymentEvent, release, stockOf, stopTheClock } from './testing/fixtures'

const now = Date.UTC(2026, 0, 1, 12)
const halfAnHour = 30 * 60_000
stopTheClock(now)

const success = (id: OrderId) => paymentEvent('payment.succeeded', id, 2_000)
const failure = (id: OrderId) => paymentEvent('payment.failed', id, 2_000)
const refunded = (id: OrderId, total = 2_000) => paymentEvent('payment.refunded', id, 2_000, total)

describe('payment.succeeded', () => {
  it('confirms the stock and publishes that the order is paid', async () => {
    const world = aWorld()
    const order = await anOrder(world)
    const { acked } = await world.receive(success(order.id))
    expect(acked).toEqual(['m0'])
    const { json } = await world.get(order.buyer, `/v1/orders/${order.id}`)
    expect(json).toMatchObject({ status: 'paid', payment: { status: 'succeeded' }, groups: [{ status: 'paid' }] })
    expect(world.published('order.paid')).toMatchObject([
      { data: { version: 2, orderId: order.id, status: 'paid', items: [{ variantId: order.variantIds[0], quantity: 2 }] } },
    ])
    expect(
      world.sent
        .filter(({ envelope }) => envelope.type === 'order.paid')
        .map(({ to }) => to)
        .sort(),
    ).toEqual(['ai-buddy', 'inventory', 'notification', 'seller-dashboard'])
    world.market.inventory.expire(now + halfAnHour)
    expect(stockOf(world, order)).toEqual([3])
  })

  it('marks the order paid once, however often it is delivered', async () => {
    const world = aWorld()
    const { id } = await anOrder(world)
    const event = success(id)
    await world.receive(event, event, event)
    await world.receive(event)
    expect([world.published('order.paid').length, (await load(world, id)).version]).toEqual([1, 2])
  })

  it('cancels the order when its hold expired and another order took the stock, and payment returns the money', async () => {
    const world = aWorld()
    const order = await anOrder(world)
    world.market.inventory.expire(now + halfAnHour)
    world.market.inventory.stock.set(order.variantIds[0] ?? newId('var'), 1)
    await world.receive(success(order.id))
    expect(world.published('order.paid')).toEqual([])
    expect(world.published('order.canceled')).toMatchObject([{ data: { reason: 'expired', wasPaid: false, status: 'canceled' } }])
    expect(stockOf(world, order)).toEqual([1])
    await world.receive(refunded(order.id))
    expect(await load(world, order.id)).toMatchObject({ status: 'canceled', payment: 'refunded' })
  })

  it('takes the stock again when the hold expired and enough is left', async () => {
    const world = aWorld()
    const order = await anOrder(world)
    world.market.inventory.expire(now + halfAnHour)
    await world.receive(success(order.id))
    expect([(await load(world, order.id)).status, stockOf(world, order)]).toEqual(['paid', [3]])
  })

  it('handles a batch of orders within the calls that the platform allows', async () => {
    const world = aWorld()
    const orders = [await anOrder(world), await anOrder(world), await anOrder(world), await anOrder(world)]
    world.outside.calls = 0
    // As many as `max_batch_size` in wrangler/order.jsonc; inventory makes a call of its own for each.
    expect((await world.receive(...orders.map(({ id }) => success(id)))).acked.length).toBe(4)
    expect(world.outside.calls + orders.length).toBeLessThanOrEqual(maxCalls)
  })

  it('is retried while inventory does not answer, and changes nothing until then', async () => {
    const world = aWorld()
    const { id } = await anOrder(world)
    const { confirm } = world.market.inventory
    world.market.inventory.confirm = async () => {
      throw new AppError('unavailable')
    }
    const { acked, retried } = await world.receive(success(id))
    expect([acked, retried.length, (await load(world, id)).status]).toEqual([[], 1, 'pending'])
    world.market.inventory.confirm = confirm
    await world.receive(success(id))
    expect((await load(world, id)).status).toBe('paid')
  })

  it('is parked when its order does not exist', async () => {
    const world = aWorld()
    const event = success(newId('ord'))
    const { acked } = await world.receive(event)
    expect([acked, (await world.deps.deadLetters.findOne({ _id: `order:${event.id}` }))?.type]).toEqual([
      ['m0'],
      'payment.succeeded',
    ])
  })
})

describe('payment.succeeded after the order ended', () => {
  it('leaves a canceled order canceled and its stock available', async () => {
    const world = aWorld()
    const order = await anOrder(world)
    await world.post(order.buyer, `/v1/orders/${order.id}/cancel`)
    await release(world, order)
    const { acked } = await world.receive(success(order.id))
    expect([acked, (await load(world, order.id)).status, stockOf(world, order)]).toEqual([['m0'], 'canceled', [5]])
    expect([world.published('order.paid').length, world.published('order.canceled').length]).toEqual([0, 1])
  })

  it('releases stock that was confirmed while the buyer canceled', async () => {
    const world = aWorld()
    const order = await anOrder(world)
    const { confirm } = world.market.inventory
    // Between the read of the pending order and the confirmation, the order is canceled and inventory has released it.
    world.market.inventory.confirm = async (...args) => {
      world.market.inventory.confirm = confirm
      await world.post(order.buyer, `/v1/orders/${order.id}/cancel`)
      await release(world, order)
      return confirm(...args)
    }
    await world.receive(success(order.id))
    expect([(await load(world, order.id)).status, stockOf(world, order), world.published('order.paid').length]).toEqual([
      'canceled',
      [5],
      0,
    ])
  })

  it('releases that stock even when the Worker died between confirming and writing', async () => {
    const world = aWorld()
    const order = await anOrder(world)
    const { confirm } = world.market.inventory
    world.market.inventory.confirm = async (...args) => {
      world.market.inventory.confirm = confirm
      await world.post(order.buyer, `/v1/orders/${order.id}/cancel`)
      await release(world, order)
      await confirm(...args)
      throw new Error('the isolate died')
    }
    const event = success(order.id)
    expect((await world.receive(event)).retried.length).toBe(1)
    expect(stockOf(world, order)).toEqual([3])
    await world.receive(event)
    expect([(await load(world, order.id)).status, stockOf(world, order)]).toEqual(['canceled', [5]])
  })

  it('never makes a failed order paid', async () => {
    const world = aWorld()
    const { id } = await anOrder(world)
    await world.receive(failure(id))
    await world.receive(success(id))
    expect([(await load(world, id)).status, world.published('order.paid').length]).toEqual(['failed', 0])
  })
})

describe('payment.failed', () => {
  it('fails the order and publishes order.canceled, so that inventory releases and payment stops', async () => {
    const world = aWorld()
    const order = await anOrder(world)
    const event = failure(order.id)
    await world.receive(event, event)
    await world.receive(event)
    const { json } = await world.get(order.buyer, `/v1/orders/${order.id}`)
    expect(json).toMatchObject({
      status: 'failed',
      payment: { status: 'failed' },
      history: [{ status: 'pending' }, { status: 'failed' }],
    })
    expect(world.published('order.canceled')).toMatchObject([
      { data: { status: 'failed', reason: 'payment_failed', wasPaid: false, version: 2 } },
    ])
    const recipients = world.sent.filter(({ envelope }) => envelope.type === 'order.canceled').map(({ to }) => to)
    expect(recipients.sort()).toEqual(['inventory', 'notification', 'payment', 'seller-dashboard'])
  })

  it('changes nothing when it comes after the success', async () => {
    const world = aWorld()
    const { id } = await anOrder(world)
    await world.receive(success(id))
    await world.receive(failure(id))
    expect([(await load(world, id)).status, world.published('order.canceled').length]).toEqual(['paid', 0])
  })
})

describe('payment.refunded', () => {
  it('makes a paid order refunded once the full amount went back, and not before', async () => {
    const world = aWorld()
    const { id } = await anOrder(world)
    await world.receive(success(id))
    await world.receive(refunded(id, 1_999))
    expect((await load(world, id)).status).toBe('paid')
    const event = refunded(id)
    await world.receive(event)
    await world.receive(event)
    expect(await load(world, id)).toMatchObject({ status: 'refunded', payment: 'refunded', version: 3 })
    expect(world.published('order.canceled')).toMatchObject([
      { data: { status: 'refunded', reason: 'refunded', wasPaid: true, items: [{ quantity: 2 }] } },
    ])
  })

  it('ends the order for good when it overtakes the success', async () => {
    const world = aWorld()
    const order = await anOrder(world)
    await world.receive(refunded(order.id))
    await world.receive(success(order.id))
    expect(await load(world, order.id)).toMatchObject({ status: 'canceled', payment: 'refunded' })
    expect([world.published('order.paid').length, world.published('order.canceled').length, stockOf(world, order)]).toEqual([
      0,
      1,
      [5],
    ])
  })
})

it('publishes events that the queue refused once it works again, in their order', async () => {
  const world = aWorld()
  const { id } = await anOrder(world)
  world.outside.queuesDown = true
  await world.receive(success(id))
  expect([(await load(world, id)).status, world.published('order.paid').length]).toEqual(['paid', 0])
  world.outside.queuesDown = false
  await sweep(world.deps)
  expect(world.published('order.paid').map(({ subject }) => subject)).toEqual([id])
  expect((await load(world, id)).outbox).toEqual([])
})
