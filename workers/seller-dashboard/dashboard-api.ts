import type { Envelope } from '../../shared/contracts/events'
import type { Instant, OrderId, ProductId, UserId, VariantId } from '../../shared/contracts/ids'
import type { Currency } from '../../shared/contracts/money'

/** The events that a dashboard ingests. */
export type DashboardEvent = Envelope<
  | 'product.updated'
  | 'product.viewed'
  | 'stock.changed'
  | 'order.created'
  | 'order.paid'
  | 'order.canceled'
  | 'order.shipped'
  | 'payment.refunded'
>

/** Whose dashboard it is. */
export type Owner = UserId | 'marketplace'

/** From `from`, up to and without `until`. Both are full quarters of an hour, as midnight is in every time zone. */
export type Period = { from: Instant; until: Instant }

/** Sums over the money of one currency, in its minor units. */
export type MoneySums = { orders: number; gross: number; refunded: number; commission: number }

/** The sums of a period. Every figure is a formula of these, see figures.ts. */
export type Sums = {
  placed: number
  canceled: number
  orders: number
  units: number
  /** An estimate: each view event counts with its weight. `viewEvents` is the number of these events. */
  views: number
  viewEvents: number
  money: Partial<Record<Currency, MoneySums>>
  /** Times from payment to shipment: the count of each logarithmic bucket, see ship-times.ts. */
  shipTimes: Record<number, number>
}

export type LowStock = {
  variantId: VariantId
  productId: ProductId
  title: string | null
  availability: 'low' | 'out'
  /** The level when availability last changed, at `asOf`. Later sales of a low variant are not in it. */
  available: number
  asOf: Instant
  /** Units sold per day, over the last 28 days. */
  dailySales: number
  /** For how many days `available` lasts at that pace; null when nothing was sold. */
  daysOfCover: number | null
}

export type TopProduct = { productId: ProductId; title: string | null; units: number; orders: number; gross: number }

/** The Durable Object of one seller's dashboard, or of the marketplace's. Every read is one call. */
export interface DashboardApi {
  /** Applies events. A repeated event changes nothing, and the order of events does not matter. */
  ingest(events: readonly DashboardEvent[]): Promise<void>
  /** The sellers of an order; null when the order is unknown. */
  sellersOf(orderId: OrderId): Promise<UserId[] | null>
  /** The sums of each period, how many variants were low or out at its end, and the variants that are low now. */
  overview(
    periods: readonly Period[],
    now: Instant,
    lowest: number,
  ): Promise<{ sums: Sums[]; low: number[]; lowStock: LowStock[] }>
  /** The sums of each period; at most 1,000. */
  series(periods: readonly Period[]): Promise<Sums[]>
  /** The best-selling products; without a `currency`, in the `usualCurrency` of the period. */
  topProducts(
    period: Period,
    currency: Currency | undefined,
    by: 'gross' | 'units',
    limit: number,
  ): Promise<{ currency: Currency; items: TopProduct[] }>
  /** Variants that are low or out, first those that run out first. */
  lowStock(now: Instant, after: string | null, limit: number): Promise<{ items: LowStock[]; next: string | null }>
}
