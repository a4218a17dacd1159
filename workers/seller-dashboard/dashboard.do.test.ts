import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { beforeAll, describe, expect, it } from 'vitest'
import { iso, newId, type UserId } from '../../shared/contracts/ids'
import { anEvent } from '../../shared/testing/factories'
import type { DashboardEvent, Period } from './dashboard-api'
import { ownerOf } from './live'
import { sumsRepo } from './sums-repo'
import { aDashboard, anOrder, aSoldLine, aView, clearDashboard, replayed, runAlarm, stubOf, tablesOf } from './testing/fixtures'
import { begin, end, randomMarket, seededRandom } from './testing/random-market'

const day = 24 * 3_600_000
const noon = Date.UTC(2026, 2, 10, 12)
const thatDay: Period = { from: noon - day / 2, until: noon + day / 2 }
const sumsOf = async (owner: UserId, period = thatDay) => (await stubOf(owner).series([period]))[0]

/** The events of one seller of two, of every type. */
function aHistory(seed: number) {
  const random = seededRandom(seed)
  const sellers: [UserId, UserId] = [newId('usr'), newId('usr')]
  const { events } = randomMarket(random, sellers, 40)
  const own = events.filter((event) => JSON.stringify(event.data).includes(sellers[0]) || event.type === 'payment.refunded')
  return { random, owner: sellers[0], events: own }
}

async function expectSame(
  owner: UserId,
  events: readonly DashboardEvent[],
  other: (dashboard: ReturnType<typeof stubOf>) => Promise<unknown>,
) {
  const first = await aDashboard(owner)
  await first.stub.ingest(events)
  const expected = await tablesOf(owner)
  expect(Object.values(expected).every((rows) => rows.length > 0)).toBe(true)
  // The tables are emptied in place, since the object's name decides which part of an order counts.
  await clearDashboard(owner)
  await other(first.stub)
  expect(await tablesOf(owner)).toEqual(expected)
}

beforeAll(() => clearDashboard('marketplace'))

describe('ingesting events', () => {
  it.each([1, 2, 3])('makes the same tables in any order and with repeats (seed %i)', async (seed) => {
    const { random, owner, events } = aHistory(seed)
    await expectSame(owner, events, async (stub) => {
      for (const event of random.shuffled([...events, ...events])) await stub.ingest([event])
    })
  })

  it('makes the same tables when events are replayed into an empty dashboard', async () => {
    const { owner, events } = aHistory(4)
    await expectSame(owner, events, (stub) => stub.ingest(events.map(replayed)))
  })

  it('makes the same tables with concurrent batches and an eviction in between', async () => {
    const { random, owner, events } = aHistory(5)
    await expectSame(owner, events, async (stub) => {
      const half = events.length / 2
      await Promise.all([
        stub.ingest(events.slice(0, half)),
        stub.ingest(events),
        stub.ingest(random.shuffled(events).slice(0, 50)),
      ])
      await evictDurableObject(stub)
      await stub.ingest(events)
    })
  })

  it('changes nothing when it fails half-way', async () => {
    const { owner, stub } = await aDashboard()
    const order = anOrder([aSoldLine(owner as UserId)])
    const broken = { ...order.paid(noon), data: null } as unknown as DashboardEvent
    const before = await tablesOf(owner)
    await expect(
      runInDurableObject(stub, (dashboard) => dashboard.ingest([order.created(noon), aView(owner as UserId, noon), broken])),
    ).rejects.toThrow(TypeError)
    expect(await tablesOf(owner)).toEqual(before)
    await stub.ingest([order.created(noon), order.paid(noon)])
    expect(await sumsOf(owner as UserId)).toMatchObject({ placed: 1, orders: 1, views: 0 })
  })
})

