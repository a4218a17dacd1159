import type { Handlers } from '../../shared/contracts/events'
import { tell, tellSellersOf } from './commands'
import type { Deps } from './deps'

export const handlers: Handlers<'seller-dashboard', Deps> = {
  'product.updated': (event, deps) => tell(deps, [event.data.sellerId], event),
  'product.viewed': (event, deps) => tell(deps, [event.data.sellerId], event),
  'stock.changed': (event, deps) => tell(deps, [event.data.sellerId], event),
  'order.created': (event, deps) => tell(deps, event.data.sellerIds, event),
  'order.paid': (event, deps) => tell(deps, event.data.sellerIds, event),
  'order.canceled': (event, deps) => tell(deps, event.data.sellerIds, event),
  'order.shipped': (event, deps) => tell(deps, [event.data.sellerId], event),
  'payment.refunded': (event, deps) => tellSellersOf(deps, event.data.orderId, event),
}
