import type { Envelope } from '../../../shared/contracts/events'
import { type EventId, type Instant, iso, type ProductId, type VariantId } from '../../../shared/contracts/ids'
import type { Documents } from '../../../shared/storage/documents'
import type { Deps } from '../deps'

/** Days, today among them, whose sales say how fast something sells. */
export const salesDays = 28
const day = 24 * 3_600_000
/** Days in UTC. Clocks of two machines may be on different sides of midnight: days are forgotten later than they stop to count. */
const dayOf = (instant: Instant): string => iso(instant).slice(0, 10)
const firstDay = (now: Instant): string => dayOf(now - (salesDays - 1) * day)
const forgottenBefore = (now: Instant): string => dayOf(now - (salesDays + 1) * day)

/** Events of one variant and day are spread over so many documents, or the ids in one grew with what sells best. */
const shards = 8
const shardOf = (id: EventId): number => (id.codePointAt(id.length - 1) ?? 0) % shards

/** Units of one variant that were paid for on one day, by the events that are counted in it. */
type DaySales = { _id: string; variantId: VariantId; productId: ProductId; day: string; units: number; events: EventId[] }

export type SalesRepo = ReturnType<typeof salesRepo>

export function salesRepo(documents: Documents) {
  const collection = documents.collection<DaySales>({
    name: 'sales',
    indexes: [{ keys: { productId: 1, day: 1 } }, { keys: { day: 1 } }],
  })
  return {
    collection,
    /** Counts units of an event, once: the event's id is written along with them. */
    counting: (eventId: EventId, sold: Pick<DaySales, 'variantId' | 'productId' | 'day' | 'units'>) => {
      const { units, ...rest } = sold
      const _id = `${rest.variantId}:${rest.day}:${shardOf(eventId)}`
      const fresh = { ...rest, units: 0, events: [] }
      const filter = { _id, events: { $ne: eventId } }
      return [
        collection.plan({ action: 'updateOne', filter: { _id }, update: { $setOnInsert: fresh }, upsert: true }),
        collection.plan({ action: 'updateOne', filter, update: { $inc: { units }, $push: { events: eventId } } }),
      ]
    },
    /** Sums by variant of what sold of products in the days that count. */
    summing: (productIds: readonly ProductId[], now: Instant) =>
      collection.plan({
        action: 'aggregate',
        pipeline: [
          { $match: { productId: { $in: [...productIds] }, day: { $gte: firstDay(now) } } },
          { $group: { _id: '$variantId', units: { $sum: '$units' } } },
        ],
      }),
    forget: (now: Instant) => collection.deleteMany({ day: { $lt: forgottenBefore(now) } }),
  }
}

/**
 * Counts what was paid for, and has its sellers' listings looked at. A day that no longer counts is left alone, so that an event which
 * comes once more when its day is forgotten is not taken for news.
 */
export async function noteSale({ id, time, data }: Envelope<'order.paid'>, deps: Deps): Promise<void> {
  const { documents, sales, listings, now } = deps
  const paidOn = dayOf(Date.parse(time))
  if (paidOn < firstDay(now())) return
  const units = new Map<VariantId, { productId: ProductId; units: number }>()
  for (const { variantId, productId, quantity } of data.items)
    units.set(variantId, { productId, units: (units.get(variantId)?.units ?? 0) + quantity })
  const counted = [...units].flatMap(([variantId, sold]) => sales.counting(id, { variantId, day: paidOn, ...sold }))
  await documents.batch([
    ...counted,
    listings.hastening(
      [...units.values()].map(({ productId }) => productId),
      now(),
    ),
  ])
}