describe('an order', () => {
  it('counts at the time it was placed, and its money at the time it was paid, whatever happens later', async () => {
    const { owner, stub } = await aDashboard()
    const seller = owner as UserId
    const order = anOrder([aSoldLine(seller, { quantity: 3, price: 999 })])
    await stub.ingest([
      ...[order.created(noon - 3 * day), order.paid(noon), order.shipped(noon + 2 * day, seller)],
      ...[order.refunded(noon + 20 * day, 1000), order.refunded(noon + 10 * day, 300)],
    ])
    expect(await sumsOf(seller, { from: noon - 3.5 * day, until: noon - 2.5 * day })).toMatchObject({ placed: 1, orders: 0 })
    expect(await sumsOf(seller)).toMatchObject({
      ...{ placed: 0, orders: 1, units: 3 },
      // Of the commission of 299, floor(299 * 1000 / 2997) = 99 is refunded.
      money: { USD: { orders: 1, gross: 2997, refunded: 1000, commission: 200 } },
    })
    expect(await sumsOf(seller, { from: noon + day, until: noon + 30 * day })).toMatchObject({ orders: 0, money: {} })
  })

  it('counts for each seller by their own part, and its refund is split in proportion to the last cent', async () => {
    const sellers: [UserId, UserId, UserId] = [newId('usr'), newId('usr'), newId('usr')]
    const order = anOrder(sellers.map((sellerId) => aSoldLine(sellerId, { price: 333 })))
    for (const owner of [...sellers, 'marketplace'] as const) {
      const { stub } = await aDashboard(owner)
      await stub.ingest([order.paid(noon), order.refunded(noon + 1, 500)])
    }
    const refunds = await Promise.all(sellers.map(async (seller) => (await sumsOf(seller))?.money.USD?.refunded))
    expect(refunds).toEqual([167, 167, 166])
    const [all] = await stubOf('marketplace').series([thatDay])
    expect(all).toMatchObject({ orders: 1, units: 3, money: { USD: { orders: 1, gross: 999, refunded: 500 } } })
  })

  it.each([
    ['buyer', 1],
    ['seller', 1],
    ['expired', 0],
    ['payment_failed', 0],
    ['refunded', 0],
  ] as const)('that ended for the reason %s counts as canceled %i times', async (reason, canceled) => {
    const { owner, stub } = await aDashboard()
    const order = anOrder([aSoldLine(owner as UserId)])
    await stub.ingest([order.canceled(noon + 1, reason), order.created(noon)])
    expect(await sumsOf(owner as UserId)).toMatchObject({ placed: 1, canceled })
  })
})

describe('a variant that is low', () => {
  const level = (sellerId: UserId, productId: string, version: number, availability: 'in' | 'low' | 'out', at: number) =>
    anEvent(
      'stock.changed',
      'var_00000000000000000000000001',
      {
        ...{ version, variantId: 'var_00000000000000000000000001', productId: productId as 'prd_', sellerId },
        ...{ availability, previous: 'in', available: availability === 'low' ? 3 : 0 },
      },
      { time: iso(at) },
    )

  it('counts from then on, except while its product is off sale, and has the newest title', async () => {
    const { owner, stub } = await aDashboard()
    const sellerId = owner as UserId
    const productId = newId('prd')
    const product = (version: number, status: 'active' | 'archived', at: number) => {
      const variantId = 'var_00000000000000000000000001' as const
      const unitPrice = { amount: 1, currency: 'USD' as const }
      const variants = [{ variantId, sku: 'A', title: `Desk ${version}, oak`, unitPrice }]
      const data = { version, change: 'updated' as const, productId, sellerId, title: `Desk ${version}`, status, variants }
      return anEvent('product.updated', productId, data, { time: iso(at) })
    }
    await stub.ingest([
      ...[product(3, 'active', noon + 5 * day), product(2, 'archived', noon + 3 * day), product(1, 'active', noon)],
      ...[level(sellerId, productId, 2, 'out', noon + 2 * day), level(sellerId, productId, 1, 'low', noon + day)],
    ])
    const counted = async (at: number) => (await stub.overview([{ from: noon, until: at }], at, 5)).low[0]
    expect(await Promise.all([0.5, 1.5, 2.5, 3.5, 5.5].map((days) => counted(noon + days * day)))).toEqual([0, 1, 1, 0, 1])
    const { items } = await stub.lowStock(noon + 6 * day, null, 5)
    expect(items).toMatchObject([{ title: 'Desk 3, oak', availability: 'out', available: 0, daysOfCover: null }])
    await stub.ingest([product(4, 'archived', noon + 6 * day)])
    expect((await stub.lowStock(noon + 7 * day, null, 5)).items).toEqual([])
  })

  it.each(['in order', 'backwards'])('counts from the opening of a variant that begins low, with events %s', async (order) => {
    const { owner, stub } = await aDashboard()
    const sellerId = owner as UserId
    const productId = newId('prd')
    const variantId = 'var_00000000000000000000000001' as const
    const facts = { version: 1, change: 'created' as const, productId, sellerId, title: 'Desk', status: 'active' as const }
    const variants = [{ variantId, sku: 'A', title: 'Desk', unitPrice: { amount: 1, currency: 'USD' as const } }]
    const opened = [{ variantId, availability: 'low' as const, available: 4 }]
    const listed = anEvent('product.updated', productId, { ...facts, variants, opened }, { time: iso(noon) })
    const events = [listed, level(sellerId, productId, 1, 'out', noon + day), listed]
    await stub.ingest(order === 'backwards' ? events.toReversed() : events)
    const counted = async (at: number) => (await stub.overview([{ from: noon - day, until: at }], at, 5)).low[0]
    expect(await Promise.all([-0.5, 0.5, 1.5].map((days) => counted(noon + days * day)))).toEqual([0, 1, 1])
    const { items } = await stub.lowStock(noon + 2 * day, null, 5)
    expect(items).toMatchObject([{ variantId, availability: 'out', available: 0, asOf: noon + day }])
  })
})

