import type { Envelope } from '../../shared/contracts/events'
import type { MakeEvent } from '../../shared/events/publish'
import type { Order, OrderEvent } from './order'

/** The data that every event of an order carries. */
const common = (order: Order, version: number) => ({
  version,
  orderId: order._id,
  number: order.number,
  buyerId: order.buyerId,
  email: order.email,
  status: order.status,
  sellerIds: order.sellerIds,
  grand: order.totals.grand,
})

const lines = (order: Order) =>
  order.items.map(({ variantId, productId, sellerId, quantity, lineTotal }) => ({
    ...{ variantId, productId, sellerId, quantity, lineTotal },
  }))

const groups = (order: Order) =>
  order.groups.map(({ sellerId, subtotal, commission }) => ({ sellerId, subtotal, commission: commission.amount }))

/** The event of an order that was just placed. */
export const createdEvent = (event: MakeEvent<'order'>, order: Order): Envelope =>
  event('order.created', order._id, {
    ...common(order, 1),
    payBefore: order.payBefore,
    items: lines(order),
    groups: groups(order),
  })

/**
 * The events that other Workers get for a change of an order; `order` is the one after it, at `version`. Payment publishes refunds
 * itself; this Worker publishes which unshipped parts a refund cancels.
 */
export function publishedEvents(event: MakeEvent<'order'>, order: Order, change: OrderEvent, version: number): Envelope[] {
  const data = common(order, version)
  switch (change.type) {
    case 'paid':
      return [event('order.paid', order._id, { ...data, items: lines(order), groups: groups(order) })]
    case 'failed':
      return [event('order.canceled', order._id, { ...data, reason: 'payment_failed', wasPaid: false, items: lines(order) })]
    case 'canceled': {
      const { reason, wasPaid } = change
      return [event('order.canceled', order._id, { ...data, reason, wasPaid, items: lines(order) })]
    }
    case 'shipped': {
      const { sellerId, carrier, trackingNumber } = change
      return [event('order.shipped', order._id, { ...data, sellerId, carrier, trackingNumber })]
    }
    case 'delivered':
      return [event('order.delivered', order._id, { ...data, sellerId: change.sellerId })]
    case 'refunded': {
      const unsent = order.groups.filter(({ shippedAt }) => shippedAt === null).map(({ sellerId }) => sellerId)
      const items = lines(order).filter(({ sellerId }) => unsent.includes(sellerId))
      if (items.length === 0) return []
      return [event('order.canceled', order._id, { ...data, sellerIds: unsent, reason: 'refunded', wasPaid: true, items })]
    }
    case 'repaid':
      return []
    default:
      return change satisfies never
  }
}
