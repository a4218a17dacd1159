import type { AnyResult, Filter, Operation, Results, Sort } from '../../shared/contracts/data'
import { AppError } from '../../shared/contracts/errors'
import type { Instant, ProductId, VariantId } from '../../shared/contracts/ids'
import { flush, outboxIndex, type Write } from '../../shared/events/outbox'
import type { Publish } from '../../shared/events/publish'
import type { Collection, Documents } from '../../shared/storage/documents'
import type { Product, Sellable, Shown, StockSeen } from './product'

export type ProductRepo = {
  collection: Collection<Product>
  /** Returns false when there is a product with this id already. */
  insert(product: Product): Promise<boolean>
  load(productId: ProductId): Promise<Product | null>
  /** As readers are shown it. */
  loadShown(productId: ProductId): Promise<Shown | null>
  loadAll(productIds: readonly ProductId[]): Promise<Product[]>
  loadAllShown(productIds: readonly ProductId[]): Promise<Shown[]>
  /** What sells of the products that have any of these variants. */
  withVariants(variantIds: readonly VariantId[]): Promise<Sellable[]>
  page(filter: Filter, sort: Sort, limit: number): Promise<Shown[]>
  /** Those with events that were not sent, oldest first. */
  untold(limit: number): Promise<Product[]>
  /** Notes what a stock event said, unless something newer was noted. */
  noteStock(productId: ProductId, variantId: VariantId, seen: StockSeen, at: Instant): Promise<void>
  /**
   * Notes answers of inventory, each unless an event was noted since its version: what came by an event may be newer. Returns the
   * product after that.
   */
  noteAnswers(productId: ProductId, answers: readonly StockAnswer[]): Promise<Shown | null>
  /**
   * Notes answers, as `noteAnswers`, and does a conditional write, in one round trip. Returns the product after that.
   * @throws AppError `conflict` when the write did not happen; the answers are noted even so
   */
  save(productId: ProductId, write: Write, answers: readonly StockAnswer[]): Promise<Shown>
  /** Publishes the events of products and takes them out of the outboxes. Events that cannot be sent stay there for the sweep. */
  flush(publish: Publish, products: readonly Pick<Product, '_id' | 'outbox'>[]): Promise<void>
}

/** What inventory said of a variant, and the version that was noted of it by then. */
export type StockAnswer = { variantId: VariantId; seen: StockSeen }

/** Search terms are the greater part of a product, and nobody reads them. */
const projection = { terms: 0, outbox: 0, outboxPending: 0 } as const
/** A description and images are no part of a quote. */
const sellable = { version: 1, sellerId: 1, status: 1, title: 1, variants: 1, stock: 1 } as const

const shown = (productId: ProductId): Operation => ({ action: 'findOne', filter: { _id: productId }, projection })

const noting = (productId: ProductId, answers: readonly StockAnswer[]): Operation[] =>
  answers.map(({ variantId, seen: { availability, version } }) => ({
    action: 'updateOne',
    filter: { _id: productId, [`stock.${variantId}.version`]: version },
    update: { $set: { [`stock.${variantId}.availability`]: availability } },
  }))

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
      { keys: { terms: 1, createdAt: -1, _id: -1 } },
      { keys: { terms: 1, lowestPrice: 1, _id: 1 } },
      { keys: { terms: 1, titleKey: 1, _id: 1 } },
    ],
  })
  return {
    collection,
    insert: (product) => collection.insertIfAbsent(product),
    loadShown: (productId) => collection.findOne({ _id: productId }, { projection }),
    load: (productId) => collection.findOne({ _id: productId }),
    loadAll: (productIds) => collection.find({ _id: { $in: [...productIds] } }),
    loadAllShown: (productIds) => collection.find({ _id: { $in: [...productIds] } }, { projection }),
    withVariants: (variantIds) => collection.find({ 'variants.id': { $in: [...variantIds] } }, { projection: sellable }),
    page: (filter, sort, limit) => collection.find(filter, { sort, limit, projection }),
    untold: (limit) => collection.find({ outboxPending: true }, { sort: { _id: 1 }, limit }),
    noteStock: async (productId, variantId, seen, at) => {
      await collection.updateOne(
        { _id: productId, [`stock.${variantId}.version`]: { $lt: seen.version } },
        { $set: { [`stock.${variantId}`]: seen, stockNotedAt: at } },
      )
    },
    noteAnswers: async (productId, answers) => {
      return shownBy(await collection.batch([...noting(productId, answers), shown(productId)]))
    },
    save: async (productId, write, answers) => {
      const change: Operation = { action: 'updateOne', ...write }
      const results = await collection.batch([...noting(productId, answers), change, shown(productId)])
      const product = shownBy(results)
      if (!product || (results[answers.length] as Results['updateOne']).matchedCount === 0) throw new AppError('conflict')
      return product
    },
    flush: (publish, products) => flush({ collection, publish }, products),
  }
}

/** The product that the last operation answers. */
const shownBy = (results: readonly AnyResult[]): Shown | null => (results.at(-1) as Results['findOne']).document as Shown | null
