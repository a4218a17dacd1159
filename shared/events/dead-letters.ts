import type { DeadLetter, DeadLettersApi } from '../contracts/audit'
import type { Collection, Documents } from '../storage/documents'
import { olderThan } from '../storage/place'

export type DeadLetters = Collection<DeadLetter>

export const deadLetters = (documents: Documents): DeadLetters =>
  documents.collection<DeadLetter>({
    name: 'dead_letters',
    indexes: [
      { keys: { state: 1, failedAt: 1, _id: 1 } },
      { keys: { failedAt: -1, _id: -1 } },
      // `forget` finds what was resolved by the time of its resolution.
      { keys: { 'settled.at': 1 } },
    ],
  })

type Parked = Pick<DeadLetter, '_id' | 'worker' | 'type' | 'eventId' | 'body' | 'error' | 'attempts' | 'failedAt'>

/** Parks a message. One that was redriven and failed again waits again; a discarded one stays discarded, however often it comes. */
export async function park(collection: DeadLetters, { _id, ...parked }: Parked): Promise<void> {
  const waiting = { ...parked, state: 'waiting', settled: null }
  await collection.batch([
    { action: 'updateOne', filter: { _id }, update: { $setOnInsert: { ...waiting, parked: 0 } }, upsert: true },
    { action: 'updateOne', filter: { _id, state: { $ne: 'discarded' } }, update: { $set: waiting, $inc: { parked: 1 } } },
  ])
}

/** How many dead letters wait for an operator. */
export async function countWaiting(collection: DeadLetters): Promise<number> {
  const [found] = await collection.aggregate<{ waiting: number }>([{ $match: { state: 'waiting' } }, { $count: 'waiting' }])
  return found?.waiting ?? 0
}

const isOpen = { state: { $in: ['waiting', 'redriving'] } }

/** The verbs on the dead letters of one Worker. All are harmless to repeat. */
export const deadLettersApi = (collection: DeadLetters): DeadLettersApi => ({
  list: ({ state, type }, before, limit) => {
    const wanted = { ...(state ? { state } : {}), ...(type ? { type } : {}) }
    const newestFirst = { failedAt: -1, _id: -1 } as const
    return collection.find({ ...wanted, ...olderThan(before, 'failedAt') }, { sort: newestFirst, limit, projection: { body: 0 } })
  },
  open: async (type, limit) => {
    const options = { sort: { failedAt: 1, _id: 1 }, limit, projection: { _id: 1 } } as const
    return (await collection.find({ ...isOpen, ...(type ? { type } : {}) }, options)).map(({ _id }) => _id)
  },
  read: (id) => collection.findOne({ _id: id }),
  claim: async (ids, resolution) => {
    const these = { _id: { $in: ids } }
    const redriving = { state: 'redriving', settled: resolution }
    const [, { documents }] = await collection.batch([
      { action: 'updateMany', filter: { ...these, ...isOpen }, update: { $set: redriving } },
      { action: 'find', filter: { ...these, state: 'redriving' } },
    ])
    return documents as DeadLetter[]
  },
  markRedriven: async (claimed) => {
    await collection.batch(
      // A message that failed again was parked once more. Another redrive of it may be under way, which marks it by itself.
      claimed.map(({ _id, parked }) => ({
        action: 'updateOne' as const,
        filter: { _id, parked, state: 'redriving' },
        update: { $set: { state: 'redriven' } },
      })),
    )
  },
  discard: async (id, resolution) => {
    const update = { $set: { state: 'discarded', settled: resolution } }
    const { matchedCount } = await collection.updateOne({ _id: id, ...isOpen }, update)
    return matchedCount > 0
  },
  forget: async (before) => {
    await collection.deleteMany({ state: { $in: ['redriven', 'discarded'] }, 'settled.at': { $lt: before } })
  },
})
