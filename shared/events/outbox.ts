import type { Filter, OperationOf, Update } from '../contracts/data'
import { AppError } from '../contracts/errors'
import type { Envelope } from '../contracts/events'
import { logger } from '../runtime/logger'
import type { Collection, Documents, Planned } from '../storage/documents'
import { keepSuccessful } from './keep-successful'
import type { Publish } from './publish'

/** The fields that every aggregate's document has beside its state. */
export type Stored = { _id: string; version: number; outbox: Envelope[]; outboxPending: boolean }

/** The index that lets the sweeper find what a crash left; every collection with an outbox declares it. */
export const outboxIndex = { keys: { outboxPending: 1 }, partial: { outboxPending: true } } as const

/** The outbox fields of a new document. */
export const withOutbox = (events: readonly Envelope[]) => ({ version: 1, outbox: [...events], outboxPending: events.length > 0 })

/** A conditional write: it happens wholly, or `filter` matches nothing and it does not happen. */
export type Write = { filter: Filter; update: Update }

/** One write: new state, next version, events, and records of a journal. The filter on `version` makes a lost update impossible. */
export const writeWithEvents = <T extends Stored>(
  found: { _id: string; version: number },
  state: Partial<Omit<T, keyof Stored>>,
  events: readonly Envelope[],
  records: readonly object[] = [],
): Write => {
  const added = {
    ...(events.length > 0 ? { outbox: { $each: [...events] } } : {}),
    ...(records.length > 0 ? { journal: { $each: [...records] } } : {}),
  }
  const isPending = Object.keys(added).length > 0
  return {
    filter: { _id: found._id, version: found.version },
    update: {
      $set: { ...state, ...(isPending ? { outboxPending: true } : {}) },
      $inc: { version: 1 },
      ...(isPending ? { $push: added } : {}),
    },
  }
}

/** Does the write of `writeWithEvents`. @throws AppError `conflict` when another writer was first */
export async function saveWithEvents<T extends Stored>(
  collection: Collection<T>,
  ...change: Parameters<typeof writeWithEvents<T>>
): Promise<void> {
  const { filter, update } = writeWithEvents<T>(...change)
  const { matchedCount } = await collection.updateOne(filter, update)
  if (matchedCount === 0) throw new AppError('conflict')
}

/**
 * What writes left in a document: events to send and, in some, records that belong in a collection of their own. `version` is there
 * when the document was read whole, so that it holds no more than this while the version stays: then one write empties it.
 */
export type Left<R> = { _id: string; version?: number; outbox: readonly Envelope[]; journal?: readonly R[] }

/** Where the records of journals go. They are written in the round trip that empties the documents. */
export type Journal<R> = { batch: Documents['batch']; planRecord(records: readonly R[]): Planned }

/** Where the events and records of a collection go. */
export type Outlets<T extends Stored, R> = { collection: Collection<T>; publish: Publish; journal?: Journal<R> | undefined }

/**
 * Sends events and records journals, then takes them out of their documents. A crash in between sends twice, never zero times.
 * Events that could not be sent stay, but the journal is emptied all the same, or a long outage of the queues would fill documents.
 * A failure is left to the sweep: the state is written, so the caller's work is done either way.
 */
export async function flush<T extends Stored, R extends { _id: string }>(
  outlets: Outlets<T, R>,
  left: readonly Left<R>[],
): Promise<void> {
  try {
    const pending = left.filter(({ outbox }) => outbox.length > 0)
    const sent = await keepSuccessful(pending, (some) => outlets.publish(some.flatMap(({ outbox }) => outbox)))
    const unsent = new Set(pending.filter((each) => !sent.includes(each)))
    await keepSuccessful(left, (some) => empty(outlets, some, unsent))
  } catch (error) {
    logger.warn('what writes left waits for the sweep', { documents: left.map(({ _id }) => _id), error })
  }
}

/** Records journals and takes out of the documents what was sent and recorded: one round trip, or two when some of it was recorded before. */
async function empty<T extends Stored, R extends { _id: string }>(
  { collection, journal }: Outlets<T, R>,
  left: readonly Left<R>[],
  unsent: ReadonlySet<Left<R>>,
): Promise<void> {
  const operations = left.flatMap((each) => emptying(each, !unsent.has(each)))
  const records = left.flatMap(({ journal: kept = [] }) => kept)
  if (!journal || records.length === 0) {
    if (operations.length > 0) await collection.batch(operations)
    return
  }
  const planned = operations.map((operation) => collection.plan(operation))
  try {
    await journal.batch([journal.planRecord(records), ...planned])
  } catch (error) {
    // A crash, or another flush at the same time, recorded some of them before; the rest is recorded by now.
    if (!AppError.is(error, 'duplicate_key')) throw error
    await journal.batch(planned)
  }
}

/** The writes that take out what was sent and recorded, and then the flag where nothing is left. */
function emptying<R extends { _id: string }>(
  { _id, version, outbox, journal }: Left<R>,
  isSent: boolean,
): OperationOf<'updateOne'>[] {
  const sent = isSent && outbox.length > 0 ? { outbox: { id: { $in: outbox.map(({ id }) => id) } } } : {}
  const recorded = journal && journal.length > 0 ? { journal: { _id: { $in: journal.map((record) => record._id) } } } : {}
  const pull = { ...sent, ...recorded }
  const empty = { ...(isSent ? { outbox: [] } : {}), ...(journal ? { journal: [] } : {}) }
  const update = (filter: Filter, change: Update) => [{ action: 'updateOne' as const, filter, update: change }]
  const pulling = (filter: Filter) => (Object.keys(pull).length > 0 ? update(filter, { $pull: pull }) : [])
  const flag = isSent ? { outboxPending: false } : {}
  // A writer that came in between has left something of its own, and flushes after us.
  if (version === undefined) return [...pulling({ _id }), ...(isSent ? update({ _id, ...empty }, { $set: flag }) : [])]
  const whole = Object.keys(empty).length > 0 ? update({ _id, version }, { $set: { ...empty, ...flag } }) : []
  return [...whole, ...pulling({ _id, version: { $ne: version } })]
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

/** Runs work again that lost against another writer. To change one document, use `change`. @throws AppError `conflict` after `attempts` */
export async function retryOnConflict<T>(work: () => Promise<T>, attempts = 8): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!AppError.is(error, 'conflict') || attempt >= attempts) throw error
    }
  }
}
