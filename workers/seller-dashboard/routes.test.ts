import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { Actor } from '../../shared/contracts/actor'
import { newId, type UserId } from '../../shared/contracts/ids'
import type { Currency } from '../../shared/contracts/money'
import { anActor, anEvent } from '../../shared/testing/factories'
import { call } from '../../shared/testing/http'
import type { DashboardApi, DashboardEvent, Owner } from './dashboard-api'
import { figures } from './figures'
import { app } from './routes'
import { anOrder, aSoldLine, aView, stubOf } from './testing/fixtures'

const at = (text: string) => Date.parse(text)
const ingest = async (owner: Owner, events: DashboardEvent[]) => stubOf(owner).ingest(events)

/** The app, and a record of the objects and methods that its routes call. */
function anApp() {
  const calls: string[] = []
  const counted = (owner: Owner) =>
    new Proxy({} as DashboardApi, {
      get: (_target, method: keyof DashboardApi) => {
        if ((method as string) === 'then') return undefined
        return (...args: unknown[]) => {
          calls.push(`${owner} ${method}`)
          return (stubOf(owner) as unknown as Record<string, (...args: unknown[]) => unknown>)[method]?.(...args)
        }
      },
    })
  const bindings = { ...env, DASHBOARDS: { getByName: counted } } as unknown as SellerDashboardEnv
  const read = (actor: Actor, path: string, headers: Record<string, string> = {}) =>
    call((request) => app.fetch(request, bindings), 'GET', `/v1/seller/dashboard${path}`, { actor, headers })
  return { calls, read }
}

/** A seller with two paid orders on 29 March in Berlin, one of them half refunded, one order the day before, and a view for each. */
async function aSeller() {
  const seller = anActor('seller')
  const sold = aSoldLine(seller.userId, { price: 1_000 })
  const soldBefore = anOrder([sold])
  const events: DashboardEvent[] = [soldBefore.created(at('2026-03-28T10:00:00Z')), soldBefore.paid(at('2026-03-28T10:00:00Z'))]
  for (const time of ['2026-03-28T23:30:00Z', '2026-03-29T01:15:00Z']) {
    const order = anOrder([{ ...sold, quantity: 2 }])
    events.push(order.created(at(time)), order.paid(at(time)), order.shipped(at(time) + 3_600_000, seller.userId))
    if (time.endsWith('15:00Z')) events.push(order.refunded(at('2026-04-02T00:00:00Z'), 1_000))
  }
  for (const time of ['2026-03-28T10:00:00Z', '2026-03-29T10:00:00Z'])
    events.push(...[1, 2, 3, 4].map(() => aView(seller.userId, at(time), 10)))
  await ingest(seller.userId, events)
  return { seller, sold }
}

const march = 'from=2026-03-29&until=2026-03-29&timeZone=Europe/Berlin'

describe('the overview', () => {
  it('shows each figure of the table beside that of the previous period, with the change', async () => {
    const { seller } = await aSeller()
    const { status, json } = await anApp().read(seller, `?${march}`)
    expect(status).toBe(200)
    expect(json).toMatchObject({
      timeZone: 'Europe/Berlin',
      range: { from: '2026-03-29T00:00:00+01:00', until: '2026-03-30T00:00:00+02:00' },
      previousRange: { from: '2026-03-28T00:00:00+01:00', until: '2026-03-29T00:00:00+01:00' },
      ...{ currency: 'USD', currencies: ['USD'], viewEvents: { current: 4, previous: 4 }, lowStock: [] },
    })
    expect(Object.keys(json.figures)).toEqual(figures.map(({ name }) => name))
    expect(json.figures).toMatchObject({
      gross: { current: 4_000, previous: 1_000, change: 3 },
      refunded: { current: 1_000, previous: 0, change: null },
      commission: { current: 300, previous: 100, change: 2 },
      net: { current: 2_700, previous: 900, change: 2 },
      orders: { current: 2, previous: 1, change: 1 },
      units: { current: 4, previous: 1, change: 3 },
      averageOrderValue: { current: 2_000, previous: 1_000, change: 1 },
      refundRate: { current: 0.25, previous: 0, change: null },
      cancelRate: { current: 0, previous: 0, change: null },
      timeToShipP50: { previous: null, change: null },
      views: { current: 40, previous: 40, change: 0 },
      conversion: { current: 0.05, previous: 0.025, change: 1 },
    })
    expect(Math.abs(json.figures.timeToShipP50.current / 3_600 - 1)).toBeLessThanOrEqual(0.02)
  })

  it('covers the last 30 days in UTC by default, in dollars when there are no orders', async () => {
    const { status, json } = await anApp().read(anActor('seller'), '')
    expect([status, json.timeZone, json.currency, json.currencies]).toEqual([200, 'UTC', 'USD', []])
    expect(Date.parse(json.range.until) - Date.parse(json.range.from)).toBe(30 * 86_400_000)
    expect(json.previousRange.until).toBe(json.range.from)
    expect(json.figures.gross).toEqual({ current: 0, previous: 0, change: null })
    expect(json.figures.averageOrderValue).toEqual({ current: null, previous: null, change: null })
  })

  it('shows money in the currency of most orders, or in the requested one', async () => {
    const seller = anActor('seller')
    const events = (['EUR', 'EUR', 'USD'] as Currency[]).map((currency, index) =>
      anOrder([aSoldLine(seller.userId, { price: 100 + index })], currency).paid(at('2026-05-05T12:00:00Z')),
    )
    await ingest(seller.userId, events)
    const { read } = anApp()
    const query = 'from=2026-05-05&until=2026-05-05'
    const usual = (await read(seller, `?${query}`)).json
    expect([usual.currency, usual.currencies, usual.figures.gross.current]).toEqual(['EUR', ['EUR', 'USD'], 201])
    const asked = (await read(seller, `?${query}&currency=USD`)).json
    expect([asked.currency, asked.figures.gross.current, asked.figures.orders.current]).toEqual(['USD', 102, 3])
    const top = (await read(seller, `/top-products?${query}`)).json
    expect([top.currency, top.items.length]).toEqual(['EUR', 2])
    const sales = (await read(seller, `/sales?${query}`)).json
    expect([sales.currency, sales.currencies, sales.items[0].gross]).toEqual(['EUR', ['EUR', 'USD'], 201])
  })
})

