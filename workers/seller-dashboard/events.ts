import type { Handlers } from '../../shared/contracts/events'
import { ingestForOrder, ingestForSellers } from './commands'
import type { Deps } from './deps'

export const handlers: Handlers<'seller-dashboard', Deps> = {
  'product.updated': (event, deps) => ingestForSellers(deps, [event.data.sellerId], event),
  'product.viewed': (event, deps) => ingestForSellers(deps, [event.data.sellerId], event),
  'stock.changed': (event, deps) => ingestForSellers(deps, [event.data.sellerId], event),
  'order.created': (event, deps) => ingestForSellers(deps, event.data.sellerIds, event),
  'order.paid': (event, deps) => ingestForSellers(deps, event.data.sellerIds, event),
  'order.canceled': (event, deps) => ingestForSellers(deps, event.data.sellerIds, event),
  'order.shipped': (event, deps) => ingestForSellers(deps, [event.data.sellerId], event),
  'payment.refunded': (event, deps) => ingestForOrder(deps, event.data.orderId, event),
}
