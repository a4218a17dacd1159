import { AppError } from '../../shared/contracts/errors'
import { type Instant, iso, type OrderId, type UserId } from '../../shared/contracts/ids'
import type { StockLine } from '../../shared/contracts/inventory'
import type { Money } from '../../shared/contracts/money'
import type { OrderStatus } from '../../shared/contracts/order'
import type { Commission, PricedLine, Totals } from './pricing'

export const paymentStatuses = ['pending', 'succeeded', 'failed', 'refunded', 'voided'] as const
export type PaymentStatus = (typeof paymentStatuses)[number]

export const groupStatuses = ['pending', 'paid', 'shipped', 'delivered', 'canceled'] as const
export type GroupStatus = (typeof groupStatuses)[number]

export type CancelReason = 'buyer' | 'seller' | 'expired' | 'payment_failed'

export type Address = {
  name: string
  line1: string
  line2?: string | undefined
  city: string
  region?: string | undefined
  postalCode: string
  country: string
}

/** One seller's part of an order; it ships on its own. */
export type Group = {
  sellerId: UserId
  status: GroupStatus
  subtotal: Money
  commission: Commission
  carrier: string | null
  trackingNumber: string | null
  shippedAt: Instant | null
  deliveredAt: Instant | null
}

/** A change of the order's own status; `note` is what a person wrote about it. */
export type HistoryEntry = { status: OrderStatus; at: Instant; reason?: CancelReason; note?: string }

type Base = {
  _id: OrderId
  /** For people: `CR-260101-7K3M9Q2X`. */
  number: string
  buyerId: UserId
  email: string | null
  sellerIds: UserId[]
  items: PricedLine[]
  groups: Group[]
  totals: Totals
  shippingAddress: Address
  payment: PaymentStatus
  /** The stock of an unpaid order is held until then. */
  payBefore: Instant
  history: HistoryEntry[]
  createdAt: Instant
}
export type Pending = Base & { status: 'pending' }
/** Paid; some of its groups may be shipped already. */
export type Paid = Base & { status: 'paid' }
export type Shipped = Base & { status: 'shipped' }
export type Delivered = Base & { status: 'delivered' }
/** The payment was declined. */
export type Failed = Base & { status: 'failed' }
export type Canceled = Base & { status: 'canceled'; reason: CancelReason }
/** All of the money went back after the order had been paid. */
export type Refunded = Base & { status: 'refunded' }
export type Order = Pending | Paid | Shipped | Delivered | Failed | Canceled | Refunded

export type Command =
  /** The money is there; `held` says whether the stock could be confirmed. */
  | { type: 'pay'; held: boolean }
  | { type: 'fail' }
  /** Money went back to the buyer, `refundedTotal` in all. */
  | { type: 'refund'; refundedTotal: Money }
  | { type: 'cancel'; by: 'buyer'; note: string | null }
  | { type: 'cancel'; by: 'seller'; sellerId: UserId; note: string | null }
  | { type: 'expire' }
  | { type: 'ship'; sellerId: UserId; carrier: string | null; trackingNumber: string | null }
  | { type: 'deliver'; sellerId: UserId }

export type OrderEvent =
  | { type: 'paid'; at: Instant }
  | { type: 'failed'; at: Instant }
  | { type: 'canceled'; at: Instant; reason: CancelReason; wasPaid: boolean; payment: PaymentStatus; note: string | null }
  | { type: 'refunded'; at: Instant }
  /** The money of an order that had already ended went back. */
  | { type: 'repaid'; at: Instant }
  | { type: 'shipped'; at: Instant; sellerId: UserId; carrier: string | null; trackingNumber: string | null }
  | { type: 'delivered'; at: Instant; sellerId: UserId }

/** The events that follow from a command; `[]` when it is already so. @throws AppError `invalid_state` when a person may not do this now */
export function decide(order: Order, command: Command, now: Instant): OrderEvent[] {
  switch (command.type) {
    case 'pay':
      if (order.status !== 'pending') return []
      return [command.held ? { type: 'paid', at: now } : canceled('expired', now, { payment: 'succeeded' })]
    case 'fail':
      return order.status === 'pending' ? [{ type: 'failed', at: now }] : []
    case 'refund':
      return decideRefund(order, command.refundedTotal, now)
    case 'cancel':
      return decideCancel(order, command, now)
    case 'expire':
      return order.status === 'pending' && order.payBefore <= now ? [canceled('expired', now, {})] : []
    case 'ship':
      return decideShip(order, command, now)
    case 'deliver':
      return decideDeliver(order, command.sellerId, now)
    default:
      return command satisfies never
  }
}

function canceled(
  reason: CancelReason,
  at: Instant,
  { wasPaid = false, payment = 'voided', note = null }: { wasPaid?: boolean; payment?: PaymentStatus; note?: string | null },
): OrderEvent {
  return { type: 'canceled', at, reason, wasPaid, payment, note }
}

function decideRefund(order: Order, refundedTotal: Money, now: Instant): OrderEvent[] {
  if (refundedTotal.amount < order.totals.grand.amount || order.payment === 'refunded') return []
  switch (order.status) {
    case 'pending':
      // The refund overtook the success that it returns: the money came and went, so the order waits for nothing more.
      return [canceled('payment_failed', now, { payment: 'refunded' })]
    case 'paid':
    case 'shipped':
    case 'delivered':
      return [{ type: 'refunded', at: now }]
    case 'failed':
    case 'canceled':
      return [{ type: 'repaid', at: now }]
    case 'refunded':
      return []
    default:
      return order satisfies never
  }
}