describe('sales', () => {
  it('are every hour of the local day, empty or not, and add up to the overview', async () => {
    const { seller } = await aSeller()
    const { json } = await anApp().read(seller, `/sales?${march}&bucket=hour`)
    expect(json.items).toHaveLength(23)
    expect(json.items[0]).toMatchObject({
      ...{ from: '2026-03-29T00:00:00+01:00', until: '2026-03-29T01:00:00+01:00' },
      ...{ placed: 1, canceled: 0, orders: 1, units: 2, gross: 2_000, refunded: 0, commission: 200, net: 1_800, views: 0 },
    })
    expect(json.items[2]).toMatchObject({ from: '2026-03-29T03:00:00+02:00', orders: 1, gross: 2_000, refunded: 1_000, net: 900 })
    const total = (name: string) => json.items.reduce((sum: number, item: Record<string, number>) => sum + (item[name] ?? 0), 0)
    expect(['gross', 'net', 'orders', 'views'].map(total)).toEqual([4_000, 2_700, 2, 40])
  })

  it('are CSV for clients that prefer it, with the period in the file name', async () => {
    const { seller } = await aSeller()
    const { status, headers, json } = await anApp().read(seller, `/sales?${march}&bucket=month`, { accept: 'text/csv' })
    expect([status, headers.get('content-type'), headers.get('content-disposition'), headers.get('vary')]).toEqual([
      ...[200, 'text/csv; charset=utf-8', 'attachment; filename="sales-2026-03-29-month.csv"', 'Accept'],
    ])
    expect(json).toBe(
      'from,until,placed,canceled,orders,units,gross,refunded,commission,net,views,currency\r\n' +
        '2026-03-29T00:00:00+01:00,2026-03-30T00:00:00+02:00,2,0,2,4,4000,1000,300,2700,40,USD\r\n',
    )
  })

  it.each([
    [undefined, 'application/json'],
    ['*/*', 'application/json'],
    ['text/csv', 'text/csv'],
    ['text/*', 'text/csv'],
    ['text/csv;q=0.4, application/json;q=0.5', 'application/json'],
    ['application/json;q=0.4, text/csv;q=0.5', 'text/csv'],
    ['text/csv;q=0', 'application/json'],
    ['image/png', 'application/json'],
  ])('for Accept %s are %s', async (accept, type) => {
    const { headers } = await anApp().read(anActor('seller'), '/sales', accept === undefined ? {} : { accept })
    expect(headers.get('content-type')).toContain(type)
    expect(headers.get('vary')).toBe('Accept')
  })

  it('are refused in more than 1,000 parts, with the reason', async () => {
    const { status, json } = await anApp().read(anActor('seller'), '/sales?from=2026-01-01&until=2026-02-28&bucket=hour')
    expect([status, json.errors]).toEqual([
      422,
      [{ path: 'bucket', message: 'the period has 1416 of them, and at most 1000 are allowed' }],
    ])
  })
})

