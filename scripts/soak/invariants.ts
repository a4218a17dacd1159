import { type EventName, events, type WorkerName } from '../../shared/contracts/events.ts'
import type { Books } from './books.ts'
import { type Dashboard, dashboardFaults } from './dashboards.ts'

/** What inboxes took and handlers finished, by Worker: ids of events. */
export type Acked = Record<string, readonly string[]>

/** What one device was shown, in the order in which it came. */
export type Seen = { device: string; frames: { seq: number; type: string; data: Record<string, unknown> }[] }

export type Evidence = { books: Books; acked: Acked; seen: readonly Seen[]; dashboards: readonly Dashboard[] }

/** One promise, and every case in which it was broken. */
export type Finding = { invariant: string; checked: number; violations: string[] }

const isSold = (status: string): boolean => ['paid', 'shipped', 'delivered'].includes(status)

const sumOf = <T>(items: readonly T[], amount: (item: T) => number): number => items.reduce((sum, item) => sum + amount(item), 0)

/** Holds the promises against what was written down. Nothing may be under way any more. */
export function judge({ books, acked, seen, dashboards }: Evidence): Finding[] {
  return [
    finding('stock is conserved', books.stock, (stock) => stockFaults(stock, books)),
    finding('money kept is what paid orders are worth', books.orders, (order) => moneyFaults(order, books)),
    finding('every paid order has one charge', books.orders, (order) => chargeFaults(order, books)),
    finding('debits equal credits', books.ledger, ledgerFaults),
    finding('one cart version is one order', books.orders, (order) => twins(order, books)),
    finding('every change of an order was published', books.orders, (order) => unpublished(order, books)),
    finding('every event reached each subscriber or a dead deadLetter', books.log, (event) => undelivered(event, books, acked)),
    finding('no event is in the log twice', books.log, repeated()),
    finding('nothing waits to be sent', [...books.orders, ...books.payments, ...books.stock], pending),
    finding('no frame out of order', seen, frameFaults),
    finding('dashboards show what the orders say', dashboards, (dashboard) => dashboardFaults(dashboard, books)),
  ]
}

const finding = <T>(invariant: string, items: readonly T[], faults: (item: T) => string[]): Finding => ({
  invariant,
  checked: items.length,
  violations: items.flatMap(faults),
})

function stockFaults(stock: Books['stock'][number], { orders, movements }: Books): string[] {
  const { _id, available, held, sold, holds } = stock
  // Orders move units between available, held and sold; only what somebody counted adds to them or takes away.
  const counted = movements.filter(({ variantId, kind }) => variantId === _id && ['open', 'set'].includes(kind))
  const total = sumOf(counted, ({ quantity }) => quantity)
  const unitsIn = (wanted: (status: string) => boolean) =>
    sumOf(
      orders.filter(({ status }) => wanted(status)),
      ({ items }) =>
        sumOf(
          items.filter(({ variantId }) => variantId === _id),
          ({ quantity }) => quantity,
        ),
    )
  const gone = unitsIn(isSold) + shippedOfEnded(_id, orders)
  const heldByHolds = sumOf(holds, ({ quantity }) => quantity)
  return [
    ...(available < 0 ? [`${_id}: ${available} available`] : []),
    ...(available + held + sold === total ? [] : [`${_id}: ${available} + ${held} + ${sold} is not the ${total} that came in`]),
    ...(held === heldByHolds ? [] : [`${_id}: ${held} held, but the holds say ${heldByHolds}`]),
    ...(held === unitsIn((status) => status === 'pending') ? [] : [`${_id}: ${held} held, pending orders want another number`]),
    ...(sold === gone ? [] : [`${_id}: ${sold} sold, paid orders want ${gone}`]),
  ]
}

/** Units that had left before all the money of their order went back: they are gone for good. */
const shippedOfEnded = (variantId: string, orders: Books['orders']): number =>
  sumOf(
    orders.filter(({ status }) => status === 'refunded'),
    ({ items, groups }) => {
      const left = new Set(groups.filter(({ shippedAt }) => shippedAt !== null).map(({ sellerId }) => sellerId))
      return sumOf(
        items.filter((item) => item.variantId === variantId && left.has(item.sellerId)),
        ({ quantity }) => quantity,
      )
    },
  )

/** What was kept of an order's money, in minor units, by the ledger. */
const keptOf = (orderId: string, { ledger }: Books): number =>
  sumOf(
    ledger.filter((transaction) => transaction.orderId === orderId),
    ({ kind, entries }) =>
      (kind === 'capture' ? 1 : -1) *
      sumOf(
        entries.filter(({ side }) => side === 'debit'),
        ({ amount }) => amount,
      ),
  )

