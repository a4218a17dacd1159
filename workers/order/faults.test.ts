import { expect, vi } from 'vitest'
import { newId } from '../../shared/contracts/ids'
import { anActor } from '../../shared/testing/factories'
import { type Faulty, faultBattery, faultyObjects, outcomeOf, outcomeOfMessage } from '../../shared/testing/fault-battery'
import { anOrder, aWorld, load, paymentEvent } from './testing/fixtures'

/** Longer than a request that never finishes may hold its idempotency key. */
const lockedFor = 31_000

function withDatabase(fault: Faulty) {
  const world = aWorld()
  Object.assign(world.env, { DATABASE: faultyObjects(world.env.DATABASE, fault) })
  return world
}

faultBattery('database', 'order', {
  'order POST /v1/orders': async (fault) => {
    const world = withDatabase(fault)
    const buyer = anActor('buyer')
    const variantId = world.market.sells(newId('usr'), { amount: 1_000, stock: 5 })
    world.market.puts(buyer.userId, [[variantId, 2]])
    const place = () => world.place(buyer, 'the-key')
    return {
      env: world.env,
      act: async () => outcomeOf(await place()),
      recover: async () => {
        vi.advanceTimersByTime(lockedFor)
        const [first, second] = [await place(), await place()]
        expect([first.status, second.status, second.json.id]).toEqual([201, 201, first.json.id])
        const orders = await world.get(buyer, '/v1/orders')
        expect(orders.json.items.map(({ id }: { id: string }) => id)).toEqual([first.json.id])
        expect(world.market.inventory.stock.get(variantId)).toBe(3)
        expect(world.published('order.created')).toHaveLength(1)
      },
    }
  },

  'order payment.succeeded': async (fault) => {
    const world = withDatabase(fault)
    const order = await anOrder(world)
    const succeeded = paymentEvent('payment.succeeded', order.id, order.json.totals.grand.amount)
    const receive = async () => outcomeOfMessage(await world.receive(succeeded))
    return {
      env: world.env,
      act: receive,
      recover: async () => {
        expect([await receive(), await receive()]).toEqual(['acked', 'acked'])
        expect(await load(world, order.id)).toMatchObject({ status: 'paid' })
        expect(world.published('order.paid')).toHaveLength(1)
      },
    }
  },
})
