import { describe, expect, it } from 'vitest'
import { anActor } from '../../shared/testing/factories'
import { anOrder, aWorld, paymentEvent, type World } from './testing/fixtures'

/** A paid order of two sellers, each with 2 pieces at 10.00. */
async function aPaidOrder(world: World) {
  const [one, other] = [anActor('seller'), anActor('seller')]
  const order = await anOrder(world, { sellers: [one, other] })
  await world.receive(paymentEvent('payment.succeeded', order.id, 4_000))
  const path = `/v1/orders/${order.id}`
  return { ...order, one, other, path, read: async () => (await world.get(order.buyer, path)).json }
}

describe('an order of two sellers', () => {
  it('that is refunded in full cancels only the part that was not shipped', async () => {
    const world = aWorld()
    const { id, one, other, path, variantIds } = await aPaidOrder(world)
    await world.post(one, `${path}/shipments`, {})
    await world.receive(paymentEvent('payment.refunded', id, 4_000, 4_000))
    const [canceled, ...rest] = world.published('order.canceled')
    expect(rest).toEqual([])
    expect(canceled?.data).toMatchObject({ reason: 'refunded', wasPaid: true, sellerIds: [other.userId] })
    expect(canceled?.data.items).toMatchObject([{ variantId: variantIds[1], sellerId: other.userId, quantity: 2 }])
  })

  it('shows each seller their own part with its commission, and nothing of the other seller’s', async () => {
    const world = aWorld()
    const { id, one, other, variantIds } = await aPaidOrder(world)
    for (const [index, seller] of [one, other].entries()) {
      const { json } = await world.get(seller, '/v1/seller/orders')
      expect(json.items.map((order: { id: string }) => order.id)).toEqual([id])
      const [sold] = json.items
      expect(sold.items.map(({ variantId }: { variantId: string }) => variantId)).toEqual([variantIds[index]])
      expect(sold.groups).toMatchObject([
        {
          ...{ sellerId: seller.userId, status: 'paid', subtotal: { amount: 2_000 } },
          commission: { basisPoints: 1_000, amount: { amount: 200, currency: 'USD' } },
        },
      ])
      expect([sold.subtotal.amount, sold.totals, sold.email]).toEqual([2_000, undefined, undefined])
      const stranger = index === 0 ? other : one
      expect(JSON.stringify(sold)).not.toContain(stranger.userId)
    }
  })

  it('answers 404 to its sellers and to strangers on the buyer’s route', async () => {
    const world = aWorld()
    const { one, path } = await aPaidOrder(world)
    expect((await world.get(one, path)).status).toBe(404)
    expect((await world.get(anActor('admin'), path)).status).toBe(200)
    expect((await world.get(anActor('buyer'), path)).status).toBe(404)
  })

  it('is shipped and delivered group by group, and its status follows', async () => {
    const world = aWorld()
    const { id, one, other, path, read } = await aPaidOrder(world)
    const shipped = await world.post(one, `${path}/shipments`, { carrier: 'UPS', trackingNumber: '1Z' })
    expect(shipped.status).toBe(201)
    expect(shipped.json.groups).toMatchObject([{ sellerId: one.userId, status: 'shipped', carrier: 'UPS', trackingNumber: '1Z' }])
    expect((await read()).groups.map(({ status }: { status: string }) => status)).toEqual(['shipped', 'paid'])
    const delivered = await world.post(one, `${path}/deliveries`)
    expect([delivered.status, delivered.json.groups[0].status, delivered.json.status]).toEqual([200, 'delivered', 'paid'])
    await world.post(other, `${path}/shipments`)
    expect((await read()).status).toBe('shipped')
    await world.post(other, `${path}/deliveries`)
    expect(await read()).toMatchObject({ status: 'delivered', groups: [{ status: 'delivered' }, { status: 'delivered' }] })
    expect(
      world.published('order.shipped').map(({ data }) => [data.orderId, data.sellerId, data.status, data.carrier, data.version]),
    ).toEqual([
      [id, one.userId, 'paid', 'UPS', 3],
      [id, other.userId, 'shipped', null, 5],
    ])
    expect(world.published('order.delivered').map(({ data }) => [data.sellerId, data.status])).toEqual([
      [one.userId, 'paid'],
      [other.userId, 'delivered'],
    ])
  })

  it('publishes a shipment once when it is reported three times, and refuses a different report', async () => {
    const world = aWorld()
    const { one, path } = await aPaidOrder(world)
    const news = { carrier: 'UPS', trackingNumber: '1Z' }
    const answers = await Promise.all([0, 1, 2].map(() => world.post(one, `${path}/shipments`, news)))
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201])
    expect(world.published('order.shipped').length).toBe(1)
    const { status, json } = await world.post(one, `${path}/shipments`, { ...news, trackingNumber: '2Z' })
    expect([status, json.code]).toEqual([409, 'invalid_state'])
  })

  it('records both of two shipments that are reported at once', async () => {
    const world = aWorld()
    const { one, other, path, read } = await aPaidOrder(world)
    await Promise.all([world.post(one, `${path}/shipments`), world.post(other, `${path}/shipments`)])
    expect(await read()).toMatchObject({ status: 'shipped', groups: [{ status: 'shipped' }, { status: 'shipped' }] })
    expect(world.published('order.shipped').length).toBe(2)
  })

  it('cannot be shipped by a stranger or before it is paid', async () => {
    const world = aWorld()
    const { path } = await aPaidOrder(world)
    expect((await world.post(anActor('seller'), `${path}/shipments`)).status).toBe(404)
    const unpaid = await anOrder(world)
    const [seller = anActor('seller')] = unpaid.sellers
    const { status, json } = await world.post(seller, `/v1/orders/${unpaid.id}/shipments`)
    expect([status, json.code]).toEqual([409, 'invalid_state'])
  })

  it('cannot be canceled by one of its sellers, nor by the buyer once a part is shipped', async () => {
    const world = aWorld()
    const { one, buyer, path } = await aPaidOrder(world)
    expect((await world.post(one, `${path}/cancel`)).json.code).toBe('invalid_state')
    await world.post(one, `${path}/shipments`)
    const { status, json } = await world.post(buyer, `${path}/cancel`)
    expect([status, json.code, world.published('order.canceled').length]).toEqual([409, 'invalid_state', 0])
  })
})

