import type { Operation, Results } from '../../../shared/contracts/data'
import type { Instant, ProductId, SuggestionId, UserId } from '../../../shared/contracts/ids'
import type { Documents } from '../../../shared/storage/documents'
import { type Before, olderThan } from '../../../shared/storage/place'
import type { Kind, Status, Suggestion, Transition } from './suggestion'

/** A transition, the suggestion that it was decided on, and the id of the one that it may create. */
export type Decided = { found: Suggestion | null; transition: Transition; id: SuggestionId }

/** The fields that FerretDB leaves out when they are null: the case `an upsert keeps what is null or empty` of the data Worker. */
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
  const setApplying = async ({ _id, revision }: Suggestion, applying: Instant | null): Promise<boolean> =>
    (await collection.updateOne({ _id, revision, status: 'open' }, { $set: { applying } })).matchedCount === 1
  return {
    load: async (sellerId: UserId, id: SuggestionId) => whole(await collection.findOne(own(sellerId, id))),
    ofProducts: async (ids: readonly ProductId[]) => (await collection.find({ productId: { $in: [...ids] } })).map(whole),
    page: async (sellerId: UserId, status: Status, kind: Kind | undefined, before: Before, limit: number) => {
      const filter = { sellerId, status, ...(kind ? { kind } : {}), ...olderThan(before) }
      return (await collection.find(filter, { sort: newestFirst, limit })).map(whole)
    },
    /** Records that somebody began to apply a suggestion, if it is still the revision that they saw. Returns whether it is. */
    claim: (suggestion: Suggestion, now: Instant) => setApplying(suggestion, now),
    /** Takes a claim back, unless the suggestion changed since. */
    release: (suggestion: Suggestion) => setApplying(suggestion, null),
    /** Changes a suggestion if it still has a status, and returns it as it is then; null if it has not. */
    change: async (sellerId: UserId, id: SuggestionId, status: Status, to: Partial<Suggestion>) =>
      whole(await collection.updateAndFind({ ...own(sellerId, id), status }, { $set: to, $inc: { revision: 1 } })),
    /** Stores a suggestion again that was deleted while it was being applied. */
    restore: (suggestion: Suggestion) => collection.insertIfAbsent(suggestion),
    /**
     * Writes transitions in one round trip, each only on the state that it was decided on. Returns for each whether that state still held;
     * one that keeps what is there writes nothing and always holds.
     */
    write: async (decided: readonly Decided[]): Promise<boolean[]> => {
      const operations = decided.map(operationFor)
      const writes = operations.filter((operation) => operation !== null)
      const results = writes.length === 0 ? [] : await collection.batch(writes)
      const held = new Map(writes.map((operation, at) => [operation, tookEffect(operation, results[at])]))
      return operations.map((operation) => operation === null || held.get(operation) === true)
    },
    deleteApplied: (before: Instant) => collection.deleteMany({ status: 'applied', appliedAt: { $lt: before } }),
  }
}

/** The write of a transition; null where nothing is written. */
function operationFor({ found, transition, id }: Decided): Operation | null {
  if (transition === 'keep') return null
  if (typeof transition === 'object' && 'create' in transition) {
    const { create } = transition
    const update = { $setOnInsert: { _id: id, ...create } }
    return { action: 'updateOne', filter: { key: create.key }, update, upsert: true }
  }
  if (!found) return null
  const filter = { _id: found._id, revision: found.revision }
  if (transition === 'delete') return { action: 'deleteOne', filter }
  return { action: 'updateOne', filter, update: { $set: transition.change, $inc: { revision: 1 } } }
}

/** Whether a conditional write changed anything; an upsert that matches a document came second. */
function tookEffect(operation: Operation, result: Results[Operation['action']] | undefined): boolean {
  if (operation.action === 'deleteOne') return (result as Results['deleteOne']).deletedCount === 1
  const { matchedCount, upsertedId } = result as Results['updateOne']
  return 'upsert' in operation ? upsertedId !== undefined : matchedCount === 1
}
