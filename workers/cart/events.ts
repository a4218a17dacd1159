import type { Handlers } from '../../shared/contracts/events'
import { notifyCartsHolding } from './commands'
import type { Deps } from './deps'

export const handlers: Handlers<'cart', Deps> = {
  'product.updated': ({ data }, deps) => {
    const { productId, version, sellerId, status, variants } = data
    return notifyCartsHolding(deps, { of: 'product', productId, version, sellerId, active: status === 'active', variants })
  },
  'stock.changed': ({ data: { productId, version, variantId, availability } }, deps) =>
    notifyCartsHolding(deps, { of: 'stock', productId, version, variantId, availability }),
}
