import { exports } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { newId } from '../../shared/contracts/ids'
import { anActor } from '../../shared/testing/factories'
import { anOrder, aWorld, paymentEvent } from './testing/fixtures'

const world = aWorld()

describe('the orders of a buyer', () => {
  it('come newest first, at most as many as requested, and without those of others', async () => {
    const buyer = anActor('buyer')
    const ids: string[] = []
    for (let n = 0; n < 3; n++) ids.unshift((await anOrder(world, { buyer })).id)
    await anOrder(world)
    const idsOf = async (limit: number) => (await exports.OrderRpc.ofBuyer(buyer.userId, { limit })).map(({ orderId }) => orderId)
    expect([await idsOf(20), await idsOf(2)]).toEqual([ids, ids.slice(0, 2)])
    expect(await exports.OrderRpc.ofBuyer(newId('usr'), { limit: 20 })).toEqual([])
  })

  it('are at most twenty, whatever the limit', async () => {
    const buyer = anActor('buyer')
    for (let n = 0; n < 21; n++) await anOrder(world, { buyer })
    expect(await exports.OrderRpc.ofBuyer(buyer.userId, { limit: 1_000 })).toHaveLength(20)
  })

  it('are found by number only for their buyer', async () => {
    const { id, buyer, json } = await anOrder(world)
    const numbered = (userId: typeof buyer.userId, number: string) => exports.OrderRpc.ofBuyer(userId, { number })
    expect((await numbered(buyer.userId, json.number)).map(({ orderId }) => orderId)).toEqual([id])
    expect(await numbered(newId('usr'), json.number)).toEqual([])
    expect(await numbered(buyer.userId, 'CR-260101-00000000')).toEqual([])
  })

  it('include items and parcels but no shipping address', async () => {
    const sellers = [anActor('seller'), anActor('seller')]
    const { id, buyer, json, variantIds } = await anOrder(world, { sellers })
    await world.receive(paymentEvent('payment.succeeded', id, 4_000))
    const parcel = { carrier: 'DHL', trackingNumber: 'JD01' }
    expect((await world.post(sellers[1] ?? buyer, `/v1/orders/${id}/shipments`, parcel)).status).toBe(201)
    const [order] = await exports.OrderRpc.ofBuyer(buyer.userId, { limit: 1 })
    expect(order).toMatchObject({
      ...{ orderId: id, number: json.number, status: 'paid', grand: { amount: 4_000, currency: 'USD' } },
      placedAt: Date.parse(json.createdAt),
      items: variantIds.map((variantId) => ({ variantId, quantity: 2, lineTotal: { amount: 2_000, currency: 'USD' } })),
      parcels: [
        { status: 'paid', carrier: null, trackingNumber: null, shippedAt: null, deliveredAt: null },
        { status: 'shipped', ...parcel, shippedAt: expect.any(Number), deliveredAt: null },
      ],
    })
    expect(JSON.stringify(order)).not.toMatch(/Main Street|Springfield/)
  })
})
