import type { AnyResult, Filter, Operation, Results, Sort } from '../../shared/contracts/data'
import { AppError } from '../../shared/contracts/errors'
import type { Instant, ProductId, VariantId } from '../../shared/contracts/ids'
import { flush, outboxIndex, type Write } from '../../shared/events/outbox'
import type { Publish } from '../../shared/events/publish'
import type { Collection, Documents } from '../../shared/storage/documents'
import type { Product, RecordedStock, Sellable, Shown } from './product'

export type ProductRepo = {
  collection: Collection<Product>
  /** Returns false when there is a product with this id already. */
  insert(product: Product): Promise<boolean>
  load(productId: ProductId): Promise<Product | null>
  /** The product as its readers get it. */
  loadShown(productId: ProductId): Promise<Shown | null>
  loadAll(productIds: readonly ProductId[]): Promise<Product[]>
  loadAllShown(productIds: readonly ProductId[]): Promise<Shown[]>
  /** The products that have any of these variants, with the fields of a quote. */
  withVariants(variantIds: readonly VariantId[]): Promise<Sellable[]>
  page(filter: Filter, sort: Sort, limit: number): Promise<Shown[]>
  /** Products with unsent events, oldest first. */
  withPendingEvents(limit: number): Promise<Product[]>
  /** Records the stock of an event unless something newer is recorded. */
  recordStock(productId: ProductId, variantId: VariantId, stock: RecordedStock, at: Instant): Promise<void>
  /**
   * Records answers of inventory, each unless an event was recorded after its version, since the event may be newer. Returns the product
   * after that.
   */
  recordAnswers(productId: ProductId, answers: readonly StockAnswer[]): Promise<Shown | null>
  /**
   * Records answers, as `recordAnswers`, and does a conditional write, in one round trip. Returns the product after that.
   * @throws AppError `conflict` when the write did not happen; the answers are recorded even so
   */
  save(productId: ProductId, write: Write, answers: readonly StockAnswer[]): Promise<Shown>
  /** Publishes the events of products and takes them out of the outboxes. Events that cannot be sent stay there for the sweep. */
  flush(publish: Publish, products: readonly Pick<Product, '_id' | 'outbox'>[]): Promise<void>
}

/** Inventory's answer about a variant, with the stock version that was recorded before. */
export type StockAnswer = { variantId: VariantId; recorded: RecordedStock }

/** Search terms are the greater part of a product, and no reader needs them. */
const projection = { terms: 0, outbox: 0, outboxPending: 0 } as const
/** A quote needs no description and no images. */
const sellable = { version: 1, sellerId: 1, status: 1, title: 1, variants: 1, stock: 1 } as const

const shown = (productId: ProductId): Operation => ({ action: 'findOne', filter: { _id: productId }, projection })

const recordOperations = (productId: ProductId, answers: readonly StockAnswer[]): Operation[] =>
  answers.map(({ variantId, recorded: { availability, version } }) => ({
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
    withPendingEvents: (limit) => collection.find({ outboxPending: true }, { sort: { _id: 1 }, limit }),
    recordStock: async (productId, variantId, stock, at) => {
      await collection.updateOne(
        { _id: productId, [`stock.${variantId}.version`]: { $lt: stock.version } },
        { $set: { [`stock.${variantId}`]: stock, stockRecordedAt: at } },
      )
    },
    recordAnswers: async (productId, answers) => {
      return shownBy(await collection.batch([...recordOperations(productId, answers), shown(productId)]))
    },
    save: async (productId, write, answers) => {
      const change: Operation = { action: 'updateOne', ...write }
      const results = await collection.batch([...recordOperations(productId, answers), change, shown(productId)])
      const product = shownBy(results)
      if (!product || (results[answers.length] as Results['updateOne']).matchedCount === 0) throw new AppError('conflict')
      return product
    },
    flush: (publish, products) => flush({ collection, publish }, products),
  }
}

/** The product in the result of the last operation. */
const shownBy = (results: readonly AnyResult[]): Shown | null => (results.at(-1) as Results['findOne']).document as Shown | null
