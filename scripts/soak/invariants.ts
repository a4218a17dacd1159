import { type EventName, events, type WorkerName } from '../../shared/contracts/events.ts'
import { chargeFaults, ledgerFaults, moneyFaults, orderTwins, stockFaults } from '../../shared/testing/book-invariants.ts'
import type { Books } from './books.ts'
import { type Dashboard, dashboardFaults } from './dashboards.ts'

/** What inboxes took and handlers finished, by Worker: ids of events. */
export type Acked = Record<string, readonly string[]>

/** What one device was shown, in the order in which it came. */
export type Seen = { device: string; frames: { seq: number; type: string; data: Record<string, unknown> }[] }

export type Evidence = { books: Books; acked: Acked; seen: readonly Seen[]; dashboards: readonly Dashboard[] }

/** One promise, and every case in which it was broken. */
export type Finding = { invariant: string; checked: number; violations: string[] }

/** Holds the promises against what was written down. Nothing may be under way any more. */
export function judge({ books, acked, seen, dashboards }: Evidence): Finding[] {
  return [
    finding('stock is conserved', books.stock, (stock) => stockFaults(stock, books)),
    finding('money kept is what paid orders are worth', books.orders, (order) => moneyFaults(order, books)),
    finding('every paid order has one charge', books.orders, (order) => chargeFaults(order, books)),
    finding('debits equal credits', books.ledger, ledgerFaults),
    finding('one cart version is one order', books.orders, (order) => orderTwins(order, books)),
    finding('every change of an order was published', books.orders, (order) => unpublished(order, books)),
    finding('every event reached each subscriber or a dead letter', books.log, (event) => undelivered(event, books, acked)),
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
