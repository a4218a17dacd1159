import { expect, it } from 'vitest'
import { newId, type VariantId } from '../../shared/contracts/ids'
import { commit, confirm, hold, open, release, setOnHand } from './commands'
import type { Deps } from './deps'
import { flushStock } from './flush-stock'
import { stockRepo } from './repo'
import { holdWrite } from './stock'
import { sweep } from './sweep'
import { anOrder, aVariantWith, aWarehouse, holdFor, line, stored } from './testing/fixtures'

type Warehouse = ReturnType<typeof aWarehouse>
const published = ({ publisher }: Warehouse, variantId: VariantId) =>
  publisher
    .ofType('stock.changed')
    .filter(({ subject }) => subject === variantId)
    .map(({ data }) => [data.previous, data.availability, data.available])

/** What is recorded of a variant, by kind. */
const kinds = async (deps: Deps, variantId: VariantId) =>
  (await deps.movements.page(variantId, undefined, 10)).map(({ kind }) => kind).sort()

it('publishes stock.changed only when the availability changes', async () => {
  const warehouse = aWarehouse()
  const { deps, clock } = warehouse
  const variantId = await aVariantWith(deps, 8)
  const [first, second, third] = [anOrder(), anOrder(), anOrder()]
  await hold(deps, first, [line(variantId, 2)], clock() + holdFor)
  expect(published(warehouse, variantId)).toEqual([])
  await hold(deps, second, [line(variantId)], clock() + holdFor)
  await hold(deps, third, [line(variantId, 5)], clock() + holdFor)
  await release(deps, third, [line(variantId, 5)])
  await release(deps, second, [line(variantId)])
  expect(published(warehouse, variantId)).toEqual([
    ['in', 'low', 5],
    ['low', 'out', 0],
    ['out', 'low', 5],
    ['low', 'in', 6],
  ])
  const versions = warehouse.publisher.ofType('stock.changed').map(({ data }) => data.version)
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b))
})

it('publishes nothing when stock is opened, since the caller gets the level', async () => {
  const warehouse = aWarehouse()
  const variantId = newId('var')
  const opening = { variantId, productId: newId('prd'), sellerId: newId('usr'), onHand: 0 }
  expect(await open(warehouse.deps, [opening])).toEqual([{ variantId, available: 0, availability: 'out' }])
  expect(await open(warehouse.deps, [{ ...opening, onHand: 99 }])).toEqual([{ variantId, available: 0, availability: 'out' }])
  expect(warehouse.publisher.sent).toEqual([])
})

it('publishes the true availability last, however many writers there are at once', async () => {
  const warehouse = aWarehouse()
  const { deps, clock } = warehouse
  const variantId = await aVariantWith(deps, 12)
  const orders = Array.from({ length: 12 }, anOrder)
  await Promise.all(orders.map((orderId) => hold(deps, orderId, [line(variantId)], clock() + holdFor)))
  expect(published(warehouse, variantId).at(-1)?.[1]).toBe('out')
  await Promise.all(orders.map((orderId) => release(deps, orderId, [line(variantId)])))
  expect(published(warehouse, variantId).at(-1)?.[1]).toBe('in')
  expect(await stored(deps, variantId)).toMatchObject({
    publishedAvailability: 'in',
    outbox: [],
    journal: [],
    outboxPending: false,
  })
})

it('publishes by the sweep what a crash between write and send left', async () => {
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
  expect(published(warehouse, variantId)).toEqual([['low', 'out', 0]])
  expect(await stored(deps, variantId)).toMatchObject({ outboxPending: false, outbox: [], journal: [] })
})

it('publishes by the sweep a level that a crash right after the write left unpublished', async () => {
  const warehouse = aWarehouse()
  const { deps, clock } = warehouse
  const [variantId, orderId] = [await aVariantWith(deps, 3), anOrder()]
  const { attemptAndFind } = deps.stocks
  const evicted: typeof attemptAndFind = async (writes) => {
    await attemptAndFind(writes)
    throw new Error('evicted')
  }
  const broken = { ...deps, stocks: { ...deps.stocks, attemptAndFind: evicted } }
  await expect(hold(broken, orderId, [line(variantId, 3)], clock() + holdFor)).rejects.toThrow('evicted')
  expect(published(warehouse, variantId)).toEqual([])
  await sweep(deps)
  expect(published(warehouse, variantId)).toEqual([['low', 'out', 0]])
  expect(await deps.movements.page(variantId, undefined, 10)).toMatchObject([
    { kind: 'hold', orderId, quantity: 3 },
    { kind: 'open' },
  ])
})

it('publishes by the next delivery a level that a crash right after the write left unpublished', async () => {
  const warehouse = aWarehouse()
  const { deps, clock } = warehouse
  const [variantId, orderId] = [await aVariantWith(deps, 3), anOrder()]
  const lines = [line(variantId, 3)]
  await deps.stocks.attempt([holdWrite(orderId, line(variantId, 3), clock() + holdFor, clock())])
  await release(deps, anOrder(), lines)
  expect(published(warehouse, variantId)).toEqual([['low', 'out', 0]])
  expect(await stored(deps, variantId)).toMatchObject({ journal: [], outboxPending: false })
})

