import type { Operation } from '../../../shared/contracts/data'
import type { Instant, ProductId, SuggestionId, UserId, VariantId } from '../../../shared/contracts/ids'
import type { Documents } from '../../../shared/storage/documents'
import { type Before, olderThan } from '../../../shared/storage/place'
import { type Facts, type Listing, lookedAtEvery } from './listing'
import type { Comparable } from './pricing'
import type { Fate, Kind, Status, Suggestion } from './suggestion'

/** Listings that one is compared with are chosen among so many that share words with it, the newest, and as many again a few times. */
export const candidates = 60
/** Listings of a category whose tags are looked through. */
const vocabularyOf = 100

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
  return {
    collection,
    /** Those of these that are known. */
    those: (ids: readonly ProductId[]) => collection.find({ _id: { $in: [...ids] } }),
    due: (now: Instant, limit: number) => collection.find({ due: { $lte: now } }, { sort: { due: 1 }, limit }),
    /**
     * Has a product looked at soon: before all that are merely looked at daily, but after those that have been waiting longer than a day.
     * A variant that came to be in stock is remembered with the version of its stock, the greatest in whatever order they come.
     */
    wake: async (_id: ProductId, now: Instant, recovered?: { variantId: VariantId; version: number }) => {
      const max = recovered && { $max: { [`recovered.${recovered.variantId}`]: recovered.version } }
      await collection.batch([
        {
          action: 'updateOne',
          filter: { _id },
          update: { $setOnInsert: { version: 0, facts: null, due: now, wakes: 0, recovered: {} } },
          upsert: true,
        },
        { action: 'updateOne', filter: { _id }, update: { $set: { due: now - lookedAtEvery }, $inc: { wakes: 1 }, ...max } },
      ])
    },
    /** Has products looked at, of which something sold, as soon as it is their turn. */
    hastening: (ids: readonly ProductId[], now: Instant) =>
      collection.plan({
        action: 'updateMany',
        filter: { _id: { $in: [...ids] } },
        update: { $min: { due: now }, $inc: { wakes: 1 } },
      }),
    /** Listings of other sellers that share two words with one; those after `below`, and of none of `without`. */
    comparing: ({ sellerId, category, currency, words }: Facts, below: ProductId | null, without: readonly UserId[]) =>
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
        limit: candidates,
      }),
    compared: (found: readonly object[]) => found as Comparable[],
    /** Tags of a category, as often as they are there. */
    tagging: (category: string) =>
      collection.plan({
        action: 'find',
        filter: { 'facts.category': category },
        projection: { 'facts.tags': 1 },
        sort: { _id: -1 },
        limit: vocabularyOf,
      }),
    tags: (found: readonly object[]) => (found as { facts: Pick<Facts, 'tags'> }[]).flatMap(({ facts }) => facts.tags),
    /** Notes what a product is, unless a newer version of it is known. */
    learning: (_id: ProductId, version: number, facts: Facts | null) =>
      collection.plan({ action: 'updateOne', filter: { _id, version: { $lte: version } }, update: { $set: { version, facts } } }),
    /** A listing that was looked at is due again in a day; at once if it was woken since, also when another who looked has just said so. */
    settled: ({ _id, wakes }: Listing, now: Instant): Operation[] => [
      { action: 'updateOne', filter: { _id, wakes }, update: { $set: { due: now + lookedAtEvery } } },
      { action: 'updateOne', filter: { _id, wakes: { $ne: wakes } }, update: { $min: { due: now } } },
    ],
    /** Forgets a product that has ended, unless it was woken since. */
    ended: ({ _id, wakes }: Listing): Operation => ({ action: 'deleteOne', filter: { _id, wakes } }),
  }
}

/** Each word with those after it: whatever has two of the words has one of them and one of its others. */
const pairsOf = (words: readonly string[]): [string, string[]][] =>
  words.slice(0, -1).map((word, at) => [word, words.slice(at + 1)])

/** What a suggestion is made with and FerretDB leaves out: the case `an upsert keeps what is null or empty` of the data Worker. */
const unset = { proposal: null, applying: null, appliedAt: null, dismissal: null }
const whole = <S extends Suggestion | null>(stored: S): S => stored && { ...unset, ...stored }

export type SuggestionRepo = ReturnType<typeof suggestionRepo>

const newestFirst = { createdAt: -1, _id: -1 } as const

export function suggestionRepo(documents: Documents) {
  const collection = documents.collection<Suggestion>({
    name: 'suggestions',
    indexes: [
      { keys: { key: 1 }, unique: true },
      { keys: { productId: 1 } },
      { keys: { sellerId: 1, status: 1, ...newestFirst } },
      { keys: { sellerId: 1, status: 1, kind: 1, ...newestFirst } },
      { keys: { appliedAt: 1 }, partial: { status: 'applied' } },
    ],
  })
  const own = (sellerId: UserId, _id: SuggestionId) => ({ _id, sellerId })
  return {
    collection,
    load: async (sellerId: UserId, id: SuggestionId) => whole(await collection.findOne(own(sellerId, id))),
    ofProducts: async (ids: readonly ProductId[]) => (await collection.find({ productId: { $in: [...ids] } })).map(whole),
    page: async (sellerId: UserId, status: Status, kind: Kind | undefined, before: Before, limit: number) => {
      const filter = { sellerId, status, ...(kind ? { kind } : {}), ...olderThan(before) }
      return (await collection.find(filter, { sort: newestFirst, limit })).map(whole)
    },
    /** Notes since when somebody is at it, or that they are no more; only if it still says what they decided on. Returns whether it does. */
    claim: async ({ _id, revision }: Suggestion, applying: Instant | null): Promise<boolean> =>
      (await collection.updateOne({ _id, revision, status: 'open' }, { $set: { applying } })).matchedCount === 1,
    /** Changes a suggestion if it still has a status, and answers it as it is then; null when it has not. */
    change: async (sellerId: UserId, id: SuggestionId, status: Status, to: Partial<Suggestion>) =>
      whole(await collection.updateAndFind({ ...own(sellerId, id), status }, { $set: to, $inc: { revision: 1 } })),
    /** Puts back what was deleted while it was being applied. */
    putBack: (suggestion: Suggestion) => collection.insertIfAbsent(suggestion),
    /** What writes a fate, on the state that it was decided on. Null where nothing is written. */
    writing: (found: Suggestion | null, fate: Fate, id: SuggestionId): Operation | null => {
      if (fate === 'keep') return null
      if (typeof fate === 'object' && 'make' in fate)
        return {
          action: 'updateOne',
          filter: { key: fate.make.key },
          update: { $setOnInsert: { _id: id, ...fate.make } },
          upsert: true,
        }
      if (!found) return null
      const filter = { _id: found._id, revision: found.revision }
      if (fate === 'delete') return { action: 'deleteOne', filter }
      return { action: 'updateOne', filter, update: { $set: fate.change, $inc: { revision: 1 } } }
    },
    forgetApplied: (before: Instant) => collection.deleteMany({ status: 'applied', appliedAt: { $lt: before } }),
  }
}
