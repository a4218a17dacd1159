import type { Handlers } from '../../shared/contracts/events'
import { beginInterests, recordPurchase } from './conversation/interests'
import type { Deps } from './deps'
import { indexProduct, indexStock } from './search/indexing'
import { noteLevel, noteProduct } from './suggestions/recompute'
import { noteSale } from './suggestions/sales'

export const handlers: Handlers<'ai-buddy', Deps> = {
  'user.registered': beginInterests,
  'product.updated': async (event, deps) => {
    // First, since the index may wait for the vectors.
    await noteProduct(event, deps)
    await indexProduct(event, deps)
  },
  'stock.changed': async (event, deps) => {
    await noteLevel(event, deps)
    await indexStock(event, deps)
  },
  'order.paid': async (event, deps) => {
    await noteSale(event, deps)
    await recordPurchase(event, deps)
  },
}
