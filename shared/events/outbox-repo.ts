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

/** The verbs that every repository of documents with an outbox has. */
export type OutboxRepo<T extends Stored, R = never> = {
  load(id: T['_id']): Promise<T | null>
  /** Adds a document unless its id or another unique field is taken. Returns whether it did. */
  insertIfAbsent(document: T): Promise<boolean>
  /** Sends the events of documents and moves their journals. What fails is left to the sweep. */
  flush(left: readonly Left<R>[], publish: Publish): Promise<void>
  /** Flushes what a crash or a failed send left behind. Returns how many documents it found. */
  sweepOutbox(publish: Publish, limit?: number): Promise<number>
  /**
   * What `change` needs. Saving writes state, version, events and records at once, then flushes them, and returns the document
   * as it then is. @throws AppError `conflict` when another writer was first
   */
  publishing(publish: Publish): {
    load(id: T['_id']): Promise<T | null>
    save(found: T, decision: Decision<T, R>): Promise<T>
  }
}

export function outboxRepo<T extends Stored & { journal?: R[] }, R extends { _id: string } = never>(
  collection: Collection<T>,
  journal?: Journal<R>,
): OutboxRepo<T, R> {
  const load = (id: T['_id']) => collection.findOne({ _id: id })
  return {
    load,
    insertIfAbsent: (document) => collection.insertIfAbsent(document),
    flush: (left, publish) => flush({ collection, publish, journal }, left),
    sweepOutbox: (publish, limit) => sweepOutbox({ collection, publish, journal }, limit),
    publishing: (publish) => ({
      load,
      save: async (found, { state, events, records = [] }) => {
        await saveWithEvents<T>(collection, found, state, events, records)
        const left = { _id: found._id, outbox: events, ...(journal ? { journal: records } : {}) }
        if (events.length + records.length > 0) await flush({ collection, publish, journal }, [left])
        return { ...found, ...state, version: found.version + 1 }
      },
    }),
  }
}
