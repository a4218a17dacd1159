import type { EventData } from '../../../shared/contracts/events'
import { type Instant, iso, newId, type ProductId, type UserId, type VariantId } from '../../../shared/contracts/ids'
import type { Currency } from '../../../shared/contracts/money'
import { anEvent } from '../../../shared/testing/factories'
import { seeded } from '../../../shared/testing/interleaving'
import type { DashboardEvent } from '../dashboard-api'
import { anOrder, aSoldLine, aView, type SoldLine } from './fixtures'

const quarter: Instant = 15 * 60_000
const day: Instant = 96 * quarter

/** Random choices that are the same for the same seed. */
export function seededRandom(seed: number) {
  const next = seeded(seed)
  const below = (end: number): number => Math.floor(next() * end)
  const pick = <T>(from: readonly [T, ...T[]]): T => from[below(from.length)] ?? from[0]
  const shuffled = <T>(list: readonly T[]): T[] =>
    list
      .map((item) => ({ item, place: next() }))
      .sort((a, b) => a.place - b.place)
      .map(({ item }) => item)
  return { next, below, pick, shuffled }
}
type Random = ReturnType<typeof seededRandom>

type Reason = EventData<'order.canceled'>['reason']

/** What happened to an order. */
export type OrderStory = {
  sold: SoldLine[]
  currency: Currency
  placedAt: Instant
  paidAt: Instant | null
  canceled: Reason | null
  refunded: number
  shippedAt: Map<UserId, Instant>
}
type View = { sellerId: UserId; at: Instant; weight: number }
/** A new value of a variant's stock, or of a product's status. */
type Change<T> = { at: Instant; value: T }
export type StockHistory = {
  sellerId: UserId
  variantId: VariantId
  productId: ProductId
  levels: (Change<'in' | 'low' | 'out'> & { available: number })[]
  statuses: Change<'draft' | 'active' | 'archived'>[]
}
export type Market = { orders: OrderStory[]; views: View[]; stock: StockHistory[]; events: DashboardEvent[] }

export const begin: Instant = Date.UTC(2025, 8, 20)
export const end: Instant = begin + 430 * day

/** Mostly any instant; now and then one on a quarter of an hour, where periods begin and end. */
function anInstant({ next, below }: Random, from: Instant, length: Instant): Instant {
  const at = from + below(length)
  return next() < 0.15 ? Math.ceil(at / quarter) * quarter : at
}

/** A random marketplace: orders, views and stock, with all their events. */
export function randomMarket(random: Random, sellers: readonly [UserId, ...UserId[]], orders: number): Market {
  const { next, below, pick } = random
  const goods = sellers.flatMap((sellerId) =>
    Array.from({ length: 6 }, () => newId('prd')).flatMap((productId) =>
      Array.from({ length: 2 }, () => aSoldLine(sellerId, { productId, price: next() < 0.05 ? 0 : 1 + below(20_000) })),
    ),
  ) as [SoldLine, ...SoldLine[]]
  const made = Array.from({ length: orders }, () => anyOrder(random, goods))
  const views = Array.from({ length: orders }, () => {
    return { sellerId: pick(sellers), at: anInstant(random, begin, end - begin), weight: pick([1, 1, 10]) }
  })
  const stock = goods.map((good) => aStockHistory(random, good))
  const events: DashboardEvent[] = [
    ...made.flatMap((each) => each.events),
    ...views.map(({ sellerId, at, weight }) => aView(sellerId, at, weight)),
    ...stock.flatMap(eventsOfStock),
  ]
  return { orders: made.map(({ story }) => story), views, stock, events }
}

function anyOrder(random: Random, goods: readonly [SoldLine, ...SoldLine[]]): { story: OrderStory; events: DashboardEvent[] } {
  const { next, below, pick } = random
  const lines = Array.from({ length: 1 + below(4) }, () => pick(goods))
  const sold = [...new Set(lines)].map((line) => ({ ...line, quantity: 1 + below(3) }))
  const currency = pick<Currency>(['USD', 'USD', 'USD', 'EUR', 'EUR', 'JPY'])
  const order = anOrder(sold, currency)
  const placedAt = anInstant(random, begin, end - begin)
  const paidAt = next() < 0.85 ? placedAt + below(40 * 60_000) : null
  const wasPaid = paidAt !== null
  const reason = wasPaid
    ? pick<Reason | null>([null, null, null, null, null, null, 'buyer', 'seller', 'refunded'])
    : pick<Reason>(['buyer', 'seller', 'expired', 'payment_failed'])
  const whole = order.grand.amount
  const totals = wasPaid && next() < 0.3 ? Array.from({ length: 1 + below(3) }, () => below(whole + 1)).sort((a, b) => a - b) : []
  if (wasPaid && reason !== null) totals.push(whole)
  const shippedAt = new Map<UserId, Instant>()
  for (const sellerId of order.sellerIds) {
    // Between some minutes and some weeks, most of them hours to days.
    if (wasPaid && reason === null && next() < 0.9) shippedAt.set(sellerId, paidAt + Math.round(Math.exp(12 + next() * 9)))
  }
  const later = (paidAt ?? placedAt) + 1 + below(20 * day)
  const events: DashboardEvent[] = [
    order.created(placedAt),
    ...(wasPaid ? [order.paid(paidAt)] : []),
    ...(reason === null ? [] : [order.canceled(later, reason, wasPaid)]),
    ...totals.map((total, index) => order.refunded(later + index, total)),
    ...[...shippedAt].map(([sellerId, at]) => order.shipped(at, sellerId)),
  ]
  return { story: { sold, currency, placedAt, paidAt, canceled: reason, refunded: totals.at(-1) ?? 0, shippedAt }, events }
}

function aStockHistory(random: Random, { sellerId, variantId, productId }: SoldLine): StockHistory {
  const { below, pick } = random
  const moments = (count: number) =>
    Array.from({ length: count }, () => anInstant(random, begin, end - begin)).sort((a, b) => a - b)
  const levels = moments(below(12)).map((at) => {
    const value = pick(['in', 'low', 'out'] as const)
    return { at, value, available: value === 'in' ? 50 : value === 'low' ? 1 + below(5) : 0 }
  })
  const statuses = moments(below(4)).map((at) => ({ at, value: pick(['active', 'active', 'draft', 'archived'] as const) }))
  return { sellerId, variantId, productId, levels, statuses: [{ at: begin - 1, value: 'active' }, ...statuses] }
}

function eventsOfStock({ sellerId, variantId, productId, levels, statuses }: StockHistory, place: number): DashboardEvent[] {
  const unitPrice = { amount: 1, currency: 'USD' as const }
  const stock = levels.map(({ at, value, available }, index) => {
    const data = { version: 1 + index, variantId, productId, sellerId, availability: value, previous: 'in' as const, available }
    return anEvent('stock.changed', variantId, data, { time: iso(at) })
  })
  // Two variants share a product, which has the statuses of the first.
  if (place % 2 === 1) return stock
  const products = statuses.map(({ at, value }, index) => {
    const version = 1 + index
    const facts = { variantId, sku: 'SKU', title: `Variant ${version}`, unitPrice }
    const data = { version, change: 'updated' as const, productId, sellerId, title: `Product ${version}`, status: value }
    return anEvent('product.updated', productId, { ...data, variants: [facts] }, { time: iso(at) })
  })
  return [...stock, ...products]
}
