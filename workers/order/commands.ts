import { AppError } from '../../shared/contracts/errors'
import type { OrderId, UserId } from '../../shared/contracts/ids'
import type { StockLine } from '../../shared/contracts/inventory'
import type { Money } from '../../shared/contracts/money'
import { change } from '../../shared/events/change'
import type { Decision } from '../../shared/events/outbox-repo'
import { keepSuccessful } from '../../shared/events/tolerantly'
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
  return changeOrder(deps, orderId, async (order) => {
    const lines = stockLines(order)
    if (order.status === 'pending') return { type: 'pay', held: (await deps.inventory.secure(orderId, lines)).held }
    // An earlier attempt may have secured what the end of the order had released already.
    if (order.status === 'failed' || order.status === 'canceled') await deps.inventory.release(orderId, lines, 'any')
    return { type: 'pay', held: false }
  })
}

/** The payment of an order was declined. */
export function markFailed(deps: Deps, orderId: OrderId): Promise<OrderDocument> {
  return changeOrder(deps, orderId, () => ({ type: 'fail' }))
}

/** Money of an order went back, `refundedTotal` in all. */
export function markRefunded(deps: Deps, orderId: OrderId, refundedTotal: Money): Promise<OrderDocument> {
  return changeOrder(deps, orderId, () => ({ type: 'refund', refundedTotal }))
}

/** Ends an order at the wish of its buyer, or of its seller when there is but one. @throws AppError `not_found`, `invalid_state` */
export function cancel(deps: Deps, orderId: OrderId, userId: UserId, note: string | null): Promise<OrderDocument> {
  return changeOrder(deps, orderId, (order) => {
    if (order.buyerId === userId) return { type: 'cancel', by: 'buyer', note }
    return { type: 'cancel', by: 'seller', sellerId: groupOf(order, userId).sellerId, note }
  })
}

/**
 * Ends orders that nobody paid in time, all in one round trip. One that somebody else writes to meanwhile is left as it is. Returns
 * those it could see to.
 */
export const expire = (deps: Deps, overdue: readonly OrderDocument[]): Promise<OrderDocument[]> =>
  keepSuccessful(overdue, async (some) => {
    const decided = some.flatMap((order) => {
      const decision = decisionOn(deps, order, { type: 'expire' })
      return decision ? [{ order, decision }] : []
    })
    await deps.orders.saveAll(decided, deps.publish)
  })

/** A seller's part left. @throws AppError `not_found` when they have none, `invalid_state` */
export function ship(
  deps: Deps,
  orderId: OrderId,
  sellerId: UserId,
  { carrier, trackingNumber }: { carrier: string | null; trackingNumber: string | null },
): Promise<OrderDocument> {
  return changeOrder(deps, orderId, () => ({ type: 'ship', sellerId, carrier, trackingNumber }))
}

/** A seller's part arrived. @throws AppError `not_found` when they have none, `invalid_state` */
export function deliver(deps: Deps, orderId: OrderId, sellerId: UserId): Promise<OrderDocument> {
  return changeOrder(deps, orderId, () => ({ type: 'deliver', sellerId }))
}

export const stockLines = (order: Order): StockLine[] => order.items.map(({ variantId, quantity }) => ({ variantId, quantity }))

/** @throws AppError `not_found`, and what `decide` throws */
async function changeOrder(
  deps: Deps,
  orderId: OrderId,
  commandFor: (order: OrderDocument) => Command | Promise<Command>,
): Promise<OrderDocument> {
  const order = await change(deps.orders.publishing(deps.publish), orderId, async (found) =>
    decisionOn(deps, found, await commandFor(found)),
  )
  if (!order) throw new AppError('not_found')
  return order
}

/** What a command changes in an order, with the events for the others; null when it is already so. */
function decisionOn(deps: Deps, found: OrderDocument, command: Command): Decision<OrderDocument> | null {
  const happened = decide(found, command, deps.now())
  if (happened.length === 0) return null
  const next = happened.reduce<Order>(evolve, found)
  const events = happened.flatMap((event) => announce(deps.event, next, event, found.version + 1))
  const { status, payment, groups, history } = next
  return { state: { status, payment, groups, history, ...(next.status === 'canceled' ? { reason: next.reason } : {}) }, events }
}
