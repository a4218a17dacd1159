import type { Filter, Sort } from '../../shared/contracts/data'
import type { ProductId, VariantId } from '../../shared/contracts/ids'
import { outboxIndex } from '../../shared/events/outbox'
import type { Collection, Documents } from '../../shared/storage/documents'
import type { Product, StockSeen } from './product'

export type ProductRepo = {
  collection: Collection<Product>
  load(productId: ProductId): Promise<Product | null>
  loadAll(productIds: readonly ProductId[]): Promise<Product[]>
  /** The products that have any of these variants. */
  withVariants(variantIds: readonly VariantId[]): Promise<Product[]>
  page(filter: Filter, sort: Sort, limit: number): Promise<Product[]>
  /** Makes room for what inventory will say of new variants. */
  openStock(productId: ProductId, stock: Product['stock']): Promise<void>
  /** Notes what a stock event said, unless something newer was noted. */
  noteStock(productId: ProductId, variantId: VariantId, seen: StockSeen): Promise<void>
  /** Notes answers of inventory, each unless an event was noted since its version: what came by an event may be newer. */
  noteAnswers(productId: ProductId, answers: readonly { variantId: VariantId; seen: StockSeen }[]): Promise<void>
}

export function productRepo(documents: Documents): ProductRepo {
  const collection = documents.collection<Product>({
    name: 'products',
    indexes: [
      outboxIndex,
      { keys: { createdAt: -1, _id: -1 } },
      { keys: { lowestPrice: 1, _id: 1 } },
      { keys: { titleKey: 1, _id: 1 } },
      { keys: { category: 1, createdAt: -1, _id: -1 } },
      { keys: { sellerId: 1, createdAt: -1, _id: -1 } },
      { keys: { currency: 1, lowestPrice: 1, _id: 1 } },
      { keys: { 'variants.id': 1 } },
      { keys: { terms: 1 } },
    ],
  })
  return {
    collection,
    load: (productId) => collection.findOne({ _id: productId }),
    loadAll: (productIds) => collection.find({ _id: { $in: [...productIds] } }),
    withVariants: (variantIds) => collection.find({ 'variants.id': { $in: [...variantIds] } }),
    page: (filter, sort, limit) => collection.find(filter, { sort, limit }),
    openStock: async (productId, stock) => {
      const entries = Object.entries(stock).map(([variantId, seen]) => [`stock.${variantId}`, seen])
      if (entries.length > 0) await collection.updateOne({ _id: productId }, { $set: Object.fromEntries(entries) })
    },
    noteStock: async (productId, variantId, seen) => {
      await collection.updateOne(
        { _id: productId, [`stock.${variantId}.version`]: { $lt: seen.version } },
        { $set: { [`stock.${variantId}`]: seen } },
      )
    },
    noteAnswers: async (productId, answers) => {
      await collection.batch(
        answers.map(({ variantId, seen: { availability, version } }) => ({
          action: 'updateOne' as const,
          filter: { _id: productId, [`stock.${variantId}.version`]: version },
          update: { $set: { [`stock.${variantId}.availability`]: availability } },
        })),
      )
    },
  }
}
