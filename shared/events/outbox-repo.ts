import type { Envelope } from '../contracts/events'
import type { Collection } from '../storage/documents'
import { flush, type Journal, type Left, type Stored, saveWithEvents, sweepOutbox } from './outbox'
import type { Publish } from './publish'

/** What a decision changes: the fields to set, the events they cause, and records for the journal. */
export type Decision<T extends Stored, R = never> = {
  state: Partial<Omit<T, keyof Stored>>
  events: readonly Envelope[]
  records?: readonly R[]
}

export type OutboxRepo<T extends Stored & { journal?: R[] }, R extends { _id: string } = never> = ReturnType<
  typeof outboxRepo<T, R>
>

/** The verbs that every repository of documents with an outbox has. */
export function outboxRepo<T extends Stored & { journal?: R[] }, R extends { _id: string } = never>(
  collection: Collection<T>,
  journal?: Journal<R>,
) {
  const load = (id: T['_id']): Promise<T | null> => collection.findOne({ _id: id })
  return {
    load,
    /** Adds a document unless its id or another unique field is taken. Returns whether it did. */
    insertIfAbsent: (document: T): Promise<boolean> => collection.insertIfAbsent(document),
    /** Sends the events of documents and moves their journals. What fails is left to the sweep. */
    flush: (left: readonly Left<R>[], publish: Publish): Promise<void> => flush({ collection, publish, journal }, left),
    /** Flushes what a crash or a failed send left behind. Returns how many documents it found. */
    sweepOutbox: (publish: Publish, limit?: number): Promise<number> => sweepOutbox({ collection, publish, journal }, limit),
    /**
     * What `change` needs. Saving writes state, version, events and records at once, then flushes them, and returns the document
     * as it then is. @throws AppError `conflict` when another writer was first
     */
    publishing: (publish: Publish) => ({
      load,
      save: async (found: T, { state, events, records = [] }: Decision<T, R>): Promise<T> => {
        await saveWithEvents<T>(collection, found, state, events, records)
        const left = { _id: found._id, outbox: events, ...(journal ? { journal: records } : {}) }
        if (events.length + records.length > 0) await flush({ collection, publish, journal }, [left])
        return { ...found, ...state, version: found.version + 1 }
      },
    }),
  }
}
