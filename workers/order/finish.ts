import type { CartApi } from '../../shared/contracts/cart'
import type { Instant } from '../../shared/contracts/ids'
import type { Publish } from '../../shared/events/publish'
import { logger } from '../../shared/runtime/logger'
import type { Documents, Planned } from '../../shared/storage/documents'
import { stockLines } from './order'
import type { OrderDocument, OrderRepo, SellerOrderRepo } from './repo'

/** What it takes to finish an order that is placed. */
export type FinishNeeds = {
  orders: Pick<OrderRepo, 'planFinish'>
  sellerOrders: Pick<SellerOrderRepo, 'planListing'>
  documents: Pick<Documents, 'batch'>
  cart: Pick<CartApi, 'checkedOut'>
  publish: Publish
  now(): Instant
}

/** When the sweep comes back to an order that it could not finish. */
const finishAgainAfter: Instant = 60_000

/**
 * Does what follows from a placed order: empties the cart and sends the events. Nothing here can undo the order. Returns the writes
 * that record what was done; when they are lost, the sweep does it again.
 */
export async function finishOrder(deps: FinishNeeds, order: OrderDocument): Promise<Planned[]> {
  const isFinished = order.finishAt === null
  const [isEmptied, isSent] = await Promise.all([isFinished || emptyCart(deps, order), sendEvents(deps, order)])
  return isFinished && !isSent ? [] : planWrites(deps, order, { isEmptied, isSent })
}

/**
 * Takes what orders bought out of the carts, and puts the orders on their sellers' lists. The sweep retries an order that fails,
 * after those that have waited longer.
 */
export async function finishOrders(deps: FinishNeeds, orders: readonly OrderDocument[]): Promise<void> {
  try {
    const emptied = await Promise.all(orders.map((order) => emptyCart(deps, order)))
    const writes = orders.flatMap((order, index) =>
      planWrites(deps, order, { isEmptied: emptied[index] === true, isSent: false }),
    )
    await deps.documents.batch(writes)
  } catch (error) {
    logger.warn('orders wait for the sweep', { orderIds: orders.map(({ _id }) => _id), error })
  }
}

/** The writes that record what became of an order: its sellers' lists, when to finish it again, and that its events were sent. */
function planWrites(deps: FinishNeeds, order: OrderDocument, { isEmptied, isSent }: { isEmptied: boolean; isSent: boolean }) {
  const finishAt = isEmptied ? null : deps.now() + finishAgainAfter
  return [...deps.sellerOrders.planListing(order), deps.orders.planFinish(order, finishAt, isSent)]
}

/** Sends the events in the outbox of an order. Returns whether there were some and they were sent. */
async function sendEvents({ publish }: Pick<FinishNeeds, 'publish'>, { _id, outbox }: OrderDocument): Promise<boolean> {
  if (outbox.length === 0) return false
  try {
    await publish(outbox)
    return true
  } catch (error) {
    logger.warn('the events of an order wait for the sweep', { orderId: _id, error })
    return false
  }
}

/** Takes what the order bought out of the cart. Returns whether that was done. */
async function emptyCart({ cart }: Pick<FinishNeeds, 'cart'>, order: OrderDocument): Promise<boolean> {
  try {
    await cart.checkedOut(order.buyerId, order._id, stockLines(order))
    return true
  } catch (error) {
    logger.warn('cart keeps what was ordered', { orderId: order._id, error })
    return false
  }
}
