import type { Instant } from '../../shared/contracts/ids'
import type { Currency } from '../../shared/contracts/money'
import { quarter } from './periods'
import type { MoneySums, Period, Sums } from './reading'

export const day: Instant = 96 * quarter

/** The lengths of time that sums are kept of, the finest first: whatever a period's edges, a few sums of each make it up. */
export type Span = Instant
export const totalsSpans: readonly Span[] = [quarter, 4 * quarter, 24 * quarter, day, 16 * day]
export const detailSpans: readonly Span[] = [quarter, day]

/** The start of the quarter of an hour, the UTC day or the like that an instant is in. */
export const startOf = (instant: Instant, span: Span): Instant => Math.floor(instant / span) * span

/** The figures of `Sums`: plain ones by their name, money by `<name>:<currency>`, times to ship by `ship:<bucket>`. */
export const totals = 'totals'
/** By how much the count of variants that are low or out changes. */
export const lowVariants = 'low'
/** What was sold of each product; the figures are their ids. */
export const productTopic = (figure: 'units' | 'orders' | 'gross', currency: Currency): string => `${figure}:${currency}`

/** What something adds to the sums at one moment. Besides the topics above, each variant is one, of the units sold of it. */
export type Contribution = { topic: string; figure: string; at: Instant; amount: number }

/** A contribution to one sum that is kept. */
export type Entry = Contribution & { span: Span }

/** Sums one after the other, each of a span. */
type Stretch = Period & { span: Span }

/** By how much each sum that is kept changes when some contributions go and others come; those that stay as they are are left out. */
export function entriesOf(gone: readonly Contribution[], come: readonly Contribution[]): Entry[] {
  const entries = new Map<string, Entry>()
  const count = (contributions: readonly Contribution[], sign: 1 | -1) => {
    for (const { topic, figure, at, amount } of contributions) {
      for (const span of topic === totals ? totalsSpans : detailSpans) {
        const start = startOf(at, span)
        const key = JSON.stringify([topic, figure, span, start])
        const before = entries.get(key)?.amount ?? 0
        entries.set(key, { topic, figure, span, at: start, amount: before + sign * amount })
      }
    }
  }
  count(gone, -1)
  count(come, 1)
  return [...entries.values()].filter(({ amount }) => amount !== 0)
}

/** The stretches of time that make up a period: the longest inside, ever shorter ones towards its edges. */
export function stretchesOf({ from, until }: Period, spans: readonly Span[]): Stretch[] {
  const span = spans.at(-1)
  if (span === undefined || from >= until) return []
  const [first, last] = [Math.ceil(from / span) * span, startOf(until, span)]
  const finer = spans.slice(0, -1)
  if (first >= last) return stretchesOf({ from, until }, finer)
  const inside = { from: first, until: last, span }
  return [...stretchesOf({ from, until: first }, finer), inside, ...stretchesOf({ from: last, until }, finer)]
}

export const noMoney: Readonly<MoneySums> = { orders: 0, gross: 0, refunded: 0, commission: 0 }

/** The sums of a period, of the figures of its stretches. */
export function sumsOf(stretches: readonly Readonly<Record<string, number>>[]): Sums {
  const all: Record<string, number> = {}
  for (const figures of stretches) {
    for (const [figure, amount] of Object.entries(figures)) all[figure] = (all[figure] ?? 0) + amount
  }
  const { placed = 0, canceled = 0, units = 0, views = 0, viewsTold = 0, ...detailed } = all
  const sums: Sums = { placed, canceled, orders: 0, units, views, viewsTold, money: {}, shipTimes: {} }
  for (const [figure, amount] of Object.entries(detailed)) {
    const [name = '', detail = ''] = figure.split(':')
    if (name === 'ship') sums.shipTimes[Number(detail)] = amount
    else {
      const currency = detail as Currency
      sums.money[currency] = { ...(sums.money[currency] ?? noMoney), [name]: amount }
    }
  }
  for (const { orders } of Object.values(sums.money)) sums.orders += orders
  return sums
}

/** The currency that most orders of a period were paid in, the first by its code among equals; USD without any. */
export function usualCurrency({ money }: Pick<Sums, 'money'>): Currency {
  const used = Object.entries(money) as [Currency, MoneySums][]
  const [most] = used.sort(([a, { orders: ofA }], [b, { orders: ofB }]) => ofB - ofA || (a < b ? -1 : 1))
  return most?.[0] ?? 'USD'
}
