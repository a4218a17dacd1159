import type { Operation } from '../../../shared/contracts/data'
import type { Instant, ProductId, UserId, VariantId } from '../../../shared/contracts/ids'
import type { Documents } from '../../../shared/storage/documents'
import { type Facts, type Listing, recomputedEvery } from './listing'
import type { Comparable } from './pricing'

/** Listings that a product may be compared with are read in pages of this size, the newest first. */
export const similarPageSize = 60
/** Listings of a category whose tags are read. */
const taggedListings = 100

export type ListingRepo = ReturnType<typeof listingRepo>

export function listingRepo(documents: Documents) {
  const collection = documents.collection<Listing>({
    name: 'listings',
    indexes: [
      { keys: { due: 1 } },
      { keys: { 'facts.category': 1, _id: -1 } },
      { keys: { 'facts.category': 1, 'facts.currency': 1, 'facts.words': 1 } },
    ],
  })
  const reschedule = (ids: readonly ProductId[], now: Instant) => ({
    action: 'updateMany' as const,
    filter: { _id: { $in: [...ids] } },
    update: { $min: { due: now }, $inc: { marks: 1 } },
  })
  return {
    /** Those of these that are known. */
    load: (ids: readonly ProductId[]) => collection.find({ _id: { $in: [...ids] } }),
    due: (now: Instant, limit: number) => collection.find({ due: { $lte: now } }, { sort: { due: 1 }, limit }),
    /**
     * Makes a listing due before all that only wait for their daily turn, but after those that are more than a day late. `recovered` is a
     * variant that came back in stock; the greatest version of its stock is kept, in whatever order events arrive.
     */
    markDirty: async (_id: ProductId, now: Instant, recovered?: { variantId: VariantId; version: number }) => {
      const max = recovered && { $max: { [`recovered.${recovered.variantId}`]: recovered.version } }
      await collection.batch([
        {
          action: 'updateOne',
          filter: { _id },
          update: { $setOnInsert: { version: 0, facts: null, due: now, marks: 0, recovered: {} } },
          upsert: true,
        },
        { action: 'updateOne', filter: { _id }, update: { $set: { due: now - recomputedEvery }, $inc: { marks: 1 }, ...max } },
      ])
    },
    /** A plan that makes listings due now, in their turn. */
    reschedulePlan: (ids: readonly ProductId[], now: Instant) => collection.plan(reschedule(ids, now)),
    /** A plan that records the facts of a product, unless a newer version of it is known. */
    factsPlan: (_id: ProductId, version: number, facts: Facts | null) =>
      collection.plan({ action: 'updateOne', filter: { _id, version: { $lte: version } }, update: { $set: { version, facts } } }),
    /** A plan for a page of other sellers' listings that share two words with a product: older than `below`, and of none of `without`. */
    similarPlan: ({ sellerId, category, currency, words }: Facts, below: ProductId | null, without: readonly UserId[]) =>
      collection.plan({
        action: 'find',
        filter: {
          ...(below === null ? {} : { _id: { $lt: below } }),
          'facts.category': category,
          'facts.currency': currency,
          'facts.words': { $in: words },
          'facts.sellerId': { $nin: [sellerId, ...without] },
          $or: pairsOf(words).map(([word, others]) => ({
            $and: [{ 'facts.words': word }, { 'facts.words': { $in: others } }],
          })),
        },
        projection: { facts: 1 },
        sort: { _id: -1 },
        limit: similarPageSize,
      }),
    similarIn: (found: readonly object[]) => found as Comparable[],
    /** A plan for the tags of a category's newest listings. */
    tagsPlan: (category: string) =>
      collection.plan({
        action: 'find',
        filter: { 'facts.category': category },
        projection: { 'facts.tags': 1 },
        sort: { _id: -1 },
        limit: taggedListings,
      }),
    /** Each tag as often as it was found. */
    tagsIn: (found: readonly object[]) => (found as { facts: Pick<Facts, 'tags'> }[]).flatMap(({ facts }) => facts.tags),
    /**
     * Ends a recomputation in one round trip. Listings that are `done` are due again in a day, or at once where they were marked since, even
     * if another recomputation has just ended; those of `ended` products are deleted unless they were marked since; `changed` are the ids of
     * listings whose comparison changed.
     */
    finish: async (
      { done, ended, changed }: { done: readonly Listing[]; ended: readonly Listing[]; changed: readonly ProductId[] },
      now: Instant,
    ): Promise<void> => {
      const operations = [
        ...done.flatMap(({ _id, marks }): Operation[] => [
          { action: 'updateOne', filter: { _id, marks }, update: { $set: { due: now + recomputedEvery } } },
          { action: 'updateOne', filter: { _id, marks: { $ne: marks } }, update: { $min: { due: now } } },
        ]),
        ...ended.map(({ _id, marks }): Operation => ({ action: 'deleteOne', filter: { _id, marks } })),
        ...(changed.length > 0 ? [reschedule(changed, now)] : []),
      ]
      if (operations.length > 0) await collection.batch(operations)
    },
  }
}

/** Each word with those after it: a listing that has two of the words has one of them and one of its others. */
const pairsOf = (words: readonly string[]): [string, string[]][] =>
  words.slice(0, -1).map((word, at) => [word, words.slice(at + 1)])
