import { AppError } from '../../shared/contracts/errors'
import type { VariantId } from '../../shared/contracts/ids'
import { outboxIndex } from '../../shared/events/outbox'
import type { Collection, Documents } from '../../shared/storage/documents'
import type { Movement, Stock, Write } from './stock'

export type StockRepo = {
  collection: Collection<Stock>
  load(variantId: VariantId): Promise<Stock | null>
  loadAll(variantIds: readonly VariantId[]): Promise<Stock[]>
  /** Adds stocks; those that are there already stay as they are. */
  add(stocks: readonly Stock[]): Promise<void>
  /** Tries conditional writes in one round trip; says of each whether it happened. */
  attempt(writes: readonly Write[]): Promise<boolean[]>
  /** Stocks that carry holds, a page at a time, after the id. */
  withHolds(after: string, limit: number): Promise<Stock[]>
}

export type MovementRepo = {
  /** Records movements; those that are there already stay as they are. */
  record(movements: readonly Movement[]): Promise<void>
  /** Those of these ids that are recorded. */
  present(ids: readonly string[]): Promise<string[]>
  page(variantId: VariantId, before: { at: number; id: string } | undefined, limit: number): Promise<Movement[]>
}

export function stockRepo(documents: Documents): StockRepo {
  const collection = documents.collection<Stock>({
    name: 'stock',
    indexes: [outboxIndex, { keys: { held: 1 } }, { keys: { 'returned.at': 1 } }],
  })
  return {
    collection,
    load: (variantId) => collection.findOne({ _id: variantId }),
    loadAll: (variantIds) => collection.find({ _id: { $in: [...variantIds] } }),
    add: async (stocks) => {
      if (stocks.length === 0) return
      try {
        await collection.batch([{ action: 'insertMany' as const, documents: [...stocks], ordered: false }])
      } catch (error) {
        if (!AppError.is(error, 'duplicate_key')) throw error
      }
    },
    attempt: async (writes) => {
      if (writes.length === 0) return []
      const results = await collection.batch(writes.map((write) => ({ action: 'updateOne' as const, ...write })))
      return results.map((result) => result.matchedCount === 1)
    },
    withHolds: (after, limit) => collection.find({ held: { $gt: 0 }, _id: { $gt: after } }, { sort: { _id: 1 }, limit }),
  }
}

export function movementRepo(documents: Documents): MovementRepo {
  const collection = documents.collection<Movement>({ name: 'movements', indexes: [{ keys: { variantId: 1, at: -1, _id: -1 } }] })
  return {
    record: async (movements) => {
      if (movements.length === 0) return
      await collection.batch(
        movements.map(({ _id, ...movement }) => ({
          action: 'updateOne' as const,
          filter: { _id },
          update: { $set: movement },
          upsert: true,
        })),
      )
    },
    present: async (ids) => (await collection.find({ _id: { $in: [...ids] } })).map(({ _id }) => _id),
    page: (variantId, before, limit) =>
      collection.find(
        {
          variantId,
          ...(before ? { $or: [{ at: { $lt: before.at } }, { at: before.at, _id: { $lt: before.id } }] } : {}),
        },
        { sort: { at: -1, _id: -1 }, limit },
      ),
  }
}
