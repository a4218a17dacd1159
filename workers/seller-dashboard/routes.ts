import { z } from '@hono/zod-openapi'
import { accepts } from 'hono/accepts'
import type { Actor } from '../../shared/contracts/actor'
import { AppError } from '../../shared/contracts/errors'
import { idSchema, type UserId } from '../../shared/contracts/ids'
import { CurrencySchema } from '../../shared/contracts/money'
import { type App, newApp } from '../../shared/http/app'
import { requireActor } from '../../shared/http/authorise'
import { CursorSchema, LimitSchema, PageSchema } from '../../shared/http/cursor'
import { answers, defineRoute } from '../../shared/http/route'
import { toCsv } from './csv'
import { type Deps, depsFrom } from './deps'
import * as dto from './dto'
import { historyRoute } from './history-route'
import { bucketSizes, bucketsOf, isTimeZone, maxBuckets, maxDays, rangeOf } from './periods'
import { sweep } from './sweep'

const readers = ['seller', 'admin'] as const
const tags = ['seller-dashboard']
/** How many low variants the overview shows. */
const lowest = 5

const seller = idSchema('usr').optional().openapi({ description: 'For operators: one seller instead of the whole marketplace' })
const edge = z.string().max(40).optional()
const periodQuery = {
  from: edge.openapi({ description: 'The first local day, or an instant with an offset', example: '2026-03-01' }),
  until: edge.openapi({ description: 'The last local day, or the instant at which the period ends', example: '2026-03-31' }),
  timeZone: z
    .string()
    .max(64)
    .refine(isTimeZone, 'must be a time zone of the IANA database')
    .default('UTC')
    .openapi({ example: 'Europe/Berlin' }),
  currency: CurrencySchema.optional().openapi({ description: 'By default the currency of most paid orders of the period' }),
  seller,
}
const aboutPeriods = `By default the last 30 local days, including today; ${maxDays} days at most. Both ends must be full quarters of an hour of UTC.`

const overview = defineRoute(readers, {
  method: 'get',
  path: '/v1/seller/dashboard',
  tags,
  summary: 'Every figure of a period, beside that of the previous period',
  description: `${aboutPeriods} The previous period has as many local days, or the same length, right before.`,
  request: { query: z.strictObject(periodQuery) },
  responses: { 200: answers('The figures', dto.OverviewDto) },
})

const sales = defineRoute(readers, {
  method: 'get',
  path: '/v1/seller/dashboard/sales',
  tags,
  summary: 'A period by the hours, days, weeks or months of a time zone; as CSV by Accept',
  description: `${aboutPeriods} ${maxBuckets} buckets at most, empty ones included. Weeks begin on Monday; an hour that the clock repeats is two buckets.`,
  request: { query: z.strictObject({ ...periodQuery, bucket: z.enum(bucketSizes).default('day') }) },
  responses: {
    200: {
      description: 'The buckets, the earliest first',
      content: { 'application/json': { schema: dto.SalesDto }, 'text/csv': { schema: z.string() } },
    },
  },
})

const topProducts = defineRoute(readers, {
  method: 'get',
  path: '/v1/seller/dashboard/top-products',
  tags,
  summary: 'The best-selling products of a period',
  description: aboutPeriods,
  request: { query: z.strictObject({ ...periodQuery, by: z.enum(['gross', 'units']).default('gross'), limit: LimitSchema }) },
  responses: { 200: answers('The products, the best first', dto.TopProductsDto) },
})

const lowStock = defineRoute(readers, {
  method: 'get',
  path: '/v1/seller/dashboard/low-stock',
  tags,
  summary: 'Variants that are low or out, first those that run out first',
  request: { query: z.strictObject({ seller, cursor: CursorSchema.optional(), limit: LimitSchema }) },
  responses: { 200: answers('A page of variants', PageSchema(dto.LowStockDto)) },
})

/**
 * The owner of the requested dashboard: a seller's own; for an operator the marketplace's, or the one of the named seller.
 * @throws AppError `not_found` for a seller who names another seller
 */
function ownerOf({ role, userId }: Actor, named: UserId | undefined): UserId | 'marketplace' {
  if (role === 'admin') return named ?? 'marketplace'
  if (named !== undefined && named !== userId) throw new AppError('not_found')
  return userId
}

export const app: App<SellerDashboardEnv, Deps> = newApp({ worker: 'seller-dashboard', depsFrom, sweep })

historyRoute(app)

app.openapi(overview, async (c) => {
  const { seller, currency, ...query } = c.req.valid('query')
  const { timeZone } = query
  const dashboard = c.var.deps.dashboardOf(ownerOf(requireActor(c), seller))
  const now = c.var.deps.now()
  const { period, previous } = rangeOf(query, now)
  const found = await dashboard.overview([period, previous], now, lowest)
  const [current, before] = [dto.partOf(found, 0), dto.partOf(found, 1)]
  const money = dto.toMoneyDto([current.sums], currency)
  const answer = {
    timeZone,
    range: dto.toPeriodDto(period, timeZone),
    previousRange: dto.toPeriodDto(previous, timeZone),
    ...money,
    figures: dto.compare(current, before, money.currency),
    viewEvents: { current: current.sums.viewEvents, previous: before.sums.viewEvents },
    lowStock: found.lowStock.map(dto.toLowStockDto),
  }
  return c.json(answer, 200)
})

app.openapi(sales, async (c) => {
  const { seller, currency, bucket, ...query } = c.req.valid('query')
  const { timeZone } = query
  const dashboard = c.var.deps.dashboardOf(ownerOf(requireActor(c), seller))
  const { period } = rangeOf(query, c.var.deps.now())
  const buckets = bucketsOf(period, bucket, timeZone)
  const sums = await dashboard.series(buckets)
  const money = dto.toMoneyDto(sums, currency)
  const items = sums.map((each, index) => dto.toBucketDto(buckets[index] ?? period, each, money.currency, timeZone))
  const range = dto.toPeriodDto(period, timeZone)
  c.header('vary', 'Accept')
  const type = accepts(c, { header: 'Accept', supports: ['application/json', 'text/csv'], default: 'application/json' })
  if (type !== 'text/csv') return c.json({ timeZone, range, bucket, ...money, items }, 200)
  const header = ['from', 'until', ...dto.bucketFigures] as const
  const rows = items.map((item) => [...header.map((name) => item[name] ?? ''), money.currency])
  const name = `sales-${range.from.slice(0, 10)}-${bucket}.csv`
  const headers = { 'content-type': 'text/csv; charset=utf-8', 'content-disposition': `attachment; filename="${name}"` }
  return c.body(toCsv([...header, 'currency'], rows), 200, headers) as never
})

app.openapi(topProducts, async (c) => {
  const { seller, currency, by, limit, ...query } = c.req.valid('query')
  const dashboard = c.var.deps.dashboardOf(ownerOf(requireActor(c), seller))
  const { period } = rangeOf(query, c.var.deps.now())
  const found = await dashboard.topProducts(period, currency, by, limit)
  const { timeZone } = query
  return c.json({ timeZone, range: dto.toPeriodDto(period, timeZone), ...found }, 200)
})

app.openapi(lowStock, async (c) => {
  const { seller, cursor, limit } = c.req.valid('query')
  const dashboard = c.var.deps.dashboardOf(ownerOf(requireActor(c), seller))
  const { items, next } = await dashboard.lowStock(c.var.deps.now(), cursor ?? null, limit)
  return c.json({ items: items.map(dto.toLowStockDto), nextCursor: next }, 200)
})