function moneyFaults(order: Books['orders'][number], books: Books): string[] {
  const payment = books.payments.find(({ orderId }) => orderId === order._id)
  const refunded = sumOf(payment?.refunds.filter(({ status }) => status === 'succeeded') ?? [], ({ amount }) => amount)
  const open = payment?.refunds.filter(({ status }) => status === 'pending') ?? []
  const worth = isSold(order.status) ? order.totals.grand.amount - refunded : 0
  const kept = keptOf(order._id, books)
  return [
    ...(kept === worth ? [] : [`${order._id} is ${order.status}, worth ${worth}; kept ${kept}`]),
    ...(open.length > 0 ? [`${order._id}: ${open.length} refunds are still under way`] : []),
  ]
}

function chargeFaults(order: Books['orders'][number], { ledger, payments }: Books): string[] {
  const captures = ledger.filter(({ orderId, kind }) => orderId === order._id && kind === 'capture')
  const made = payments.filter(({ orderId }) => orderId === order._id)
  const wasPaid = order.history.some(({ status }) => status === 'paid')
  return [
    ...(made.length > 1 ? [`${order._id} has ${made.length} payments`] : []),
    ...(captures.length > 1 ? [`${order._id} was charged ${captures.length} times`] : []),
    ...(wasPaid && captures.length === 0 ? [`${order._id} is paid without a charge`] : []),
  ]
}

function ledgerFaults({ _id, entries }: Books['ledger'][number]): string[] {
  const total = (wanted: string) =>
    sumOf(
      entries.filter(({ side }) => side === wanted),
      ({ amount }) => amount,
    )
  return total('debit') === total('credit') ? [] : [`${_id} does not balance`]
}

const twins = (order: Books['orders'][number], { orders }: Books): string[] =>
  orders.some(({ _id, cart }) => cart === order.cart && _id !== order._id)
    ? [`${order._id} is not the only order of its cart`]
    : []

/** The event that must be in the log for each status an order has been in, and whose it is. */
const statusEvents: Readonly<Record<string, readonly [EventName, 'order' | 'payment']>> = {
  pending: ['order.created', 'order'],
  paid: ['order.paid', 'order'],
  shipped: ['order.shipped', 'order'],
  delivered: ['order.delivered', 'order'],
  failed: ['order.canceled', 'order'],
  canceled: ['order.canceled', 'order'],
  refunded: ['payment.refunded', 'payment'],
}

function unpublished(order: Books['orders'][number], { log, payments }: Books): string[] {
  const payment = payments.find(({ orderId }) => orderId === order._id)
  return order.history.flatMap(({ status }) => {
    const [type, whose] = statusEvents[status] ?? []
    const subject = whose === 'payment' ? payment?._id : order._id
    const isPublished = log.some((event) => event.type === type && event.subject === subject)
    return isPublished ? [] : [`${order._id}: no ${type} in the log`]
  })
}

const isKnown = (type: string): type is EventName => Object.hasOwn(events, type)

function undelivered({ eventId, type }: Books['log'][number], { deadLetters }: Books, acked: Acked): string[] {
  if (!isKnown(type)) return [`${eventId}: ${type} is in no catalogue`]
  const to: readonly WorkerName[] = events[type].to
  return to
    .filter((worker) => !ackedBy(acked, worker).has(eventId))
    .filter((worker) => !deadLetters.some((deadLetter) => deadLetter.worker === worker && deadLetter.eventId === eventId))
    .map((worker) => `${type} ${eventId} never reached ${worker}`)
}

const sets = new WeakMap<Acked, Map<string, ReadonlySet<string>>>()

function ackedBy(acked: Acked, worker: string): ReadonlySet<string> {
  const known = sets.get(acked) ?? new Map(Object.entries(acked).map(([name, ids]) => [name, new Set(ids)]))
  sets.set(acked, known)
  return known.get(worker) ?? new Set()
}

function repeated(): (event: Books['log'][number]) => string[] {
  const found = new Set<string>()
  return ({ eventId }) => {
    if (found.has(eventId)) return [`${eventId} is in the log twice`]
    found.add(eventId)
    return []
  }
}

const pending = ({ _id, outboxPending }: { _id: string; outboxPending: boolean }): string[] =>
  outboxPending ? [`${_id} has unpublished events`] : []

/** How far an order has got, as its buyer is shown it. */
const ranks: Readonly<Record<string, number>> = {
  ...{ pending: 0, paid: 1, shipped: 2, delivered: 3 },
  ...{ failed: 4, canceled: 4, refunded: 4 },
}

function frameFaults({ device, frames }: Seen): string[] {
  const latest = new Map<string, number>()
  let last = 0
  return frames.flatMap(({ seq, type, data }) => {
    const faults = seq > last ? [] : [`${device}: frame ${seq} after ${last}`]
    last = seq
    if (type !== 'order.updated') return faults
    const id = String(data.orderId ?? data.id)
    const rank = ranks[String(data.status)] ?? 0
    const before = latest.get(id) ?? 0
    latest.set(id, Math.max(rank, before))
    return rank < before ? [...faults, `${device}: ${id} went back to ${data.status}`] : faults
  })
}