it('leaves the level of a writer that crashed meanwhile to the sweep', async () => {
  const warehouse = aWarehouse()
  const { deps, clock } = warehouse
  const variantId = await aVariantWith(deps, 8)
  const { attemptAndFind } = deps.stocks
  let rounds = 0
  // Between the hold and the write of the level another order holds, and its writer dies before it flushes.
  const racing: typeof attemptAndFind = async (writes) => {
    const after = await attemptAndFind(writes)
    if (++rounds === 1) await deps.stocks.attempt([holdWrite(anOrder(), line(variantId), clock() + holdFor, clock())])
    return after
  }
  const stocks = { ...deps.stocks, attemptAndFind: racing }
  await hold({ ...deps, stocks }, anOrder(), [line(variantId, 4)], clock() + holdFor)
  expect(published(warehouse, variantId)).toEqual([])
  await sweep(deps)
  expect(published(warehouse, variantId)).toEqual([['in', 'low', 3]])
  expect(await stored(deps, variantId)).toMatchObject({ publishedAvailability: 'low', journal: [], outboxPending: false })
})

it('empties the journal while the queue is down', async () => {
  const { deps, clock, publisher } = aWarehouse()
  const variantId = await aVariantWith(deps, 8)
  publisher.down = true
  for (let units = 0; units < 4; units++) await hold(deps, anOrder(), [line(variantId)], clock() + holdFor)
  expect(await stored(deps, variantId)).toMatchObject({ journal: [], outbox: [{ type: 'stock.changed' }], outboxPending: true })
})

it('records each movement once, with its actor and reason', async () => {
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

it('costs two calls of the store to hold, two to sell and one to confirm', async () => {
  const { deps, clock, store } = aWarehouse()
  const [first, second, orderId] = [await aVariantWith(deps, 10), await aVariantWith(deps, 10), anOrder()]
  const lines = [line(first), line(second)]
  const calls = async (work: Promise<unknown>) => {
    const before = store.calls
    await work
    return store.calls - before
  }
  expect(await calls(hold(deps, orderId, lines, clock() + holdFor))).toBe(2)
  expect(await calls(confirm(deps, orderId, lines))).toBe(1)
  expect(await calls(commit(deps, orderId, lines))).toBe(2)
  for (const variantId of [first, second]) {
    expect(await stored(deps, variantId)).toMatchObject({ sold: 1, journal: [], outboxPending: false })
    expect(await kinds(deps, variantId)).toEqual(['commit', 'hold', 'open'])
  }
})

it('empties a journal that a crash left half recorded, or recorded but not emptied', async () => {
  const { deps, clock } = aWarehouse()
  const [first, second, orderId] = [await aVariantWith(deps, 10), await aVariantWith(deps, 10), anOrder()]
  const lines = [line(first), line(second)]
  const written = await deps.stocks.attemptAndFind(lines.map((each) => holdWrite(orderId, each, clock() + holdFor, clock())))
  await deps.documents.batch([deps.movements.planRecord(written.stocks[0]?.journal ?? [])])
  expect(await hold(deps, orderId, lines, clock() + holdFor)).toEqual({ held: true })
  for (const variantId of [first, second]) {
    expect(await stored(deps, variantId)).toMatchObject({ journal: [], outboxPending: false })
    expect(await kinds(deps, variantId)).toEqual(['hold', 'open'])
  }
})

it('takes only recorded movements out of a journal that another writer added to', async () => {
  const { deps, clock } = aWarehouse()
  const [variantId, early, late] = [await aVariantWith(deps, 10), anOrder(), anOrder()]
  const seen = await deps.stocks.attemptAndFind([holdWrite(early, line(variantId), clock() + holdFor, clock())])
  await deps.stocks.attempt([holdWrite(late, line(variantId), clock() + holdFor, clock())])
  await flushStock(deps, seen.stocks)
  expect(await stored(deps, variantId)).toMatchObject({ journal: [{ orderId: late }], outboxPending: true })
  await sweep(deps)
  expect(await stored(deps, variantId)).toMatchObject({ journal: [], outboxPending: false })
  expect(await kinds(deps, variantId)).toEqual(['hold', 'hold', 'open'])
})

it('loses no movement when the store fails between recording and emptying', async () => {
  const { deps, clock } = aWarehouse()
  const [variantId, orderId] = [await aVariantWith(deps, 10), anOrder()]
  for (const done of [0, 1]) {
    const batch: typeof deps.documents.batch = async (planned) => {
      await deps.documents.batch(planned.slice(0, done))
      throw new Error('gone')
    }
    const stocks = stockRepo({ ...deps.documents, batch }, deps.movements)
    await hold({ ...deps, stocks }, orderId, [line(variantId)], clock() + holdFor)
    expect(await stored(deps, variantId)).toMatchObject({ journal: [{ orderId, kind: 'hold' }], outboxPending: true })
  }
  await sweep(deps)
  expect(await stored(deps, variantId)).toMatchObject({ journal: [], outboxPending: false })
  expect(await kinds(deps, variantId)).toEqual(['hold', 'open'])
})
