import type { Update } from '../contracts/data'
import { AppError } from '../contracts/errors'
import type { Envelope } from '../contracts/events'
import { logger } from '../http/logger'
import type { Collection } from '../storage/documents'
import type { Publish } from './publish'

/** What every aggregate's document carries beside its state. */
export type Stored = { _id: string; version: number; outbox: Envelope[]; outboxPending: boolean }

/** The index that lets the sweeper find what a crash left; every collection with an outbox declares it. */
export const outboxIndex = { keys: { outboxPending: 1 }, partial: { outboxPending: true } } as const

/** The outbox fields of a new document. */
export const withOutbox = (events: readonly Envelope[]) => ({ version: 1, outbox: [...events], outboxPending: events.length > 0 })

/**
 * One write: new state, next version, events. The filter on `version` makes a lost update impossible.
 * @throws AppError `conflict` when somebody else wrote first
 */
export async function saveWithEvents<T extends Stored>(
  collection: Collection<T>,
  found: { _id: string; version: number },
  state: Partial<Omit<T, keyof Stored>>,
  events: readonly Envelope[],
  unset: readonly string[] = [],
): Promise<void> {
  const update: Update = {
    $set: { ...state, ...(events.length > 0 ? { outboxPending: true } : {}) },
    $inc: { version: 1 },
    ...(events.length > 0 ? { $push: { outbox: { $each: [...events] } } } : {}),
    ...(unset.length > 0 ? { $unset: Object.fromEntries(unset.map((path) => [path, ''])) } : {}),
  }
  const { matchedCount } = await collection.updateOne({ _id: found._id, version: found.version }, update)
  if (matchedCount === 0) throw new AppError('conflict')
}

/**
 * Sends what is in a document's outbox, then takes it out. A crash in between sends twice, never zero times. A failed send
 * is left to the sweep: the state is written, so the caller's work is done either way.
 */
export async function flushOutbox<T extends Stored>(
  collection: Collection<T>,
  publish: Publish,
  id: string,
  events: readonly Envelope[],
): Promise<void> {
  if (events.length === 0) return
  try {
    await publish(events)
    await collection.batch([
      {
        action: 'updateOne',
        filter: { _id: id },
        update: { $pull: { outbox: { id: { $in: events.map((event) => event.id) } } } },
      },
      { action: 'updateOne', filter: { _id: id, outbox: [] }, update: { $set: { outboxPending: false } } },
    ])
  } catch (error) {
    logger.warn('events wait for the sweep', { document: id, error })
  }
}

/** Sends what a crash or a failed send left behind, oldest documents first. Returns how many documents it found. */
export async function sweepOutbox<T extends Stored>(collection: Collection<T>, publish: Publish, limit = 100): Promise<number> {
  const left = await collection.find({ outboxPending: true }, { sort: { _id: 1 }, limit })
  for (const document of left) {
    if (document.outbox.length > 0) await flushOutbox(collection, publish, document._id, document.outbox)
    else await collection.updateOne({ _id: document._id, outbox: [] }, { $set: { outboxPending: false } })
  }
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