it('knows its owner when an alarm wakes it without its name', async () => {
  const { owner, stub } = await aDashboard()
  const sql = <T>(work: (sql: SqlStorage) => T) => runInDurableObject(stub, (_dashboard, { storage }) => work(storage.sql))
  expect(await sql((each) => ownerOf(each, undefined))).toBe(owner)
  await sql((each) => each.exec('UPDATE live SET owner = NULL'))
  await expect(sql((each) => ownerOf(each, undefined))).rejects.toThrow(TypeError)
})

it('sends no frames for the dashboard of the marketplace', async () => {
  const { owner, clock, devices, stub } = await aDashboard('marketplace')
  await stub.ingest([anOrder([aSoldLine(newId('usr'))]).paid(clock())])
  expect(await runAlarm(owner)).toBe(false)
  expect(devices.shown).toEqual([])
})

it('answers 1,000 buckets in one call', async () => {
  const { owner, events } = aHistory(6)
  const { stub } = await aDashboard(owner)
  await stub.ingest(events)
  const from = Math.ceil(begin / day) * day
  const hours = Array.from({ length: 1000 }, (_, hour) => ({
    from: from + (hour * day) / 24,
    until: from + ((hour + 1) * day) / 24,
  }))
  const each = await stub.series(hours)
  const [whole] = await stub.series([{ from, until: from + (1000 * day) / 24 }])
  expect(each.reduce((all, { placed }) => all + placed, 0)).toBe(whole?.placed)
  expect(end).toBeGreaterThan(hours.at(-1)?.until ?? 0)
})

it('reads rows in proportion to the length of the periods, not to the number of orders', async () => {
  const until = end - 20 * day - 150 * 60_000
  const month = { from: until - 30 * day, until }
  const days = Array.from({ length: 30 }, (_, index) => ({ from: until - (index + 1) * day, until: until - index * day }))
  const rowsRead = async (orders: number) => {
    const random = seededRandom(7)
    const { owner, stub } = await aDashboard()
    await stub.ingest(randomMarket(random, [owner as UserId], orders).events)
    return runInDurableObject(stub, (_dashboard, { storage: { sql } }) => {
      const cursors: { rowsRead: number }[] = []
      const counted = { exec: (...query: Parameters<SqlStorage['exec']>) => cursors[cursors.push(sql.exec(...query)) - 1] }
      const sums = sumsRepo(counted as unknown as SqlStorage)
      const rowsOf = (read: () => unknown) => {
        cursors.length = 0
        read()
        return cursors.reduce((all, cursor) => all + cursor.rowsRead, 0)
      }
      return [rowsOf(() => sums.sumsIn(month)), rowsOf(() => days.map((each) => sums.sumsIn(each)))]
    })
  }
  // The month is 29 UTC days, sixteen of which may be one sum, and parts of a day at its ends. A day that is not a UTC day is 12 sums.
  const [few, many] = [await rowsRead(100), await rowsRead(1_500)]
  for (const [month = 0, each = 0] of [few, many]) {
    expect(month).toBeLessThanOrEqual(29 + 12)
    expect(each).toBeLessThanOrEqual(30 * 12)
  }
  expect(Math.min(...few)).toBeGreaterThan(10)
})
