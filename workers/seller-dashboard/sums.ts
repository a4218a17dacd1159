import type { Instant } from '../../shared/contracts/ids'
import type { Currency } from '../../shared/contracts/money'
import type { MoneySums, Period, Sums } from './dashboard-api'
import { quarter } from './periods'

export const day: Instant = 96 * quarter

/** The spans that sums are kept for, the finest first. A few sums of each span make up any period. */
export type Span = Instant
export const totalsSpans: readonly Span[] = [quarter, 4 * quarter, 24 * quarter, day, 16 * day]
export const detailSpans: readonly Span[] = [quarter, day]

/** The start of the span that contains an instant. */
export const startOf = (instant: Instant, span: Span): Instant => Math.floor(instant / span) * span

/** The topic of the figures of `Sums`: plain ones by name, money by `<name>:<currency>`, times to ship by `ship:<bucket>`. */
export const totals = 'totals'
/** The topic of changes of the count of low variants. */
export const lowVariants = 'low'
/** The topic of the sales of each product; its figures are product ids. */
export const productTopic = (figure: 'units' | 'orders' | 'gross', currency: Currency): string => `${figure}:${currency}`

/** An amount to add to the sums at an instant. Besides the topics above, each variant id is a topic, of its units sold. */
export type Contribution = { topic: string; figure: string; at: Instant; amount: number }

/** A contribution to one stored sum. */
export type Entry = Contribution & { span: Span }

/** Consecutive sums of one span. */
type Stretch = Period & { span: Span }

/** The changes of the stored sums when contributions are removed and added; unchanged sums are left out. */
export function entriesOf(removed: readonly Contribution[], added: readonly Contribution[]): Entry[] {
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
  count(removed, -1)
  count(added, 1)
  return [...entries.values()].filter(({ amount }) => amount !== 0)
}

/** The stretches that make up a period: the longest spans inside, ever shorter ones towards its ends. */
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

/** The sums of a period, from the figures of its stretches. */
export function sumsOf(stretches: readonly Readonly<Record<string, number>>[]): Sums {
  const all: Record<string, number> = {}
  for (const figures of stretches) {
    for (const [figure, amount] of Object.entries(figures)) all[figure] = (all[figure] ?? 0) + amount
  }
  const { placed = 0, canceled = 0, units = 0, views = 0, viewEvents = 0, ...detailed } = all
  const sums: Sums = { placed, canceled, orders: 0, units, views, viewEvents, money: {}, shipTimes: {} }
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

/** The currency of most orders of a period, by code among equals; USD without orders. */
export function usualCurrency({ money }: Pick<Sums, 'money'>): Currency {
  const used = Object.entries(money) as [Currency, MoneySums][]
  const [most] = used.sort(([a, { orders: ofA }], [b, { orders: ofB }]) => ofB - ofA || (a < b ? -1 : 1))
  return most?.[0] ?? 'USD'
}
