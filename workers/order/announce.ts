import type { Envelope } from '../../shared/contracts/events'
import type { MakeEvent } from '../../shared/events/publish'
import type { Order, OrderEvent } from './order'

/** What every event of an order says. */
const facts = (order: Order, version: number) => ({
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

/** That an order was placed. */
export const announcePlaced = (event: MakeEvent<'order'>, order: Order): Envelope =>
  event('order.created', order._id, {
    ...facts(order, 1),
    payBefore: order.payBefore,
    items: lines(order),
    groups: groups(order),
  })

/** What others are told of what happened; `order` is the one after it, at `version`. A refund is payment's to tell; what it keeps from being sent is ours. */
export function announce(event: MakeEvent<'order'>, order: Order, happened: OrderEvent, version: number): Envelope[] {
  const common = facts(order, version)
  switch (happened.type) {
    case 'paid':
      return [event('order.paid', order._id, { ...common, items: lines(order), groups: groups(order) })]
    case 'failed':
      return [event('order.canceled', order._id, { ...common, reason: 'payment_failed', wasPaid: false, items: lines(order) })]
    case 'canceled': {
      const { reason, wasPaid } = happened
      return [event('order.canceled', order._id, { ...common, reason, wasPaid, items: lines(order) })]
    }
    case 'shipped': {
      const { sellerId, carrier, trackingNumber } = happened
      return [event('order.shipped', order._id, { ...common, sellerId, carrier, trackingNumber })]
    }
    case 'delivered':
      return [event('order.delivered', order._id, { ...common, sellerId: happened.sellerId })]
    case 'refunded': {
      const unsent = order.groups.filter(({ shippedAt }) => shippedAt === null).map(({ sellerId }) => sellerId)
      const items = lines(order).filter(({ sellerId }) => unsent.includes(sellerId))
      if (items.length === 0) return []
      return [event('order.canceled', order._id, { ...common, sellerIds: unsent, reason: 'refunded', wasPaid: true, items })]
    }
    case 'repaid':
      return []
    default:
      return happened satisfies never
  }
}
