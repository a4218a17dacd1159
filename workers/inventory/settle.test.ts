import { expect, it } from 'vitest'
import { newId, type VariantId } from '../../shared/contracts/ids'
import { hold, open, release, setOnHand } from './commands'
import { anOrder, aVariantWith, aWarehouse, holdFor, line, stored } from './fixtures'
import { holdWrite } from './stock'
import { sweep } from './sweep'

type Warehouse = ReturnType<typeof aWarehouse>
const told = ({ publisher }: Warehouse, variantId: VariantId) =>
  publisher
    .ofType('stock.changed')
    .filter(({ subject }) => subject === variantId)
    .map(({ data }) => [data.previous, data.availability, data.available])

it('tells of a level only when it becomes another', async () => {
  const warehouse = aWarehouse()
  const { deps, clock } = warehouse
  const variantId = await aVariantWith(deps, 8)
  const [first, second, third] = [anOrder(), anOrder(), anOrder()]
  await hold(deps, first, [line(variantId, 2)], clock() + holdFor)
  expect(told(warehouse, variantId)).toEqual([])
  await hold(deps, second, [line(variantId)], clock() + holdFor)
  await hold(deps, third, [line(variantId, 5)], clock() + holdFor)
  await release(deps, third, [line(variantId, 5)])
  await release(deps, second, [line(variantId)])
  expect(told(warehouse, variantId)).toEqual([
    ['in', 'low', 5],
    ['low', 'out', 0],
    ['out', 'low', 5],
    ['low', 'in', 6],
  ])
  const versions = warehouse.publisher.ofType('stock.changed').map(({ data }) => data.version)
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b))
})

it('opens silently, since who opens is given the level', async () => {
  const warehouse = aWarehouse()
  const variantId = newId('var')
  const opening = { variantId, productId: newId('prd'), sellerId: newId('usr'), onHand: 0 }
  expect(await open(warehouse.deps, [opening])).toEqual([{ variantId, available: 0, availability: 'out' }])
  expect(await open(warehouse.deps, [{ ...opening, onHand: 99 }])).toEqual([{ variantId, available: 0, availability: 'out' }])
  expect(warehouse.publisher.sent).toEqual([])
})

it('ends with the true level however many write at once', async () => {
  const warehouse = aWarehouse()
  const { deps, clock } = warehouse
  const variantId = await aVariantWith(deps, 12)
  const orders = Array.from({ length: 12 }, anOrder)
  await Promise.all(orders.map((orderId) => hold(deps, orderId, [line(variantId)], clock() + holdFor)))
  expect(told(warehouse, variantId).at(-1)?.[1]).toBe('out')
  await Promise.all(orders.map((orderId) => release(deps, orderId, [line(variantId)])))
  expect(told(warehouse, variantId).at(-1)?.[1]).toBe('in')
  expect(await stored(deps, variantId)).toMatchObject({ announced: 'in', outbox: [], journal: [], outboxPending: false })
})

it('tells by the sweep what a crash between write and send left', async () => {
  const warehouse = aWarehouse()
  const { deps, clock, publisher } = warehouse
  const variantId = await aVariantWith(deps, 3)
  publisher.down = true
  expect(await hold(deps, anOrder(), [line(variantId, 3)], clock() + holdFor)).toEqual({ held: true })
  expect(publisher.sent).toEqual([])
  expect(await stored(deps, variantId)).toMatchObject({ outboxPending: true, outbox: [{ type: 'stock.changed' }] })
  publisher.down = false
  await sweep(deps)
  await sweep(deps)
  expect(told(warehouse, variantId)).toEqual([['low', 'out', 0]])
  expect(await stored(deps, variantId)).toMatchObject({ outboxPending: false, outbox: [], journal: [] })
})

it('tells by the sweep what a crash right after the write left untold', async () => {
  const warehouse = aWarehouse()
  const { deps, clock } = warehouse
  const [variantId, orderId] = [await aVariantWith(deps, 3), anOrder()]
  const broken = { ...deps, stocks: { ...deps.stocks, loadAll: () => Promise.reject(new Error('evicted')) } }
  await hold(broken, orderId, [line(variantId, 3)], clock() + holdFor)
  expect(told(warehouse, variantId)).toEqual([])
  await sweep(deps)
  expect(told(warehouse, variantId)).toEqual([['low', 'out', 0]])
  expect(await deps.movements.page(variantId, undefined, 10)).toMatchObject([
    { kind: 'hold', orderId, quantity: 3 },
    { kind: 'open' },
  ])
})

it('leaves to the sweep what was written by another that crashed, while it announced', async () => {
  const warehouse = aWarehouse()
  const { deps, clock } = warehouse
  const variantId = await aVariantWith(deps, 8)
  const { loadAll } = deps.stocks
  let looks = 0
  // Between the reading and the announcing somebody else holds, and dies before they settle.
  const racing: typeof loadAll = async (ids) => {
    const found = await loadAll(ids)
    if (++looks === 1) await deps.stocks.attempt([holdWrite(anOrder(), line(variantId), clock() + holdFor, clock())])
    return found
  }
  await hold({ ...deps, stocks: { ...deps.stocks, loadAll: racing } }, anOrder(), [line(variantId, 4)], clock() + holdFor)
  expect(told(warehouse, variantId)).toEqual([])
  await sweep(deps)
  expect(told(warehouse, variantId)).toEqual([['in', 'low', 3]])
  expect(await stored(deps, variantId)).toMatchObject({ announced: 'low', journal: [], outboxPending: false })
})

it('does not let a queue that is down fill the stock with movements', async () => {
  const { deps, clock, publisher } = aWarehouse()
  const variantId = await aVariantWith(deps, 8)
  publisher.down = true
  for (let units = 0; units < 4; units++) await hold(deps, anOrder(), [line(variantId)], clock() + holdFor)
  expect(await stored(deps, variantId)).toMatchObject({ journal: [], outbox: [{ type: 'stock.changed' }], outboxPending: true })
})

it('records each movement once, with who and why', async () => {
  const { deps, clock } = aWarehouse()
  const sellerId = newId('usr')
  const variantId = await aVariantWith(deps, 10, sellerId)
  clock.advance(1)
  await setOnHand(deps, sellerId, [{ variantId, onHand: 4 }], { actorId: sellerId, reason: 'water damage' })
  await setOnHand(deps, sellerId, [{ variantId, onHand: 4 }], { actorId: sellerId, reason: 'again' })
  clock.advance(1)
  const orderId = anOrder()
  await hold(deps, orderId, [line(variantId, 2)], clock() + holdFor)
  clock.advance(holdFor)
  await sweep(deps)
  const movements = await deps.movements.page(variantId, undefined, 10)
  expect(movements.map(({ kind, quantity, actorId, reason }) => [kind, quantity, actorId, reason])).toEqual([
    ['expire', 2, null, null],
    ['hold', 2, null, null],
    ['set', -6, sellerId, 'water damage'],
    ['open', 10, sellerId, null],
  ])
})
