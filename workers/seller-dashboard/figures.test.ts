import { env } from 'cloudflare:workers'
import { Temporal } from 'temporal-polyfill'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Instant, newId, type UserId } from '../../shared/contracts/ids'
import type { Currency } from '../../shared/contracts/money'
import type { DashboardApi, DashboardEvent, Owner, Period } from './dashboard-api'
import { type Deps, depsFrom } from './deps'
import { handlers } from './events'
import { figuresOf } from './figures'
import { clearDashboard, farAhead, overrideDeps, stubOf } from './testing/fixtures'
import { lowAt, type Plain, plainFigures } from './testing/plain-figures'
import { begin, end, type Market, randomMarket, seededRandom } from './testing/random-market'

const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'America/St_Johns'] as const
const quarter = 15 * 60_000
const day = 96 * quarter
const random = seededRandom(20261123)
const sellers = [newId('usr'), newId('usr'), newId('usr')] as [UserId, ...UserId[]]
const owners: Owner[] = [...sellers, 'marketplace']
let market: Market

/** The events that the handlers send to each dashboard. */
async function eventsByOwner(events: readonly DashboardEvent[]): Promise<Map<Owner, DashboardEvent[]>> {
  const sent = new Map<Owner, DashboardEvent[]>(owners.map((owner) => [owner, []]))
  const sellersOf = new Map(
    events.flatMap(({ type, data }) => (type === 'order.created' ? [[data.orderId, data.sellerIds] as const] : [])),
  )
  const dashboardOf = (owner: Owner) =>
    ({
      ingest: async (events) => void sent.get(owner)?.push(...events),
      sellersOf: async (orderId) => sellersOf.get(orderId) ?? null,
    }) as Pick<DashboardApi, 'ingest' | 'sellersOf'> as DashboardApi
  const deps: Deps = { ...depsFrom(env), dashboardOf }
  for (const event of events) await (handlers[event.type] as (event: DashboardEvent, deps: Deps) => Promise<void>)(event, deps)
  return sent
}

beforeAll(async () => {
  await clearDashboard('marketplace')
  market = randomMarket(random, sellers, 1_500)
  // Every event, a tenth of them twice, shuffled.
  const delivered = random.shuffled([...market.events, ...market.events.filter(() => random.next() < 0.1)])
  for (const [owner, events] of await eventsByOwner(delivered)) {
    await overrideDeps(owner, { now: () => farAhead })
    for (let start = 0; start < events.length; start += 400) await stubOf(owner).ingest(events.slice(start, start + 400))
  }
}, 300_000)

const localMidnight = (date: Temporal.PlainDate, zone: string): Instant => date.toZonedDateTime(zone).epochMilliseconds

/** Local days, many of them around the change to or from daylight saving; and any quarters of an hour. */
function periods(count: number): Period[] {
  const changes = ['2025-10-04', '2025-10-26', '2025-11-02', '2026-03-08', '2026-03-29', '2026-04-05', '2026-10-03'] as const
  return Array.from({ length: count }, (_, index): Period => {
    if (index % 4 === 3) {
      const from = Math.floor((begin + random.below(end - begin)) / quarter) * quarter
      return { from, until: from + (1 + random.below(400)) * quarter }
    }
    const zone = random.pick(zones)
    const first = Temporal.Instant.fromEpochMilliseconds(begin + random.below(end - begin))
    const date = index % 2 === 0 ? Temporal.PlainDate.from(random.pick(changes)) : first.toZonedDateTimeISO(zone).toPlainDate()
    const days = 1 + random.below(index % 3 === 0 ? 400 : 10)
    return { from: localMidnight(date, zone), until: localMidnight(date.add({ days }), zone) }
  })
}

function expectWithin(estimate: number | null, times: readonly number[], part: number): void {
  const exact = times[Math.floor(part * (times.length - 1))]
  if (exact === undefined) expect(estimate).toBeNull()
  else expect(Math.abs((estimate ?? 0) - exact) / exact).toBeLessThanOrEqual(0.02)
}

function expectFigures(actual: ReturnType<typeof figuresOf>, { times, ...plain }: Plain): void {
  const { timeToShipP50, timeToShipP95, ...exact } = actual
  expect(exact).toEqual(plain)
  expectWithin(timeToShipP50, times, 0.5)
  expectWithin(timeToShipP95, times, 0.95)
}

