import { z } from '@hono/zod-openapi'
import { idSchema, iso } from '../../shared/contracts/ids'
import { type Currency, CurrencySchema } from '../../shared/contracts/money'
import type { LowStock, Period, Sums } from './dashboard-api'
import { type FigureName, figures, figuresOf } from './figures'
import { bucketSizes, localIso } from './periods'
import { sumsOf, usualCurrency } from './sums'

const units = {
  money: 'Minor units of `currency`',
  count: 'A number',
  ratio: 'A ratio, 0.25 being a quarter',
  seconds: 'Seconds',
} as const
/** The entry of a figure in the table, for the API documentation. */
const describeFigure = ({ unit, formula, events }: (typeof figures)[number]) =>
  `${units[unit]}: ${formula}. Computed from ${events.join(', ')}.`

const value = z.number().nullable()
/** An instant as local time of the requested zone. */
const local = z.string().openapi({ example: '2026-03-29T00:00:00+01:00' })
const PeriodDto = z.object({ from: local, until: local })
const money = { currency: CurrencySchema, currencies: z.array(CurrencySchema) }
const Comparison = z.object({ current: value, previous: value, change: value })

const figuresDto = Object.fromEntries(
  figures.map((figure) => [figure.name, Comparison.openapi({ description: describeFigure(figure) })]),
) as Record<FigureName, typeof Comparison>

export const LowStockDto = z
  .object({
    variantId: idSchema('var'),
    productId: idSchema('prd'),
    title: z.string().nullable(),
    availability: z.enum(['low', 'out']),
    available: z.int().openapi({ description: 'The level when availability last changed, at `asOf`' }),
    asOf: z.iso.datetime(),
    dailySales: z.number().openapi({ description: 'Units sold per day, over the last 28 days' }),
    daysOfCover: value.openapi({ description: 'For how many days `available` lasts at that pace; null when nothing was sold' }),
  })
  .openapi('LowStock')

export const OverviewDto = z
  .object({
    timeZone: z.string(),
    range: PeriodDto,
    previousRange: PeriodDto,
    ...money,
    figures: z.object(figuresDto),
    viewEvents: z
      .object({ current: z.int(), previous: z.int() })
      .openapi({ description: 'How many view events there were, from which `views` and `conversion` are estimated' }),
    lowStock: z.array(LowStockDto),
  })
  .openapi('DashboardOverview')

/** The figures of each bucket: those that can be added up. */
export const bucketFigures = [
  'placed',
  'canceled',
  'orders',
  'units',
  'gross',
  'refunded',
  'commission',
  'net',
  'views',
] as const satisfies readonly FigureName[]
const ofBuckets = bucketFigures.flatMap((wanted) => figures.filter(({ name }) => name === wanted))

type BucketDto = { from: string; until: string } & { [name: string]: number | string }

export const SalesDto = z
  .object({
    timeZone: z.string(),
    range: PeriodDto,
    bucket: z.enum(bucketSizes),
    ...money,
    items: z.array(
      PeriodDto.extend(
        Object.fromEntries(ofBuckets.map((figure) => [figure.name, z.number().openapi({ description: describeFigure(figure) })])),
      ),
    ),
  })
  .openapi('DashboardSales')

export const TopProductsDto = z
  .object({
    timeZone: z.string(),
    range: PeriodDto,
    currency: CurrencySchema,
    items: z.array(
      z.object({
        productId: idSchema('prd'),
        title: z.string().nullable(),
        units: z.int(),
        orders: z.int(),
        gross: z.int().openapi({ description: units.money }),
      }),
    ),
  })
  .openapi('TopProducts')

export const toPeriodDto = ({ from, until }: Period, timeZone: string) => ({
  from: localIso(from, timeZone),
  until: localIso(until, timeZone),
})

export const toLowStockDto = (item: LowStock) => ({ ...item, asOf: iso(item.asOf) })

/** The currency of the shown amounts, and all currencies of the period, by name. */
export function toMoneyDto(sums: readonly Sums[], requested: Currency | undefined) {
  const all: Sums['money'] = {}
  for (const { money } of sums) {
    for (const [currency, { orders }] of Object.entries(money) as [Currency, { orders: number }][])
      all[currency] = { orders: (all[currency]?.orders ?? 0) + orders, gross: 0, refunded: 0, commission: 0 }
  }
  return { currency: requested ?? usualCurrency({ money: all }), currencies: (Object.keys(all) as Currency[]).sort() }
}

type Part = { sums: Sums; low: number }

/** The part of an answer that belongs to one of the requested periods. */
export const partOf = ({ sums, low }: { sums: readonly Sums[]; low: readonly number[] }, index: number): Part => ({
  sums: sums[index] ?? sumsOf([]),
  low: low[index] ?? 0,
})

/** Every figure of a period beside that of the previous one. `change` is relative to the previous one, null where that is nothing or 0. */
export function compare(current: Part, previous: Part, currency: Currency) {
  const [now, before] = [figuresOf({ ...current, currency }), figuresOf({ ...previous, currency })]
  return Object.fromEntries(
    figures.map(({ name }) => [name, { current: now[name], previous: before[name], change: changeOf(now[name], before[name]) }]),
  ) as Record<FigureName, z.infer<typeof Comparison>>
}

const changeOf = (now: number | null, before: number | null): number | null =>
  now === null || before === null || before === 0 ? null : (now - before) / Math.abs(before)

export const toBucketDto = (bucket: Period, sums: Sums, currency: Currency, timeZone: string): BucketDto => ({
  ...toPeriodDto(bucket, timeZone),
  ...Object.fromEntries(ofBuckets.map(({ name, of }) => [name, of({ sums, currency, low: 0 }) ?? 0])),
})
