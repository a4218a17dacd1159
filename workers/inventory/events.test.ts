import { expect, it } from 'vitest'
import type { EventData } from '../../shared/contracts/events'
import { newId, type OrderId, type VariantId } from '../../shared/contracts/ids'
import { storeOf } from '../../shared/storage/store'
import { aCountedStore, maxCalls, storeBindings } from '../../shared/testing/data'
import { anEvent } from '../../shared/testing/factories'
import { deliver } from '../../shared/testing/queue'
import { confirm, hold } from './commands'
import worker from './index'
import { anOrder, aVariantWith, aWarehouse, holdFor, inventoryEnv, line, stored, unitsOf } from './testing/fixtures'

const order = (orderId: OrderId, variantId: VariantId, quantity: number): EventData<'order.paid'> => ({
  version: 2,
  orderId,
  number: 'C-1',
  buyerId: newId('usr'),
  email: null,
  status: 'paid',
  sellerIds: [],
  grand: { amount: 100, currency: 'USD' },
  items: [
    { ...{ variantId, productId: newId('prd'), sellerId: newId('usr'), quantity }, lineTotal: { amount: 100, currency: 'USD' } },
  ],
  groups: [],
})
const paid = (...facts: Parameters<typeof order>) => anEvent('order.paid', facts[0], order(...facts))
const canceled = (wasPaid: boolean, ...facts: Parameters<typeof order>) =>
  anEvent('order.canceled', facts[0], { ...order(...facts), status: 'canceled', reason: 'buyer', wasPaid })
const receive = (...events: unknown[]) => deliver(worker.queue, inventoryEnv, 'inventory', events)

async function aHeldOrder(quantity: number, { confirmed = true } = {}) {
  const { deps, clock } = aWarehouse()
  const [variantId, orderId] = [await aVariantWith(deps, 10), anOrder()]
  await hold(deps, orderId, [line(variantId, quantity)], clock() + holdFor)
  if (confirmed) await confirm(deps, orderId, [line(variantId, quantity)])
  return { deps, variantId, orderId, stock: () => stored(deps, variantId) }
}

it('turns the holds of a paid order into sales once', async () => {
  const { variantId, orderId, stock } = await aHeldOrder(3)
  const event = paid(orderId, variantId, 3)
  expect(await receive(event, event)).toEqual({ acked: ['m0', 'm1'], retried: [] })
  await receive(event)
  expect(await stock()).toMatchObject({ available: 7, held: 0, sold: 3, confirmed: [] })
})

it('releases the holds of an unpaid canceled order once', async () => {
  const { variantId, orderId, stock } = await aHeldOrder(3, { confirmed: false })
  const event = canceled(false, orderId, variantId, 3)
  await receive(event, event)
  await receive(event)
  expect(await stock()).toMatchObject({ available: 10, held: 0, sold: 0 })
})

it('restocks the sold units of a canceled order once', async () => {
  const { variantId, orderId, stock } = await aHeldOrder(3)
  await receive(paid(orderId, variantId, 3))
  const event = canceled(true, orderId, variantId, 3)
  await receive(event, event)
  await receive(event)
  expect(await stock()).toMatchObject({ available: 10, held: 0, sold: 0 })
})

/** `max_batch_size` in wrangler/inventory.jsonc. */
const batchSize = 3

it('sells and restocks a batch of orders within the calls that the platform allows', async () => {
  const { deps, clock } = aWarehouse()
  const store = aCountedStore(storeOf(inventoryEnv))
  const counted = { ...inventoryEnv, ...storeBindings(store) } as unknown as InventoryEnv
  const orders = await Promise.all(
    Array.from({ length: batchSize }, async () => {
      const [variantId, orderId] = [await aVariantWith(deps, 6), anOrder()]
      await hold(deps, orderId, [line(variantId, 6)], clock() + holdFor)
      return [orderId, variantId, 6] as const
    }),
  )
  for (const events of [orders.map((order) => paid(...order)), orders.map((order) => canceled(true, ...order))]) {
    store.calls = 0
    const { acked } = await deliver(worker.queue, counted, 'inventory', events)
    expect([acked.length, store.calls]).toEqual([batchSize, expect.toSatisfy((calls) => calls <= maxCalls)])
  }
})

it('restocks once even when other orders have sold as many units', async () => {
  const { deps, variantId, orderId, stock } = await aHeldOrder(3)
  const other = anOrder()
  await hold(deps, other, [line(variantId, 3)], Date.now() + holdFor)
  await receive(paid(orderId, variantId, 3), paid(other, variantId, 3))
  const event = canceled(true, orderId, variantId, 3)
  await receive(event, event)
  await receive(event)
  expect(await stock()).toMatchObject({ available: 7, held: 0, sold: 3 })
})

it('restocks once when the cancelation overtakes the payment', async () => {
  const { variantId, orderId, stock } = await aHeldOrder(3)
  await receive(canceled(true, orderId, variantId, 3))
  expect(await stock()).toMatchObject({ available: 10, held: 0, sold: 0 })
  await receive(paid(orderId, variantId, 3), canceled(true, orderId, variantId, 3))
  expect(await stock()).toMatchObject({ available: 10, held: 0, sold: 0 })
})

it('changes nothing for orders that hold and bought nothing', async () => {
  const { variantId, stock } = await aHeldOrder(3)
  await receive(canceled(true, anOrder(), variantId, 2), canceled(false, anOrder(), variantId, 3), paid(anOrder(), variantId, 3))
  expect(await stock()).toMatchObject({ available: 7, held: 3, sold: 0 })
})

it('keeps two orders for the same variant apart', async () => {
  const { deps, variantId, orderId, stock } = await aHeldOrder(3)
  const second = anOrder()
  await hold(deps, second, [line(variantId, 3)], Date.now() + holdFor)
  await receive(paid(orderId, variantId, 3), canceled(false, second, variantId, 3))
  expect(await stock()).toMatchObject({ available: 7, held: 0, sold: 3, holds: [] })
  expect(unitsOf(await stock())).toBe(10)
})

it('parks events that it does not know', async () => {
  const { deps } = aWarehouse()
  const stray = anEvent('user.registered', newId('usr'), {
    ...{ version: 1, userId: newId('usr'), email: 'a@example.com', name: 'A', role: 'buyer' },
  })
  expect((await receive(stray, { no: 'event' })).acked).toEqual(['m0', 'm1'])
  expect(await deps.deadLetters.findOne({ eventId: stray.id })).toMatchObject({ worker: 'inventory', type: 'user.registered' })
})
