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
      // What is settled is found by when it was.
      { keys: { 'settled.at': 1 } },
    ],
  })

type Parked = Pick<DeadLetter, '_id' | 'worker' | 'type' | 'eventId' | 'body' | 'error' | 'attempts' | 'failedAt'>

/** Parks a message. One that was redriven and failed again waits again; one that was given up stays so, however often it comes. */
export async function park(letters: DeadLetters, { _id, ...parked }: Parked): Promise<void> {
  const waiting = { ...parked, state: 'waiting', settled: null }
  await letters.batch([
    { action: 'updateOne', filter: { _id }, update: { $setOnInsert: { ...waiting, parked: 0 } }, upsert: true },
    { action: 'updateOne', filter: { _id, state: { $ne: 'discarded' } }, update: { $set: waiting, $inc: { parked: 1 } } },
  ])
}

/** How many letters nobody has seen to. */
export async function countWaiting(letters: DeadLetters): Promise<number> {
  const [found] = await letters.aggregate<{ waiting: number }>([{ $match: { state: 'waiting' } }, { $count: 'waiting' }])
  return found?.waiting ?? 0
}

const isOpen = { state: { $in: ['waiting', 'redriving'] } }

/** The verbs of the letters of one Worker. All are harmless to repeat. */
export const deadLettersApi = (letters: DeadLetters): DeadLettersApi => ({
  list: ({ state, type }, before, limit) => {
    const wanted = { ...(state ? { state } : {}), ...(type ? { type } : {}) }
    const newestFirst = { failedAt: -1, _id: -1 } as const
    return letters.find({ ...wanted, ...olderThan(before, 'failedAt') }, { sort: newestFirst, limit, projection: { body: 0 } })
  },
  open: async (type, limit) => {
    const options = { sort: { failedAt: 1, _id: 1 }, limit, projection: { _id: 1 } } as const
    return (await letters.find({ ...isOpen, ...(type ? { type } : {}) }, options)).map(({ _id }) => _id)
  },
  read: (id) => letters.findOne({ _id: id }),
  claim: async (ids, settled) => {
    const these = { _id: { $in: ids } }
    const [, { documents }] = await letters.batch([
      { action: 'updateMany', filter: { ...these, ...isOpen }, update: { $set: { state: 'redriving', settled } } },
      { action: 'find', filter: { ...these, state: 'redriving' } },
    ])
    return documents as DeadLetter[]
  },
  settle: async (claimed) => {
    await letters.batch(
      // One that failed again was parked once more: another redrive of it may be under way, and speaks for itself.
      claimed.map(({ _id, parked }) => ({
        action: 'updateOne' as const,
        filter: { _id, parked, state: 'redriving' },
        update: { $set: { state: 'redriven' } },
      })),
    )
  },
  discard: async (id, settled) => {
    const { matchedCount } = await letters.updateOne({ _id: id, ...isOpen }, { $set: { state: 'discarded', settled } })
    return matchedCount > 0
  },
  forget: async (before) => {
    await letters.deleteMany({ state: { $in: ['redriven', 'discarded'] }, 'settled.at': { $lt: before } })
  },
})