describe('every figure of 1,500 random orders', () => {
  it.each([
    ['of the first seller', 0],
    ['of the second seller', 1],
    ['of the third seller', 2],
    ['of the marketplace', 3],
  ])('equals the figures computed from the orders, in any time zone: %s', async (_name, index) => {
    const owner = owners[index] ?? 'marketplace'
    const asked = periods(60)
    const { sums, low } = await stubOf(owner).overview(asked, end, 0)
    const series = await stubOf(owner).series(asked)
    expect(series).toEqual(sums)
    asked.forEach(({ from, until }, place) => {
      for (const currency of ['USD', 'EUR', 'JPY', 'CHF'] as Currency[]) {
        const [of, lowThen] = [sums[place], low[place]]
        if (!of || lowThen === undefined) throw new TypeError('a period was not answered')
        expectFigures(figuresOf({ sums: of, currency, low: lowThen }), plainFigures(market, owner, from, until, currency))
      }
    })
  })

  it('adds up over the hours of a day of 25 hours and of a day of 23 hours', async () => {
    for (const [date, hours] of [
      ['2025-10-26', 25],
      ['2026-03-29', 23],
    ] as const) {
      const local = Temporal.PlainDate.from(date)
      const [from, until] = [localMidnight(local, 'Europe/Berlin'), localMidnight(local.add({ days: 1 }), 'Europe/Berlin')]
      const each = Array.from({ length: hours }, (_, hour) => ({
        from: from + hour * 4 * quarter,
        until: from + (hour + 1) * 4 * quarter,
      }))
      expect(each.at(-1)?.until).toBe(until)
      const parts = await stubOf('marketplace').series(each)
      const [whole] = await stubOf('marketplace').series([{ from, until }])
      expect(parts.reduce((all, { orders }) => all + orders, 0)).toBe(whole?.orders)
      expect(parts.reduce((all, { money }) => all + (money.USD?.gross ?? 0), 0)).toBe(whole?.money.USD?.gross ?? 0)
    }
  })
})

describe('the best-selling products', () => {
  it.each(['gross', 'units'] as const)('equal those computed from the orders, by %s', async (by) => {
    for (const owner of owners) {
      for (const { from, until } of periods(12)) {
        const plain = new Map<string, { units: number; gross: number; orders: number }>()
        for (const { sold, currency, paidAt } of market.orders) {
          if (currency !== 'EUR' || paidAt === null || paidAt < from || paidAt >= until) continue
          for (const productId of new Set(sold.map((line) => line.productId))) {
            const lines = sold.filter(
              (line) => line.productId === productId && (owner === 'marketplace' || line.sellerId === owner),
            )
            if (lines.length === 0) continue
            const before = plain.get(productId) ?? { units: 0, gross: 0, orders: 0 }
            const units = lines.reduce((all, { quantity }) => all + quantity, before.units)
            const gross = lines.reduce((all, { quantity, price }) => all + quantity * price, before.gross)
            plain.set(productId, { units, gross, orders: before.orders + 1 })
          }
        }
        const expected = [...plain]
          .map(([productId, figures]) => ({ productId, ...figures }))
          .filter((each) => each[by] > 0)
          .sort((a, b) => b[by] - a[by] || (a.productId < b.productId ? -1 : 1))
          .slice(0, 5)
        const { items } = await stubOf(owner).topProducts({ from, until }, 'EUR', by, 5)
        expect(items.map(({ title: _title, ...item }) => item)).toEqual(expected)
      }
    }
  })
})

describe('stock that runs out', () => {
  it('equals the stock computed from the histories, with the sales of the last 28 days, page by page', async () => {
    const now = end - 40 * day + 12_345_678
    for (const owner of owners) {
      const until = Math.floor(now / quarter) * quarter + quarter
      const sold = new Map<string, number>()
      for (const order of market.orders) {
        if (order.paidAt === null || order.paidAt < until - 28 * day || order.paidAt >= until) continue
        for (const line of order.sold) sold.set(line.variantId, (sold.get(line.variantId) ?? 0) + line.quantity)
      }
      // Stock is the present one whatever the instant, since all events were ingested.
      const low = market.stock.filter(
        (history) => (owner === 'marketplace' || history.sellerId === owner) && lowAt(market, history, end),
      )
      const expected = new Map(
        low.map(({ variantId, levels }) => {
          const { available = 0, at = 0 } = levels.at(-1) ?? {}
          const units = sold.get(variantId) ?? 0
          return [variantId, { available, asOf: at, cover: units === 0 ? null : (available * 28) / units, daily: units / 28 }]
        }),
      )
      const seen: { variantId: string; cover: number | null }[] = []
      let after: string | null = null
      do {
        const page: Awaited<ReturnType<DashboardApi['lowStock']>> = await stubOf(owner).lowStock(now, after, 3)
        for (const { variantId, available, asOf, daysOfCover, dailySales } of page.items) {
          expect({ available, asOf, cover: daysOfCover, daily: dailySales }).toEqual(expected.get(variantId))
          seen.push({ variantId, cover: daysOfCover })
        }
        after = page.next
      } while (after !== null)
      expect(seen.map(({ variantId }) => variantId).sort()).toEqual([...expected.keys()].sort())
      const covers = seen.map(({ cover }) => cover ?? Number.POSITIVE_INFINITY)
      expect(covers).toEqual([...covers].sort((a, b) => a - b))
    }
  })
})
