import { AppError } from '../../shared/contracts/errors'
import type { Envelope } from '../../shared/contracts/events'
import type { OrderId, UserId } from '../../shared/contracts/ids'
import type { StockLine } from '../../shared/contracts/inventory'
import type { Money } from '../../shared/contracts/money'
import { flushOutbox, retryOnConflict, saveWithEvents } from '../../shared/events/outbox'
import { announce } from './announce'
import type { Deps } from './deps'
import { type Command, decide, evolve, groupOf, type Order } from './order'
import type { OrderDocument } from './repo'

/** An order that anybody may mean. @throws AppError `not_found` */
export async function orderOf(deps: Deps, orderId: OrderId): Promise<OrderDocument> {
  const order = await deps.orders.load(orderId)
  if (!order) throw new AppError('not_found')
  return order
}

/**
 * The money of an order is there: secures the stock and marks the order paid, or, when the stock is gone, cancels it. An order
 * that ended before stays as it is, and payment returns the money.
 */
export function markPaid(deps: Deps, orderId: OrderId): Promise<OrderDocument> {
  return change(deps, orderId, async (order) => {
    const lines = stockLines(order)
    if (order.status === 'pending') return { type: 'pay', held: (await deps.inventory.secure(orderId, lines)).held }
    // An earlier attempt may have secured what the end of the order had released already.
    if (order.status === 'failed' || order.status === 'canceled') await deps.inventory.release(orderId, lines)
    return { type: 'pay', held: false }
  })
}

/** The payment of an order was declined. */
export function markFailed(deps: Deps, orderId: OrderId): Promise<OrderDocument> {
  return change(deps, orderId, () => ({ type: 'fail' }))
}

/** Money of an order went back, `refundedTotal` in all. */
export function markRefunded(deps: Deps, orderId: OrderId, refundedTotal: Money): Promise<OrderDocument> {
  return change(deps, orderId, () => ({ type: 'refund', refundedTotal }))
}

/** Ends an order at the wish of its buyer, or of its seller when there is but one. @throws AppError `not_found`, `invalid_state` */
export function cancel(deps: Deps, orderId: OrderId, userId: UserId, note: string | null): Promise<OrderDocument> {
  return change(deps, orderId, (order) => {
    if (order.buyerId === userId) return { type: 'cancel', by: 'buyer', note }
    return { type: 'cancel', by: 'seller', sellerId: groupOf(order, userId).sellerId, note }
  })
}

/** Ends an order that nobody paid in time; any other stays as it is. */
export function expire(deps: Deps, orderId: OrderId): Promise<OrderDocument> {
  return change(deps, orderId, () => ({ type: 'expire' }))
}

/** A seller's part left. @throws AppError `not_found` when they have none, `invalid_state` */
export function ship(
  deps: Deps,
  orderId: OrderId,
  sellerId: UserId,
  { carrier, trackingNumber }: { carrier: string | null; trackingNumber: string | null },
): Promise<OrderDocument> {
  return change(deps, orderId, () => ({ type: 'ship', sellerId, carrier, trackingNumber }))
}

/** A seller's part arrived. @throws AppError `not_found` when they have none, `invalid_state` */
export function deliver(deps: Deps, orderId: OrderId, sellerId: UserId): Promise<OrderDocument> {
  return change(deps, orderId, () => ({ type: 'deliver', sellerId }))
}

export const stockLines = (order: Order): StockLine[] => order.items.map(({ variantId, quantity }) => ({ variantId, quantity }))

/** Loads, decides, saves with what is to be told, sends; again from the start when somebody else wrote in between. */
async function change(
  deps: Deps,
  orderId: OrderId,
  commandFor: (order: OrderDocument) => Command | Promise<Command>,
): Promise<OrderDocument> {
  const { order, told } = await retryOnConflict(async () => {
    const found = await orderOf(deps, orderId)
    const happened = decide(found, await commandFor(found), deps.now())
    if (happened.length === 0) return { order: found, told: [] }
    const next = happened.reduce<Order>(evolve, found)
    const version = found.version + 1
    const envelopes: Envelope[] = happened.flatMap((event) => announce(deps.event, next, event, version))
    const { status, payment, groups, history } = next
    const state = { status, payment, groups, history, ...(next.status === 'canceled' ? { reason: next.reason } : {}) }
    await saveWithEvents(deps.orders.collection, found, state, envelopes)
    return { order: { ...found, ...next, version } as OrderDocument, told: envelopes }
  })
  await flushOutbox(deps.orders.collection, deps.publish, orderId, told)
  return order
}
