import type { Actor } from '../../shared/contracts/actor'
import { AppError } from '../../shared/contracts/errors'
import type { Envelope } from '../../shared/contracts/events'
import type { Instant, UserId } from '../../shared/contracts/ids'
import { outboxIndex, type Stored, withOutbox, writeWithEvents } from '../../shared/events/outbox'
import { type Decision, type OutboxRepo, outboxRepo } from '../../shared/events/outbox-repo'
import type { Collection, Documents } from '../../shared/storage/documents'
import type { Session } from './session'
import type { Window } from './throttle'
import type { User } from './user'

export type Addressee = Pick<User, '_id' | 'email' | 'name' | 'role'>

export type UserRepo = OutboxRepo<User> & {
  collection: Collection<User>
  /** The fields of a user that an e-mail needs. */
  addressee(userId: UserId): Promise<Addressee | null>
  /** `email` is trimmed and in lower case. */
  byEmail(email: string): Promise<User | null>
  /**
   * Saves a user, and raises the version of the operator `by` first. Both were loaded before. Suppose another operator takes the role
   * from `by` at the same time. Either they load `by` before its version is raised, and their write conflicts; or they load it later, and
   * then their own version was raised before, so that this write conflicts. This holds even where a batch is not a transaction.
   * @throws AppError `conflict`
   */
  saveAs(by: User, found: User, decision: Decision<User>): Promise<void>
  /** Users with sessions of an earlier epoch that are not marked as revoked. */
  withRevokePending(limit: number): Promise<User[]>
  /** Records that all sessions of earlier epochs are marked. A user who has a later epoch by now does not change. */
  clearRevokePending(userId: UserId, epoch: number): Promise<void>
  /** Deletes reset requests that have expired. */
  forgetResets(now: Instant): Promise<void>
}

export type SessionRepo = OutboxRepo<Session> & {
  collection: Collection<Session>
  insert(session: Session): Promise<void>
  /** Active sessions of an epoch, newest first, after the id. */
  page(userId: UserId, live: { epoch: number; at: number; after: string | undefined; limit: number }): Promise<Session[]>
  /** Active sessions from before an epoch. */
  before(userId: UserId, epoch: number, limit: number): Promise<Session[]>
  /** Deletes sessions that expired before an instant, except those with events to publish. */
  forgetExpired(before: Instant): Promise<void>
}

export type WindowRepo = OutboxRepo<Window> & {
  collection: Collection<Window>
  /** Counts one more unless `limit` is reached, and returns whether it did. Of concurrent calls no more than `limit` get true. */
  take(window: Pick<Window, '_id' | 'expiresAt'>, limit: number): Promise<boolean>
  giveBack(id: string): Promise<void>
  /** Resets the count to zero. Unpublished events stay. */
  forget(id: string): Promise<void>
  /** The version of a window; undefined when it is gone. */
  version(id: string): Promise<number | undefined>
  /** Raises a window from version 1, with an event. Returns whether it did. */
  recordLockOut(id: string, event: Envelope): Promise<boolean>
  /** Deletes windows that have ended, except those with events to publish. */
  forgetEnded(now: Instant): Promise<void>
}

/** Events that belong to no document, kept because no queue took them. */
export type PendingEventRepo = OutboxRepo<Stored> & {
  collection: Collection<Stored>
  insert(event: Envelope): Promise<void>
  /** Deletes published events. */
  forgetPublished(): Promise<void>
}

export function pendingEventRepo(documents: Documents): PendingEventRepo {
  const collection = documents.collection<Stored>({ name: 'pending_events', indexes: [outboxIndex] })
  return {
    ...outboxRepo(collection),
    collection,
    insert: (event) => collection.insertOne({ _id: event.id, ...withOutbox([event]) }),
    forgetPublished: async () => {
      await collection.deleteMany({ outboxPending: false })
    },
  }
}

