import type { Actor } from '../../shared/contracts/actor'
import type { UserId } from '../../shared/contracts/ids'
import { outboxIndex, type Stored, withOutbox } from '../../shared/events/outbox'
import { type OutboxRepo, outboxRepo } from '../../shared/events/outbox-repo'
import type { Collection, Documents } from '../../shared/storage/documents'
import type { BaseDeps } from '../../shared/worker/base-deps'
import type { Session } from './session'
import type { Window } from './throttle'
import type { User } from './user'

export type Addressee = Pick<User, '_id' | 'email' | 'name' | 'role'>

export type UserRepo = OutboxRepo<User> & {
  collection: Collection<User>
  /** What a mail to a user needs to know of them. */
  addressee(userId: UserId): Promise<Addressee | null>
  /** `email` is trimmed and in lower case. */
  byEmail(email: string): Promise<User | null>
  /** Users with sessions of an earlier epoch that are not marked as revoked. */
  withRevokePending(limit: number): Promise<User[]>
}

export type SessionRepo = OutboxRepo<Session> & {
  collection: Collection<Session>
  /** Active sessions of an epoch, newest first, after the id. */
  page(userId: UserId, live: { epoch: number; at: number; after: string | undefined; limit: number }): Promise<Session[]>
  /** Active sessions from before an epoch. */
  before(userId: UserId, epoch: number, limit: number): Promise<Session[]>
}

export type WindowRepo = {
  collection: Collection<Window>
  /** Counts one more unless `limit` is reached; says whether it did. Of many at once no more than `limit` get true. */
  take(window: Pick<Window, '_id' | 'expiresAt'>, limit: number): Promise<boolean>
  giveBack(id: string): Promise<void>
  /** Counts from zero. What it has still to tell it keeps. */
  forget(id: string): Promise<void>
}

/** An event of no aggregate that no queue took. */
export type Untold = Stored
export const untoldRepo = (documents: Documents): Collection<Untold> =>
  documents.collection<Untold>({ name: 'untold', indexes: [outboxIndex] })

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
    withRevokePending: (limit) => collection.find({ revokePending: true }, { sort: { _id: 1 }, limit }),
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
    collection,
    // The first of a window inserts it; who comes second at that very moment counts on.
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
  }
}

/** An actor's session and their user, in one round trip; of a guest there is no user. */
export async function findActing(
  { documents, sessions, users }: Pick<BaseDeps<'auth'>, 'documents'> & { sessions: SessionRepo; users: UserRepo },
  { sessionId, userId }: Actor,
): Promise<{ session: Session | null; user: User | null }> {
  const [session, user] = await documents.batch([
    sessions.collection.plan({ action: 'findOne', filter: { _id: sessionId } }),
    users.collection.plan({ action: 'findOne', filter: { _id: userId } }),
  ])
  return { session: session.document as Session | null, user: user.document as User | null }
}
