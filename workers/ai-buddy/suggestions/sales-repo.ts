import type { EventId, Instant, ProductId, VariantId } from '../../../shared/contracts/ids'
import type { Documents } from '../../../shared/storage/documents'
import { firstDay, firstKeptDay } from './sales-window'

/** A variant's sales of one day are spread over this many documents, so that the ids of events in one stay few. */
const shards = 8
const shardOf = (id: EventId): number => (id.codePointAt(id.length - 1) ?? 0) % shards

/** Units of one variant that were paid for on one day, and the events that they were counted from. */
type DaySales = { _id: string; variantId: VariantId; productId: ProductId; day: string; units: number; events: EventId[] }

export type SalesRepo = ReturnType<typeof salesRepo>

export function salesRepo(documents: Documents) {
  const collection = documents.collection<DaySales>({
    name: 'sales',
    indexes: [{ keys: { productId: 1, day: 1 } }, { keys: { day: 1 } }],
  })
  return {
    /** Plans that count the units of an event once: the same write stores the event's id. */
    countPlans: (eventId: EventId, sold: Pick<DaySales, 'variantId' | 'productId' | 'day' | 'units'>) => {
      const { units, ...rest } = sold
      const _id = `${rest.variantId}:${rest.day}:${shardOf(eventId)}`
      const fresh = { ...rest, units: 0, events: [] }
      const filter = { _id, events: { $ne: eventId } }
      return [
        collection.plan({ action: 'updateOne', filter: { _id }, update: { $setOnInsert: fresh }, upsert: true }),
        collection.plan({ action: 'updateOne', filter, update: { $inc: { units }, $push: { events: eventId } } }),
      ]
    },
    /** A plan for the units of products sold in the days that count, summed by variant. */
    totalsPlan: (productIds: readonly ProductId[], now: Instant) =>
      collection.plan({
        action: 'aggregate',
        pipeline: [
          { $match: { productId: { $in: [...productIds] }, day: { $gte: firstDay(now) } } },
          { $group: { _id: '$variantId', units: { $sum: '$units' } } },
        ],
      }),
    deleteOld: (now: Instant) => collection.deleteMany({ day: { $lt: firstKeptDay(now) } }),
  }
}