function decideCancel(order: Order, command: Extract<Command, { type: 'cancel' }>, now: Instant): OrderEvent[] {
  const { by, note } = command
  if (by === 'seller' && order.sellerIds.some((sellerId) => sellerId !== command.sellerId)) {
    throw new AppError('invalid_state', 'Other sellers have a part in this order; only the buyer can cancel it')
  }
  if (order.status === 'canceled' && order.reason === by) return []
  if (order.status === 'pending') return [canceled(by, now, { note })]
  if (order.status !== 'paid') throw new AppError('invalid_state', `The order is ${order.status} and can no longer be canceled`)
  if (order.groups.some(({ shippedAt }) => shippedAt !== null)) {
    throw new AppError('invalid_state', 'A part of the order is shipped, so it can no longer be canceled')
  }
  return [canceled(by, now, { note, wasPaid: true, payment: order.payment })]
}

function decideShip(
  order: Order,
  { sellerId, carrier, trackingNumber }: Extract<Command, { type: 'ship' }>,
  now: Instant,
): OrderEvent[] {
  const group = groupOf(order, sellerId)
  if (group.shippedAt !== null && group.carrier === carrier && group.trackingNumber === trackingNumber) return []
  if (group.status !== 'paid')
    throw new AppError('invalid_state', `This part of the order is ${group.status} and cannot be shipped`)
  return [{ type: 'shipped', at: now, sellerId, carrier, trackingNumber }]
}

function decideDeliver(order: Order, sellerId: UserId, now: Instant): OrderEvent[] {
  const { status } = groupOf(order, sellerId)
  if (status === 'delivered') return []
  if (status !== 'shipped')
    throw new AppError('invalid_state', `This part of the order is ${status} and cannot have been delivered`)
  return [{ type: 'delivered', at: now, sellerId }]
}

/** The stock that an order takes, per variant. */
export const stockLines = ({ items }: Pick<Order, 'items'>): StockLine[] =>
  items.map(({ variantId, quantity }) => ({ variantId, quantity }))

/** One seller's part. @throws AppError `not_found` when they have none */
export function groupOf(order: Order, sellerId: UserId): Group {
  const group = order.groups.find((each) => each.sellerId === sellerId)
  if (!group) throw new AppError('not_found')
  return group
}

/** The order after an event. */
export function evolve(order: Order, event: OrderEvent): Order {
  const { at } = event
  switch (event.type) {
    case 'paid':
      return {
        ...order,
        status: 'paid',
        payment: 'succeeded',
        groups: moved(order, 'paid'),
        history: [...order.history, { status: 'paid', at }],
      }
    case 'failed': {
      const entry: HistoryEntry = { status: 'failed', at, reason: 'payment_failed' }
      return {
        ...order,
        status: 'failed',
        payment: 'failed',
        groups: moved(order, 'canceled'),
        history: [...order.history, entry],
      }
    }
    case 'canceled': {
      const { reason, payment, note } = event
      const entry: HistoryEntry = { status: 'canceled', at, reason, ...(note === null ? {} : { note }) }
      return {
        ...order,
        status: 'canceled',
        reason,
        payment,
        groups: moved(order, 'canceled'),
        history: [...order.history, entry],
      }
    }
    case 'refunded': {
      const entry: HistoryEntry = { status: 'refunded', at }
      return {
        ...order,
        status: 'refunded',
        payment: 'refunded',
        groups: moved(order, 'canceled'),
        history: [...order.history, entry],
      }
    }
    case 'repaid':
      return { ...order, payment: 'refunded' }
    case 'shipped': {
      const { sellerId, carrier, trackingNumber } = event
      return fulfilled(order, sellerId, { status: 'shipped', carrier, trackingNumber, shippedAt: at }, at)
    }
    case 'delivered':
      return fulfilled(order, event.sellerId, { status: 'delivered', deliveredAt: at }, at)
    default:
      return event satisfies never
  }
}

/** The groups with each unshipped one moved to `status`; the others stay shipped or delivered. */
const moved = (order: Order, status: GroupStatus): Group[] =>
  order.groups.map((group) => (group.shippedAt === null ? { ...group, status } : group))

/** The order after one group changed; its status follows from all groups. */
function fulfilled(order: Order, sellerId: UserId, change: Partial<Group>, at: Instant): Order {
  const groups = order.groups.map((group) => (group.sellerId === sellerId ? { ...group, ...change } : group))
  const status = statusOf(groups)
  const history = status === order.status ? order.history : [...order.history, { status, at }]
  return { ...order, groups, status, history }
}

/** The status of a paid order: shipped when all live groups are shipped, delivered when all are delivered. */
export function statusOf(groups: readonly Group[]): 'paid' | 'shipped' | 'delivered' {
  const live = groups.filter(({ status }) => status !== 'canceled')
  if (live.every(({ status }) => status === 'delivered')) return 'delivered'
  return live.every(({ status }) => status === 'shipped' || status === 'delivered') ? 'shipped' : 'paid'
}

/** How many characters of an id's random part its number shows; they are tried in turn until the number is unique. */
export const numberLengths = [8, 12, 16] as const

/** The number that people use for an order: the day it was placed and the end of its id. */
export const numberOf = (orderId: OrderId, placedAt: Instant, length: number): string =>
  `CR-${iso(placedAt).slice(2, 10).replaceAll('-', '')}-${orderId.slice(-length).toUpperCase()}`
