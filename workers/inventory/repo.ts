import type { Instant, VariantId } from '../../shared/contracts/ids'
import { outboxIndex, type Write } from '../../shared/events/outbox'
import type { Collection, Documents } from '../../shared/storage/documents'
import { type Before, olderThan } from '../../shared/storage/place'
import type { Movement, Stock } from './stock'

export type StockRepo = {
  collection: Collection<Stock>
  load(variantId: VariantId): Promise<Stock | null>
  loadAll(variantIds: readonly VariantId[]): Promise<Stock[]>
  /** Adds stocks; those that are there already stay as they are. */
  add(stocks: readonly Stock[]): Promise<void>
  /** Tries conditional writes in one round trip; says of each whether it happened. */
  attempt(writes: readonly Write[]): Promise<boolean[]>
  /** Stocks that carry holds past their time, secured ones too, a page at a time, after the id. */
  withOverdueHolds(now: Instant, after: string, limit: number): Promise<Stock[]>
}

export type MovementRepo = {
  /** Records movements; those that are there already stay as they are. */
  record(movements: readonly Movement[]): Promise<void>
  /** Those of these ids that are recorded. */
  present(ids: readonly string[]): Promise<string[]>
  page(variantId: VariantId, before: Before, limit: number): Promise<Movement[]>
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
    add: (stocks) => collection.insertAbsent(stocks),
    attempt: async (writes) => {
      if (writes.length === 0) return []
      const results = await collection.batch(writes.map((write) => ({ action: 'updateOne' as const, ...write })))
      return results.map((result) => result.matchedCount === 1)
    },
    withOverdueHolds: (now, after, limit) =>
      collection.find({ held: { $gt: 0 }, 'holds.expiresAt': { $lte: now }, _id: { $gt: after } }, { sort: { _id: 1 }, limit }),
  }
}

export function movementRepo(documents: Documents): MovementRepo {
  const collection = documents.collection<Movement>({ name: 'movements', indexes: [{ keys: { variantId: 1, at: -1, _id: -1 } }] })
  return {
    record: (movements) => collection.insertAbsent(movements),
    present: async (ids) => (await collection.find({ _id: { $in: [...ids] } })).map(({ _id }) => _id),
    page: (variantId, before, limit) =>
      collection.find({ variantId, ...olderThan(before, 'at') }, { sort: { at: -1, _id: -1 }, limit }),
  }
}
