import type { Handlers } from '../../shared/contracts/events'
import { beginInterests, recordPurchase } from './conversation/interests'
import type { Deps } from './deps'
import { indexProduct, indexStock } from './search/indexing'
import { recordProductChange, recordStockChange } from './suggestions/recompute'
import { recordSale } from './suggestions/sales'

export const handlers: Handlers<'ai-buddy', Deps> = {
  'user.registered': beginInterests,
  'product.updated': async (event, deps) => {
    // First, since the index may wait for the vectors.
    await recordProductChange(event, deps)
    await indexProduct(event, deps)
  },
  'stock.changed': async (event, deps) => {
    await recordStockChange(event, deps)
    await indexStock(event, deps)
  },
  'order.paid': async (event, deps) => {
    await recordSale(event, deps)
    await recordPurchase(event, deps)
  },
}
