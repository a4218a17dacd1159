import type { Envelope } from '../../shared/contracts/events'
import type { Instant, OrderId, ProductId, UserId, VariantId } from '../../shared/contracts/ids'
import type { Currency } from '../../shared/contracts/money'

/** What a dashboard is made of. */
export type Heard = Envelope<
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

/** A stretch of time: from `from`, up to and without `until`. Both lie on a quarter of an hour, as every time zone's midnight does. */
export type Period = { from: Instant; until: Instant }

/** Sums over the money of one currency, in its minor units. */
export type MoneySums = { orders: number; gross: number; refunded: number; commission: number }

/** What is added up over a period. Every figure is a formula of these, see figures.ts. */
export type Sums = {
  placed: number
  canceled: number
  orders: number
  units: number
  /** An estimate: each view that was told of counts for as many as it stands for. `viewsTold`: how many those were. */
  views: number
  viewsTold: number
  money: Partial<Record<Currency, MoneySums>>
  /** How long paid parcels took to leave: logarithmic buckets, see ship-times.ts, to how many. */
  shipTimes: Record<number, number>
}

export type LowStock = {
  variantId: VariantId
  productId: ProductId
  title: string | null
  availability: 'low' | 'out'
  /** What inventory told when availability last changed, at `asOf`: later sales of what is low are not in it. */
  available: number
  asOf: Instant
  /** Units sold per day, of the last 28 days. */
  dailySales: number
  /** For how many days `available` lasts at that pace; null when nothing was sold. */
  daysOfCover: number | null
}

export type TopProduct = { productId: ProductId; title: string | null; units: number; orders: number; gross: number }

/** The dashboard of one seller, or of the whole marketplace: a Durable Object. Every read is one call of it. */
export interface Dashboard {
  /** Takes in what happened; what was heard before changes nothing. In any order, it comes to the same. */
  hear(events: readonly Heard[]): Promise<void>
  /** The sellers of an order that was heard of; null of one that was not. */
  sellersOf(orderId: OrderId): Promise<UserId[] | null>
  /** The sums of each period, how many variants were low or out at the end of each, and what is low now. */
  overview(
    periods: readonly Period[],
    now: Instant,
    lowest: number,
  ): Promise<{ sums: Sums[]; low: number[]; lowStock: LowStock[] }>
  /** The sums of each period; at most 1,000. */
  series(periods: readonly Period[]): Promise<Sums[]>
  /** What sold most; without a `currency`, in the one that `usualCurrency` of the period picks. */
  topProducts(
    period: Period,
    currency: Currency | undefined,
    by: 'gross' | 'units',
    limit: number,
  ): Promise<{ currency: Currency; items: TopProduct[] }>
  /** Variants that are low or out, those that run out first before others. */
  lowStock(now: Instant, after: string | null, limit: number): Promise<{ items: LowStock[]; next: string | null }>
}