describe('canceling an order', () => {
  it('publishes to inventory and payment that the order had been paid', async () => {
    const world = aWorld()
    const { buyer, path } = await aPaidOrder(world)
    const { status, json } = await world.post(buyer, `${path}/cancel`, { reason: 'I changed my mind' })
    expect(status).toBe(200)
    expect(json).toMatchObject({ status: 'canceled', payment: { status: 'succeeded' } })
    expect(json.history.at(-1)).toMatchObject({ status: 'canceled', reason: 'buyer', note: 'I changed my mind' })
    expect(world.published('order.canceled')).toMatchObject([{ data: { reason: 'buyer', wasPaid: true, status: 'canceled' } }])
    const recipients = world.sent.filter(({ envelope }) => envelope.type === 'order.canceled').map(({ to }) => to)
    expect(recipients.sort()).toEqual(['inventory', 'notification', 'payment', 'seller-dashboard'])
  })

  it('happens once and answers the same when it is requested several times', async () => {
    const world = aWorld()
    const { id, buyer } = await anOrder(world)
    const answers = await Promise.all([0, 1, 2].map(() => world.post(buyer, `/v1/orders/${id}/cancel`)))
    const again = await world.post(buyer, `/v1/orders/${id}/cancel`)
    expect([...answers, again].map(({ status, json }) => [status, json.status])).toEqual(Array(4).fill([200, 'canceled']))
    expect(world.published('order.canceled').length).toBe(1)
  })

  it('by its only seller answers the seller’s view', async () => {
    const world = aWorld()
    const { id, sellers, buyer } = await anOrder(world)
    const [seller = anActor('seller')] = sellers
    const { status, json } = await world.post(seller, `/v1/orders/${id}/cancel`)
    expect([status, json.status, json.totals, json.groups[0].commission.basisPoints]).toEqual([200, 'canceled', undefined, 1_000])
    expect(world.published('order.canceled')).toMatchObject([{ data: { reason: 'seller', wasPaid: false } }])
    expect((await world.post(buyer, `/v1/orders/${id}/cancel`)).json.code).toBe('invalid_state')
  })

  it('while its payment succeeds always ends in a canceled order', async () => {
    for (let round = 0; round < 5; round++) {
      const world = aWorld()
      const { id, buyer } = await anOrder(world)
      await Promise.all([
        world.receive(paymentEvent('payment.succeeded', id, 2_000)),
        world.post(buyer, `/v1/orders/${id}/cancel`),
      ])
      expect((await world.get(buyer, `/v1/orders/${id}`)).json.status).toBe('canceled')
      const [canceled] = world.published('order.canceled')
      expect([world.published('order.canceled').length, world.published('order.paid').length]).toEqual([
        1,
        canceled?.data.wasPaid ? 1 : 0,
      ])
    }
  })
})

it('hides the address from sellers until the order is paid', async () => {
  const world = aWorld()
  const { id, sellers } = await anOrder(world)
  const [seller = anActor('seller')] = sellers
  const address = async () => (await world.get(seller, '/v1/seller/orders')).json.items[0].shippingAddress
  expect(await address()).toBeNull()
  await world.receive(paymentEvent('payment.succeeded', id, 2_000))
  expect((await address()).city).toBe('Springfield')
})
