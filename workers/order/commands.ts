import { AppError } from '../../shared/contracts/errors'
import type { Instant, OrderId, UserId } from '../../shared/contracts/ids'
import type { InventoryApi } from '../../shared/contracts/inventory'
import type { Money } from '../../shared/contracts/money'
import { change } from '../../shared/events/change'
import { keepSuccessful } from '../../shared/events/keep-successful'
import type { Decision } from '../../shared/events/outbox-repo'
import type { MakeEvent, Publish } from '../../shared/events/publish'
import { type Command, decide, evolve, groupOf, type Order, stockLines } from './order'
import { publishedEvents } from './published-events'
import type { OrderDocument, OrderRepo } from './repo'

type Needs = {
  orders: Pick<OrderRepo, 'publishing' | 'saveAll'>
  inventory: Pick<InventoryApi, 'confirm' | 'release'>
  event: MakeEvent<'order'>
  publish: Publish
  now(): Instant
}

/** An order of any buyer. @throws AppError `not_found` */
export async function orderOf({ orders }: { orders: Pick<OrderRepo, 'load'> }, orderId: OrderId): Promise<OrderDocument> {
  const order = await orders.load(orderId)
  if (!order) throw new AppError('not_found')
  return order
}

/**
 * Marks an order paid after confirming its stock, or cancels it when the stock is gone. An order that ended before stays as it is,
 * and payment returns the money.
 */
export function markPaid(deps: Needs, orderId: OrderId): Promise<OrderDocument> {
  return changeOrder(deps, orderId, async (order) => {
    const lines = stockLines(order)
    if (order.status === 'pending') return { type: 'pay', held: (await deps.inventory.confirm(orderId, lines)).held }
    // An earlier attempt may have confirmed holds that the end of the order had released already.
    if (order.status === 'failed' || order.status === 'canceled') await deps.inventory.release(orderId, lines, 'any')
    return { type: 'pay', held: false }
  })
}

/** Marks an order failed because its payment was declined. */
export function markFailed(deps: Needs, orderId: OrderId): Promise<OrderDocument> {
  return changeOrder(deps, orderId, () => ({ type: 'fail' }))
}

/** Records that money of an order went back, `refundedTotal` in all. */
export function markRefunded(deps: Needs, orderId: OrderId, refundedTotal: Money): Promise<OrderDocument> {
  return changeOrder(deps, orderId, () => ({ type: 'refund', refundedTotal }))
}

/** Cancels an order for its buyer, or for its seller when there is only one. @throws AppError `not_found`, `invalid_state` */
export function cancel(deps: Needs, orderId: OrderId, userId: UserId, note: string | null): Promise<OrderDocument> {
  return changeOrder(deps, orderId, (order) => {
    if (order.buyerId === userId) return { type: 'cancel', by: 'buyer', note }
    return { type: 'cancel', by: 'seller', sellerId: groupOf(order, userId).sellerId, note }
  })
}

/**
 * Cancels orders that were not paid in time, all in one round trip. An order that another writer changes meanwhile stays as it is.
 * Returns the orders that were handled.
 */
export const expire = (deps: Needs, overdue: readonly OrderDocument[]): Promise<OrderDocument[]> =>
  keepSuccessful(overdue, async (some) => {
    const decided = some.flatMap((order) => {
      const decision = decisionOn(deps, order, { type: 'expire' })
      return decision ? [{ order, decision }] : []
    })
    await deps.orders.saveAll(decided, deps.publish)
  })

/** Marks a seller's part as shipped. @throws AppError `not_found` when they have none, `invalid_state` */
export function ship(
  deps: Needs,
  orderId: OrderId,
  sellerId: UserId,
  { carrier, trackingNumber }: { carrier: string | null; trackingNumber: string | null },
): Promise<OrderDocument> {
  return changeOrder(deps, orderId, () => ({ type: 'ship', sellerId, carrier, trackingNumber }))
}

/** Marks a seller's part as delivered. @throws AppError `not_found` when they have none, `invalid_state` */
export function deliver(deps: Needs, orderId: OrderId, sellerId: UserId): Promise<OrderDocument> {
  return changeOrder(deps, orderId, () => ({ type: 'deliver', sellerId }))
}

/** @throws AppError `not_found`, and what `decide` throws */
async function changeOrder(
  deps: Needs,
  orderId: OrderId,
  commandFor: (order: OrderDocument) => Command | Promise<Command>,
): Promise<OrderDocument> {
  const order = await change(deps.orders.publishing(deps.publish), orderId, async (found) =>
    decisionOn(deps, found, await commandFor(found)),
  )
  if (!order) throw new AppError('not_found')
  return order
}

/** What a command changes in an order, with the events for other Workers; null when it is already so. */
function decisionOn(deps: Needs, found: OrderDocument, command: Command): Decision<OrderDocument> | null {
  const happened = decide(found, command, deps.now())
  if (happened.length === 0) return null
  const next = happened.reduce<Order>(evolve, found)
  const events = happened.flatMap((event) => publishedEvents(deps.event, next, event, found.version + 1))
  const { status, payment, groups, history } = next
  return { state: { status, payment, groups, history, ...(next.status === 'canceled' ? { reason: next.reason } : {}) }, events }
}
