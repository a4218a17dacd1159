import type { Envelope, EventData } from '../../shared/contracts/events.ts'
import {
  type Id,
  type Instant,
  iso,
  type Prefix,
  type ProductId,
  type UserId,
  type VariantId,
} from '../../shared/contracts/ids.ts'
import { type Currency, type Money, money, portion } from '../../shared/contracts/money.ts'
import { seeded } from '../../shared/testing/interleaving.ts'

export const historyDays = 90

/** A seller as the history needs them; products that stand first sell best. `place` is the seller's number in the seed. */
export type HistorySeller = {
  place: number
  sellerId: UserId
  currency: Currency
  ordersPerDay: number
  products: { productId: ProductId; variants: { variantId: VariantId; price: number }[] }[]
}

export type PastEvent = Envelope<
  'order.created' | 'order.paid' | 'order.canceled' | 'order.shipped' | 'payment.refunded' | 'product.viewed'
>

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
/** One view in so many is in the history, as the gateway samples them. */
const viewWeight = 10
const commissionBasisPoints = 1_000
/** How busy the days of a week are; day 0 of the epoch was a Thursday. */
const byWeekday = [1, 1.1, 1.35, 1.25, 0.9, 0.85, 0.9]

/** Every ninth week is a sale, so that one lies in any 90 days. */
const isSale = (date: number): boolean => Math.floor(date / 7) % 9 === 0

/** How busy a day is: a weekly pattern, growth over the period, and a sale week. */
function busyness(date: number, today: number): number {
  const age = (today - date) / historyDays
  return (byWeekday[date % 7] ?? 1) * (1.3 - 0.6 * age) * (isSale(date) ? 1.8 : 1)
}

/**
 * What happened to a seller in the last 90 days, up to `now`. An order depends on its seller, day and number alone: a later run makes
 * the same orders, with the same ids, of the days that both cover.
 */
export function historyOf(seller: HistorySeller, now: Instant): PastEvent[] {
  const today = Math.floor(now / day)
  const dates = Array.from({ length: historyDays }, (_none, index) => today - historyDays + 1 + index)
  const events = dates.flatMap((date) => {
    const expected = seller.ordersPerDay * busyness(date, today)
    // A fraction of an order is one on that share of the days.
    const orders = Math.floor(expected + drawing(seller.place, date, 999).fraction())
    const views = Math.ceil(expected * 1.6)
    return [
      ...Array.from({ length: orders }, (_none, index) => orderStory(seller, date, index)).flat(),
      ...Array.from({ length: views }, (_none, index) => view(seller, date, index)),
    ]
  })
  return events.filter(({ time }) => Date.parse(time) <= now)
}

type Drawing = ReturnType<typeof drawing>

/** The chances of one thing that happened: its seller, day and number determine all of them. */
function drawing(place: number, date: number, index: number) {
  const random = seeded(place * 100_000_000 + date * 1_000 + index)
  const below = (limit: number) => Math.floor(random() * limit)
  const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
  return {
    fraction: random,
    below,
    /** The first of a list is drawn most often. */
    popular: <T>(list: readonly T[]): T => list[Math.floor(list.length * random() ** 1.8)] as T,
    id: <P extends Prefix>(prefix: P): Id<P> => `${prefix}_0${Array.from({ length: 25 }, () => alphabet[below(32)]).join('')}`,
    /** Some time of the day, most likely in the afternoon. */
    time: () => date * day + 6 * hour + Math.floor(((random() + random()) / 2) * 18 * hour),
  }
}

function anEvent<E extends PastEvent['type']>(
  { id }: Drawing,
  from: string,
  type: E,
  subject: string,
  at: Instant,
  data: EventData<E>,
): Envelope<E> {
  const traceparent = '00-00000000000000000000000000005eed-0000000000005eed-00'
  return {
    ...{ specversion: '1.0', id: id('evt'), source: `/workers/${from}`, type, subject, time: iso(at) },
    ...{ datacontenttype: 'application/json', traceparent, dataversion: 1, data },
  } as Envelope<E>
}