export function userRepo(documents: Documents): UserRepo {
  const collection = documents.collection<User>({
    name: 'users',
    indexes: [
      { keys: { email: 1 }, unique: true },
      outboxIndex,
      { keys: { revokePending: 1 }, partial: { revokePending: true } },
      { keys: { resetUntil: 1 } },
    ],
  })
  return {
    ...outboxRepo(collection),
    collection,
    addressee: (userId) => collection.findOne({ _id: userId }, { projection: { email: 1, name: 1, role: 1 } }),
    byEmail: (email) => collection.findOne({ email }),
    saveAs: async (by, found, { state, events }) => {
      try {
        const [, { matchedCount }] = await collection.batch([
          // After another write, the upsert would insert an existing id: it fails, and ends the batch before the change.
          { action: 'updateOne', filter: { _id: by._id, version: by.version }, update: { $inc: { version: 1 } }, upsert: true },
          { action: 'updateOne', ...writeWithEvents<User>(found, state, events) },
        ])
        if (matchedCount === 0) throw new AppError('conflict')
      } catch (error) {
        if (AppError.is(error, 'duplicate_key')) throw new AppError('conflict')
        throw error
      }
    },
    withRevokePending: (limit) => collection.find({ revokePending: true }, { sort: { _id: 1 }, limit }),
    clearRevokePending: async (userId, epoch) => {
      await collection.updateOne({ _id: userId, epoch }, { $set: { revokePending: false } })
    },
    forgetResets: async (now) => {
      await collection.updateMany({ resetUntil: { $lte: now } }, { $set: { resets: [], resetUntil: null } })
    },
  }
}

export function sessionRepo(documents: Documents): SessionRepo {
  const collection = documents.collection<Session>({
    name: 'sessions',
    indexes: [outboxIndex, { keys: { userId: 1, _id: -1 } }, { keys: { expiresAt: 1 } }],
  })
  return {
    ...outboxRepo(collection),
    collection,
    insert: (session) => collection.insertOne(session),
    page: (userId, { epoch, at, after, limit }) =>
      collection.find(
        {
          userId,
          'state.status': 'active',
          epoch,
          expiresAt: { $gt: at },
          ...(after === undefined ? {} : { _id: { $lt: after } }),
        },
        { sort: { _id: -1 }, limit },
      ),
    before: (userId, epoch, limit) =>
      collection.find({ userId, 'state.status': 'active', epoch: { $lt: epoch } }, { sort: { _id: 1 }, limit }),
    forgetExpired: async (before) => {
      await collection.deleteMany({ expiresAt: { $lt: before }, outboxPending: false })
    },
  }
}

export function windowRepo(documents: Documents): WindowRepo {
  const collection = documents.collection<Window>({
    name: 'throttle_windows',
    indexes: [{ keys: { expiresAt: 1 } }, outboxIndex],
  })
  const count = async (id: string, limit: number) =>
    (await collection.updateOne({ _id: id, count: { $lt: limit } }, { $inc: { count: 1 } })).matchedCount === 1
  return {
    ...outboxRepo(collection),
    collection,
    // The first attempt of a window inserts it; a concurrent second one updates it.
    take: async (window, limit) =>
      (await count(window._id, limit)) ||
      (await collection.insertIfAbsent({ ...window, ...withOutbox([]), count: 1 })) ||
      (await count(window._id, limit)),
    giveBack: async (id) => {
      await collection.updateOne({ _id: id, count: { $gt: 0 } }, { $inc: { count: -1 } })
    },
    forget: async (id) => {
      await collection.batch([
        { action: 'deleteOne', filter: { _id: id, outboxPending: false } },
        { action: 'updateOne', filter: { _id: id }, update: { $set: { count: 0 } } },
      ])
    },
    version: async (id) => (await collection.findOne({ _id: id }, { projection: { version: 1 } }))?.version,
    recordLockOut: async (id, event) => {
      const { filter, update } = writeWithEvents<Window>({ _id: id, version: 1 }, {}, [event])
      return (await collection.updateOne(filter, update)).matchedCount > 0
    },
    forgetEnded: async (now) => {
      await collection.deleteMany({ expiresAt: { $lte: now }, outboxPending: false })
    },
  }
}

/** The session and the user of an actor, in one round trip; a guest has no user. */
export async function findActing(
  {
    documents,
    sessions,
    users,
  }: {
    documents: Pick<Documents, 'batch'>
    sessions: Pick<SessionRepo, 'collection'>
    users: Pick<UserRepo, 'collection'>
  },
  { sessionId, userId }: Actor,
): Promise<{ session: Session | null; user: User | null }> {
  const [session, user] = await documents.batch([
    sessions.collection.plan({ action: 'findOne', filter: { _id: sessionId } }),
    users.collection.plan({ action: 'findOne', filter: { _id: userId } }),
  ])
  return { session: session.document as Session | null, user: user.document as User | null }
}
