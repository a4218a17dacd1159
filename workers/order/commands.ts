import { AppError } from '../../shared/contracts/errors'
import type { Envelope } from '../../shared/contracts/events'
import type { OrderId, UserId } from '../../shared/contracts/ids'
import type { StockLine } from '../../shared/contracts/inventory'
import type { Money } from '../../shared/contracts/money'
import { flush, flushOutbox, perform, retryOnConflict, type Write, writeWithEvents } from '../../shared/events/outbox'
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
  return change(deps, orderId, async (order) => {
    const lines = stockLines(order)
    if (order.status === 'pending') return { type: 'pay', held: (await deps.inventory.secure(orderId, lines)).held }
    // An earlier attempt may have secured what the end of the order had released already.
    if (order.status === 'failed' || order.status === 'canceled') await deps.inventory.release(orderId, lines, 'any')
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

/**
 * Ends orders that nobody paid in time, all in one round trip. One that somebody else writes to meanwhile is left as it is. Returns
 * those it could see to.
 */
export const expire = (deps: Deps, overdue: readonly OrderDocument[]): Promise<OrderDocument[]> =>
  keepSuccessful(overdue, async (some) => {
    const steps = some.flatMap((order) => stepOf(deps, order, { type: 'expire' }) ?? [])
    const results = await deps.orders.collection.batch(steps.map(({ write }) => ({ action: 'updateOne' as const, ...write })))
    const done = steps.filter((_step, index) => results[index]?.matchedCount === 1)
    await flush(
      { collection: deps.orders.collection, publish: deps.publish },
      done.map(({ order, told }) => ({ _id: order._id, outbox: told })),
    )
  })

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
    const step = stepOf(deps, found, await commandFor(found))
    if (!step) return { order: found, told: [] }
    await perform(deps.orders.collection, step.write)
    return step
  })
  await flushOutbox(deps.orders.collection, deps.publish, orderId, told)
  return order
}

type Step = { order: OrderDocument; told: Envelope[]; write: Write }

/** What a command makes of an order, and the write that is yet to be done for it; null when it is already so. */
function stepOf(deps: Deps, found: OrderDocument, command: Command): Step | null {
  const happened = decide(found, command, deps.now())
  if (happened.length === 0) return null
  const next = happened.reduce<Order>(evolve, found)
  const version = found.version + 1
  const told = happened.flatMap((event) => announce(deps.event, next, event, version))
  const { status, payment, groups, history } = next
  const state = { status, payment, groups, history, ...(next.status === 'canceled' ? { reason: next.reason } : {}) }
  return { order: { ...found, ...next, version } as OrderDocument, told, write: writeWithEvents(found, state, told) }
}
