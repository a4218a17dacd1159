import type { EventName } from '../../shared/contracts/events'
import type { Currency } from '../../shared/contracts/money'
import type { DashboardEvent, Sums } from './dashboard-api'
import { quantileOf } from './ship-times'
import { noMoney } from './sums'

/** The input of a figure: the sums of a period, the requested currency, and how many variants were low or out at its end. */
type FigureInput = { sums: Sums; currency: Currency; low: number }

type Figure = {
  name: string
  /** `money` is in minor units of the requested currency, a `ratio` is 0.25 for a quarter. */
  unit: 'money' | 'count' | 'ratio' | 'seconds'
  /** The events that it is computed from. */
  events: readonly (DashboardEvent['type'] & EventName)[]
  formula: string
  /** Null where it would divide by zero. */
  of: (input: FigureInput) => number | null
}

const moneyOf = ({ sums, currency }: FigureInput) => sums.money[currency] ?? noMoney
const ratio = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null)
const figure = <const F extends Figure>(definition: F): F => definition

/**
 * THE table of figures: code and documentation are made of it. An order counts at the time when it was paid (order.paid), and for `placed`,
 * `canceled` and `cancelRate` when it was placed (order.created). Later events change the figures of that time. For a seller, an order is
 * their own part of it. Money is in one currency, counts are over all currencies.
 */
export const figures = [
  figure({
    name: 'gross',
    unit: 'money',
    events: ['order.paid'],
    formula: 'sum of the line totals of paid orders',
    of: (input) => moneyOf(input).gross,
  }),
  figure({
    name: 'refunded',
    unit: 'money',
    events: ['order.paid', 'payment.refunded'],
    formula:
      'sum of the refunds of paid orders; the refund of an order of several sellers is split in proportion to their subtotals, by largest remainder',
    of: (input) => moneyOf(input).refunded,
  }),
  figure({
    name: 'commission',
    unit: 'money',
    events: ['order.paid', 'payment.refunded'],
    formula:
      'sum of the commission kept: commission - floor(commission * refunded / subtotal), for each seller of each paid order',
    of: (input) => moneyOf(input).commission,
  }),
  figure({
    name: 'net',
    unit: 'money',
    events: ['order.paid', 'payment.refunded'],
    formula: 'gross - refunded - commission',
    of: (input) => {
      const { gross, refunded, commission } = moneyOf(input)
      return gross - refunded - commission
    },
  }),
  figure({
    name: 'orders',
    unit: 'count',
    events: ['order.paid'],
    formula: 'number of paid orders',
    of: ({ sums }) => sums.orders,
  }),
  figure({
    name: 'units',
    unit: 'count',
    events: ['order.paid'],
    formula: 'sum of the quantities of paid orders',
    of: ({ sums }) => sums.units,
  }),
  figure({
    name: 'averageOrderValue',
    unit: 'money',
    events: ['order.paid'],
    formula: 'gross / number of paid orders in that currency, rounded half up; null without orders',
    of: (input) => {
      const { gross, orders } = moneyOf(input)
      return orders > 0 ? Math.floor((2 * gross + orders) / (2 * orders)) : null
    },
  }),
  figure({
    name: 'refundRate',
    unit: 'ratio',
    events: ['order.paid', 'payment.refunded'],
    formula: 'refunded / gross; null without gross',
    of: (input) => ratio(moneyOf(input).refunded, moneyOf(input).gross),
  }),
  figure({
    name: 'placed',
    unit: 'count',
    events: ['order.created'],
    formula: 'number of orders placed, whether paid or not',
    of: ({ sums }) => sums.placed,
  }),
  figure({
    name: 'canceled',
    unit: 'count',
    events: ['order.created', 'order.canceled'],
    formula: 'number of orders placed that buyer or seller canceled, not those that expired, were not paid or were refunded',
    of: ({ sums }) => sums.canceled,
  }),
  figure({
    name: 'cancelRate',
    unit: 'ratio',
    events: ['order.created', 'order.canceled'],
    formula: 'canceled / placed; null when nothing was placed',
    of: ({ sums }) => ratio(sums.canceled, sums.placed),
  }),
  figure({
    name: 'timeToShipP50',
    unit: 'seconds',
    events: ['order.paid', 'order.shipped'],
    formula: 'median of the time from payment to shipment by the seller, over shipped orders, to within 2 %',
    of: ({ sums }) => quantileOf(sums.shipTimes, 0.5),
  }),
  figure({
    name: 'timeToShipP95',
    unit: 'seconds',
    events: ['order.paid', 'order.shipped'],
    formula: 'as timeToShipP50, the time within which 95 of 100 were shipped',
    of: ({ sums }) => quantileOf(sums.shipTimes, 0.95),
  }),
  figure({
    name: 'views',
    unit: 'count',
    events: ['product.viewed'],
    formula:
      'sum of the weights of the view events, each for all views of one reader within half an hour: an estimate where only one view in several is reported',
    of: ({ sums }) => sums.views,
  }),
  figure({
    name: 'conversion',
    unit: 'ratio',
    events: ['order.paid', 'product.viewed'],
    formula: 'orders / views; null without views',
    of: ({ sums }) => ratio(sums.orders, sums.views),
  }),
  figure({
    name: 'lowStock',
    unit: 'count',
    events: ['stock.changed', 'product.updated'],
    formula: 'number of variants of products on sale that were low or out at the end of the period',
    of: ({ low }) => low,
  }),
] as const satisfies readonly Figure[]

export type FigureName = (typeof figures)[number]['name']

/** The value of each figure. */
export const figuresOf = (input: FigureInput): Record<FigureName, number | null> =>
  Object.fromEntries(figures.map(({ name, of }) => [name, of(input)])) as Record<FigureName, number | null>
