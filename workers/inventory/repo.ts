import type { Results } from '../../shared/contracts/data'
import { AppError } from '../../shared/contracts/errors'
import type { Instant, VariantId } from '../../shared/contracts/ids'
import { outboxIndex, type Write } from '../../shared/events/outbox'
import { type OutboxRepo, outboxRepo } from '../../shared/events/outbox-repo'
import type { Documents, Planned } from '../../shared/storage/documents'
import { type Before, olderThan } from '../../shared/storage/place'
import type { Movement, Stock, StockSummary, StockWrite } from './stock'

export type StockRepo = OutboxRepo<Stock, Movement> & {
  loadAll(variantIds: readonly VariantId[]): Promise<Stock[]>
  summary(variantId: VariantId): Promise<StockSummary | null>
  summaries(variantIds: readonly VariantId[]): Promise<StockSummary[]>
  /** Adds stocks; a stock that exists already stays as it is. Returns all of them as they then are. */
  add(stocks: readonly Stock[]): Promise<StockSummary[]>
  /** Tries conditional writes in one round trip. Returns for each whether it happened. */
  attempt(writes: readonly Write[]): Promise<boolean[]>
  /** As `attempt`, and returns the stocks as they then are. */
  attemptAndFind(writes: readonly StockWrite[]): Promise<Attempted>
  /** Does one conditional write. Returns the stock after it. @throws AppError `conflict` when another writer was first */
  perform(before: StockSummary, write: StockWrite): Promise<StockSummary>
  /** Stocks with holds past their time, confirmed ones too, a page at a time, after the id. */
  withOverdueHolds(now: Instant, after: string, limit: number): Promise<Stock[]>
  /** Stocks with events or movements that a write left in them, oldest ids first. */
  withPendingOutbox(limit: number): Promise<StockSummary[]>
  forgetReturnsBefore(at: Instant): Promise<void>
}

export type Attempted = { done: boolean[]; stocks: StockSummary[] }

export type MovementRepo = {
  /** The write that records movements; existing ones stay as they are. */
  planRecord(movements: readonly Movement[]): Planned
  /** The ids among these that are recorded. */
  present(ids: readonly string[]): Promise<string[]>
  page(variantId: VariantId, before: Before, limit: number): Promise<Movement[]>
}

const summary = { holds: 0, confirmed: 0, returned: 0 } as const

const updating = (write: Write) => ({ action: 'updateOne' as const, ...write })
const happened = (results: readonly Results['updateOne'][]) => results.map(({ matchedCount }) => matchedCount === 1)

export function stockRepo(documents: Documents, movements: Pick<MovementRepo, 'planRecord'>): StockRepo {
  const collection = documents.collection<Stock>({
    name: 'stock',
    indexes: [outboxIndex, { keys: { held: 1 } }, { keys: { 'returned.at': 1 } }],
  })
  const summaries: StockRepo['summaries'] = (variantIds) =>
    collection.find({ _id: { $in: [...variantIds] } }, { projection: summary })
  const attemptAndFind: StockRepo['attemptAndFind'] = async (writes) => {
    if (writes.length === 0) return { done: [], stocks: [] }
    const variantIds = [...new Set(writes.map(({ filter }) => filter._id))]
    // No findOneAndUpdate: FerretDB does not project its answers, and one read after all writes is enough.
    const found = { action: 'find', filter: { _id: { $in: variantIds } }, projection: summary } as const
    const results = await collection.batch([...writes.map(updating), found])
    const { documents: stocks } = results.at(-1) as Results['find']
    return { done: happened(results.slice(0, -1) as Results['updateOne'][]), stocks: stocks as StockSummary[] }
  }
  return {
    ...outboxRepo(collection, { batch: documents.batch, planRecord: movements.planRecord }),
    summary: (variantId) => collection.findOne({ _id: variantId }, { projection: summary }),
    summaries,
    loadAll: (variantIds) => collection.find({ _id: { $in: [...variantIds] } }),
    add: async (stocks) => {
      const variantIds = stocks.map(({ _id }) => _id)
      try {
        const [, { documents: found }] = await collection.batch([
          { action: 'insertMany', documents: [...stocks], ordered: false },
          { action: 'find', filter: { _id: { $in: variantIds } }, projection: summary },
        ])
        return found as StockSummary[]
      } catch (error) {
        // The new ones are inserted by now.
        if (!AppError.is(error, 'duplicate_key')) throw error
        return summaries(variantIds)
      }
    },
    attempt: async (writes) => {
      if (writes.length === 0) return []
      return happened(await collection.batch(writes.map(updating)))
    },
    attemptAndFind,
    perform: async (_before, write) => {
      const { done, stocks } = await attemptAndFind([write])
      if (!done[0] || !stocks[0]) throw new AppError('conflict')
      return stocks[0]
    },
    withOverdueHolds: (now, after, limit) =>
      collection.find({ held: { $gt: 0 }, 'holds.expiresAt': { $lte: now }, _id: { $gt: after } }, { sort: { _id: 1 }, limit }),
    withPendingOutbox: (limit) => collection.find({ outboxPending: true }, { sort: { _id: 1 }, limit, projection: summary }),
    forgetReturnsBefore: async (at) => {
      const earlier = { at: { $lt: at } }
      await collection.updateMany({ 'returned.at': earlier.at }, { $pull: { returned: earlier } })
    },
  }
}

export function movementRepo(documents: Documents): MovementRepo {
  const collection = documents.collection<Movement>({ name: 'movements', indexes: [{ keys: { variantId: 1, at: -1, _id: -1 } }] })
  return {
    planRecord: (movements) => collection.plan({ action: 'insertMany', documents: [...movements], ordered: false }),
    present: async (ids) => (await collection.find({ _id: { $in: [...ids] } })).map(({ _id }) => _id),
    page: (variantId, before, limit) =>
      collection.find({ variantId, ...olderThan(before, 'at') }, { sort: { at: -1, _id: -1 }, limit }),
  }
}