function view({ place, sellerId, products }: HistorySeller, date: number, index: number): PastEvent {
  const draw = drawing(place, date, 500 + index)
  const { productId } = draw.popular(products)
  const data = { version: 1, productId, sellerId, weight: viewWeight }
  return anEvent(draw, 'gateway', 'product.viewed', productId, draw.time(), data)
}

/** An order from its placing to its end: most are paid and sent, some are never paid, canceled or refunded in part. */
function orderStory(seller: HistorySeller, date: number, index: number): PastEvent[] {
  const { place, sellerId, currency } = seller
  const draw = drawing(place, date, index)
  const [orderId, buyerId, paymentId, refundId] = [draw.id('ord'), draw.id('usr'), draw.id('pay'), draw.id('ref')]
  const items = linesOf(seller, draw, isSale(date))
  const grand = money(
    items.reduce((sum, { lineTotal }) => sum + lineTotal.amount, 0),
    currency,
  )
  const groups = [{ sellerId, subtotal: grand, commission: portion(grand, commissionBasisPoints) }]
  const number = `CR-${orderId.slice(-8).toUpperCase()}`
  const order = { version: 1, orderId, number, buyerId, email: null, sellerIds: [sellerId], grand }
  const placedAt = draw.time()
  const paidAt = placedAt + minute + draw.below(9 * minute)
  const sentAt = paidAt + 3 * hour + Math.floor(draw.fraction() ** 2 * 4 * day)
  const fate = draw.fraction()

  const created = { ...order, status: 'pending' as const, payBefore: placedAt + 30 * minute, items, groups }
  const story: PastEvent[] = [anEvent(draw, 'order', 'order.created', orderId, placedAt, created)]
  const cancel = (at: Instant, reason: EventData<'order.canceled'>['reason'], wasPaid: boolean) => {
    const data = { ...order, version: 3, status: wasPaid ? ('canceled' as const) : ('failed' as const), reason, wasPaid, items }
    story.push(anEvent(draw, 'order', 'order.canceled', orderId, at, data))
  }
  const refund = (at: Instant, total: Money, reason: string) => {
    const data = { version: 2, paymentId, orderId, buyerId, amount: grand, refundId, refundedTotal: total, reason }
    story.push(anEvent(draw, 'payment', 'payment.refunded', paymentId, at, data))
  }
  if (fate < 0.07) {
    if (fate < 0.02) cancel(paidAt, 'payment_failed', false)
    else cancel(placedAt + 30 * minute, 'expired', false)
    return story
  }
  story.push(anEvent(draw, 'order', 'order.paid', orderId, paidAt, { ...order, version: 2, status: 'paid', items, groups }))
  if (fate < 0.11) {
    cancel(paidAt + 2 * hour, fate < 0.1 ? 'buyer' : 'seller', true)
    refund(paidAt + 2 * hour + minute, grand, 'canceled')
    return story
  }
  const parcel = { sellerId, carrier: 'UPS', trackingNumber: `1Z${orderId.slice(-12).toUpperCase()}` }
  story.push(anEvent(draw, 'order', 'order.shipped', orderId, sentAt, { ...order, version: 3, status: 'shipped', ...parcel }))
  // One line comes back: all of an order of one line.
  const [first] = items
  if (fate < 0.17 && first) refund(sentAt + 4 * day + draw.below(9 * day), first.lineTotal, 'returned')
  return story
}

function linesOf({ sellerId, currency, products }: HistorySeller, draw: Drawing, onSale: boolean) {
  const count = [1, 1, 1, 1, 1, 1, 2, 2, 2, 3][draw.below(10)] ?? 1
  const chosen = new Set(Array.from({ length: count }, () => draw.popular(products)))
  return [...chosen].map(({ productId, variants }) => {
    const { variantId, price } = draw.popular(variants)
    const quantity = draw.fraction() < 0.8 ? 1 : 2 + draw.below(2)
    const unitPrice = onSale ? Math.round(price * 0.85) : price
    return { variantId, productId, sellerId, quantity, lineTotal: money(unitPrice * quantity, currency) }
  })
}