it('lists the best-selling products by money or by pieces', async () => {
  const seller = anActor('seller')
  const [dear, cheap] = [aSoldLine(seller.userId, { price: 5_000 }), aSoldLine(seller.userId, { price: 10, quantity: 9 })]
  const time = at('2026-05-05T12:00:00Z')
  await ingest(seller.userId, [anOrder([dear, cheap]).paid(time), anOrder([dear]).paid(time)])
  const { read } = anApp()
  const period = 'from=2026-05-01&until=2026-05-31'
  const first = { productId: dear.productId, title: null, units: 2, orders: 2, gross: 10_000 }
  const second = { productId: cheap.productId, title: null, units: 9, orders: 1, gross: 90 }
  expect((await read(seller, `/top-products?${period}`)).json.items).toEqual([first, second])
  expect((await read(seller, `/top-products?${period}&by=units`)).json.items).toEqual([second, first])
  expect((await read(seller, `/top-products?${period}&limit=1`)).json.items).toEqual([first])
})

it('pages through low variants, each once', async () => {
  const seller = anActor('seller')
  const variantIds = Array.from({ length: 5 }, () => newId('var'))
  await ingest(
    seller.userId,
    variantIds.map((variantId, index) =>
      anEvent('stock.changed', variantId, {
        ...{ version: 1, variantId, productId: newId('prd'), sellerId: seller.userId },
        ...{ availability: index === 0 ? 'out' : 'low', previous: 'in', available: index },
      }),
    ),
  )
  const { read } = anApp()
  const pages: string[][] = []
  for (let cursor = ''; pages.length < 3; ) {
    const { json } = await read(seller, `/low-stock?limit=2${cursor}`)
    pages.push(json.items.map((item: { variantId: string }) => item.variantId))
    cursor = `&cursor=${json.nextCursor}`
    expect(json.nextCursor === null).toBe(pages.length === 3)
  }
  expect(pages.flat()).toEqual(variantIds)
  expect((await read(seller, '/low-stock')).json.items[1]).toMatchObject({
    ...{ availability: 'low', available: 1, asOf: '2026-01-01T00:00:00.000Z', dailySales: 0, daysOfCover: null },
  })
  expect((await read(seller, '?from=2026-01-01&until=2026-01-01')).json).toMatchObject({
    figures: { lowStock: { current: 5, previous: 0 } },
    lowStock: variantIds.map((variantId) => ({ variantId })),
  })
  expect((await read(seller, '/low-stock?cursor=nonsense')).status).toBe(422)
})

describe('whose dashboard is read', () => {
  const paths = [`?${march}`, `/sales?${march}`, `/top-products?${march}`, '/low-stock?limit=5']

  it('is read by one call of one object on every route', async () => {
    const { calls, read } = anApp()
    const seller = anActor('seller')
    for (const path of paths) expect((await read(seller, path)).status).toBe(200)
    expect(calls).toEqual(['overview', 'series', 'topProducts', 'lowStock'].map((method) => `${seller.userId} ${method}`))
  })

  it("is a seller's own, also when they name themselves; another seller's answers 404 without a call", async () => {
    const { seller: victim } = await aSeller()
    const { calls, read } = anApp()
    const seller = anActor('seller')
    for (const path of paths) {
      const named = (userId: UserId) => read(seller, `${path}&seller=${userId}`)
      const [theirs, nobodys] = [await named(victim.userId), await named(newId('usr'))]
      const known = ({ status, json }: typeof theirs) => ({ status, ...json, requestId: '', instance: '' })
      expect(known(theirs)).toMatchObject({ status: 404, code: 'not_found' })
      expect(known(theirs)).toEqual(known(nobodys))
      expect(JSON.stringify((await read(seller, path)).json)).toBe(JSON.stringify((await named(seller.userId)).json))
    }
    expect(calls.filter((made) => !made.startsWith(seller.userId))).toEqual([])
    const own = (await read(seller, `?${march}`)).json
    expect([own.figures.gross.current, own.figures.views.current]).toEqual([0, 0])
  })

  it('is the marketplace, or the named seller, for an operator', async () => {
    const { calls, read } = anApp()
    const admin = anActor('admin')
    const { seller } = await aSeller()
    await read(admin, `?${march}`)
    expect(calls).toEqual(['marketplace overview'])
    const { json } = await read(admin, `?${march}&seller=${seller.userId}`)
    expect(json.figures.gross.current).toBe(4_000)
    expect((await read(admin, `?${march}&seller=${newId('usr')}`)).json.figures.gross.current).toBe(0)
  })
})

it.each([
  ['timeZone=Mars/Olympus', 'timeZone'],
  ['timeZone=%2B01:00', 'timeZone'],
  ['currency=XXX', 'currency'],
  ['from=2026-13-01', 'from'],
  ['from=2026-03-01T00:07:00Z&until=2026-03-02T00:00:00Z', 'from'],
  ['seller=me', 'seller'],
])('refuses %s and names the field', async (query, path) => {
  for (const below of ['', '/sales', '/top-products']) {
    const { status, json } = await anApp().read(anActor('seller'), `${below}?${query}`)
    expect([status, json.code, json.errors[0].path]).toEqual([422, 'validation_failed', path])
  }
})
