import type { Filter, Update } from '../contracts/data'
import { AppError } from '../contracts/errors'
import type { Envelope } from '../contracts/events'
import { logger } from '../runtime/logger'
import type { Collection } from '../storage/documents'
import type { Publish } from './publish'
import { keepSuccessful } from './tolerantly'

/** What every aggregate's document carries beside its state. */
export type Stored = { _id: string; version: number; outbox: Envelope[]; outboxPending: boolean }

/** The index that lets the sweeper find what a crash left; every collection with an outbox declares it. */
export const outboxIndex = { keys: { outboxPending: 1 }, partial: { outboxPending: true } } as const

/** The outbox fields of a new document. */
export const withOutbox = (events: readonly Envelope[]) => ({ version: 1, outbox: [...events], outboxPending: events.length > 0 })

/** A conditional write: it happens wholly, or `filter` matches nothing and it does not happen. */
export type Write = { filter: Filter; update: Update }

/** One write: new state, next version, events. The filter on `version` makes a lost update impossible. */
export const writeWithEvents = <T extends Stored>(
  found: { _id: string; version: number },
  state: Partial<Omit<T, keyof Stored>>,
  events: readonly Envelope[],
): Write => ({
  filter: { _id: found._id, version: found.version },
  update: {
    $set: { ...state, ...(events.length > 0 ? { outboxPending: true } : {}) },
    $inc: { version: 1 },
    ...(events.length > 0 ? { $push: { outbox: { $each: [...events] } } } : {}),
  },
})

/** Does a conditional write. @throws AppError `conflict` when it did not happen, because somebody else wrote first */
export async function perform<T extends Stored>(collection: Collection<T>, { filter, update }: Write): Promise<void> {
  const { matchedCount } = await collection.updateOne(filter, update)
  if (matchedCount === 0) throw new AppError('conflict')
}

/** Writes state and events at once. @throws AppError `conflict` when somebody else wrote first */
export const saveWithEvents = <T extends Stored>(
  collection: Collection<T>,
  found: { _id: string; version: number },
  state: Partial<Omit<T, keyof Stored>>,
  events: readonly Envelope[],
): Promise<void> => perform(collection, writeWithEvents<T>(found, state, events))

/** What writes left in a document: events to send and, in some, records that belong in a collection of their own. */
export type Left<R> = { _id: string; outbox: readonly Envelope[]; journal?: readonly R[] }

/** Where it goes. Recording must be harmless to repeat. */
export type Outlets<T extends Stored, R> = {
  collection: Collection<T>
  publish: Publish
  record?: (records: readonly R[]) => Promise<void>
}

/**
 * Sends events and records journals, then takes them out of their documents. A crash in between sends twice, never zero times.
 * What could not be sent stays without keeping a journal from being emptied, or a long outage of the queues would fill documents.
 * A failure is left to the sweep: the state is written, so the caller's work is done either way.
 */
export async function flush<T extends Stored, R extends { _id: string }>(
  { collection, publish, record = async () => {} }: Outlets<T, R>,
  left: readonly Left<R>[],
): Promise<void> {
  const events = left.filter(({ outbox }) => outbox.length > 0)
  const records = left.filter(({ journal = [] }) => journal.length > 0)
  try {
    const [sent, recorded] = await Promise.all([
      keepSuccessful(events, (some) => publish(some.flatMap(({ outbox }) => outbox))),
      keepSuccessful(records, (some) => record(some.flatMap(({ journal = [] }) => journal))),
    ])
    const isDone = (each: Left<R>) =>
      (!events.includes(each) || sent.includes(each)) && (!records.includes(each) || recorded.includes(each))
    const operations = left.flatMap((each) => {
      const { _id, outbox, journal } = each
      const pull = {
        ...(sent.includes(each) ? { outbox: { id: { $in: outbox.map(({ id }) => id) } } } : {}),
        ...(recorded.includes(each) ? { journal: { _id: { $in: (journal ?? []).map((entry) => entry._id) } } } : {}),
      }
      // A concurrent writer has left events of its own, and flushes them itself.
      const empty = { _id, outbox: [], ...(journal ? { journal: [] } : {}) }
      return [
        ...(Object.keys(pull).length > 0 ? [{ action: 'updateOne' as const, filter: { _id }, update: { $pull: pull } }] : []),
        ...(isDone(each) ? [{ action: 'updateOne' as const, filter: empty, update: { $set: { outboxPending: false } } }] : []),
      ]
    })
    if (operations.length > 0) await collection.batch(operations)
  } catch (error) {
    logger.warn('what writes left waits for the sweep', { documents: left.map(({ _id }) => _id), error })
  }
}

/** Flushes the events of one document. */
export async function flushOutbox<T extends Stored>(
  collection: Collection<T>,
  publish: Publish,
  id: string,
  events: readonly Envelope[],
): Promise<void> {
  if (events.length > 0) await flush({ collection, publish }, [{ _id: id, outbox: events }])
}

/** Flushes what a crash or a failed send left behind, oldest documents first. Returns how many documents it found. */
export async function sweepOutbox<T extends Stored & { journal?: R[] }, R extends { _id: string }>(
  outlets: Outlets<T, R>,
  limit = 100,
): Promise<number> {
  const left = await outlets.collection.find({ outboxPending: true }, { sort: { _id: 1 }, limit })
  await flush(outlets, left)
  return left.length
}

/** Runs a load-decide-save cycle again when somebody else wrote in between. @throws AppError `conflict` after `attempts` */
export async function retryOnConflict<T>(work: () => Promise<T>, attempts = 8): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!AppError.is(error, 'conflict') || attempt >= attempts) throw error
    }
  }
}
