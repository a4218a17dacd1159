import type { Results } from '../../shared/contracts/data'
import type { EventId, Instant, NotificationId, OrderId, ProductId, UserId, VariantId } from '../../shared/contracts/ids'
import type { Documents } from '../../shared/storage/documents'
import { type Before, olderThan } from '../../shared/storage/place'
import { type ChosenType, defaultPreferences, type Notification, type Override, type Preferences } from './content/notification'

const newestFirst = { createdAt: -1, _id: -1 } as const

export type InboxRepo = ReturnType<typeof inboxRepo>

export function inboxRepo(documents: Documents) {
  const collection = documents.collection<Notification>({
    name: 'notifications',
    indexes: [
      // An event causes one notification of a type per user, once.
      { keys: { eventId: 1, userId: 1, type: 1 }, unique: true },
      { keys: { userId: 1, ...newestFirst } },
    ],
  })
  return {
    /** Refused when one of them exists already; the others are added all the same. */
    planAdd: (notifications: readonly Notification[]) =>
      collection.plan({ action: 'insertMany', documents: [...notifications], ordered: false }),
    add: (notifications: readonly Notification[]) => collection.insertAbsent(notifications),
    ofEvent: (eventId: EventId, userIds: readonly UserId[]) => collection.find({ eventId, userId: { $in: [...userIds] } }),
    /** Those of these ids that exist. */
    withIds: (ids: readonly NotificationId[]) => collection.find({ _id: { $in: [...ids] } }),
    page: (userId: UserId, unread: boolean, before: Before, limit: number) => {
      const filter = { userId, ...(unread ? { readAt: null } : {}), ...olderThan(before) }
      return collection.find(filter, { sort: newestFirst, limit })
    },
    markRead: async (userId: UserId, id: NotificationId, at: Instant) => {
      await collection.updateOne({ _id: id, userId, readAt: null }, { $set: { readAt: at } })
      return collection.findOne({ _id: id, userId })
    },
  }
}

/** The preferences of those users who chose any. */
export type PreferencesOf = ReadonlyMap<UserId, Preferences>
export type PreferencesRepo = ReturnType<typeof preferencesRepo>

/** As stored: a type has a dot in its name, which a field name cannot have. */
type StoredPreferences = Omit<Preferences, 'types'> & { _id: UserId; types: ({ type: ChosenType } & Override)[] }

export function preferencesRepo(documents: Documents) {
  const collection = documents.collection<StoredPreferences>({ name: 'preferences' })
  const planFind = (userIds: readonly UserId[]) => collection.plan({ action: 'find', filter: { _id: { $in: [...userIds] } } })
  const found = ({ documents }: Results['find']): PreferencesOf =>
    new Map(
      (documents as StoredPreferences[]).map(({ _id, types = [], ...rest }) => [
        _id,
        { ...defaultPreferences, ...rest, types: byType(types) },
      ]),
    )
  return {
    planFind,
    found,
    of: async (userIds: readonly UserId[]): Promise<PreferencesOf> => {
      const [result] = await documents.batch([planFind(userIds)])
      return found(result)
    },
    save: async (userId: UserId, { types, ...rest }: Preferences) => {
      const listed = Object.entries(types).map(([type, override]) => ({ type, ...override }))
      await collection.updateOne({ _id: userId }, { $set: { ...rest, types: listed } }, { upsert: true })
    },
  }
}

const byType = (types: StoredPreferences['types']): Preferences['types'] =>
  Object.fromEntries(types.map(({ type, ...override }) => [type, override]))

/** What is known of an aggregate that another Worker owns. */
type Known = { _id: string; version: number }
export type KnownOrder = Known & { _id: OrderId; number: string; email: string | null }
export type KnownStock = Known & { _id: VariantId }

export type KnownRepo<T extends Known> = ReturnType<typeof knownRepo<T>>

export function knownRepo<T extends Known>(documents: Documents, name: string) {
  const collection = documents.collection<T>({ name })
  return {
    planFind: (id: T['_id']) => collection.plan({ action: 'findOne', filter: { _id: id } }),
    found: ({ document }: Results['findOne']) => document as T | null,
    /** Stores facts unless newer ones are known; neither of the two is ever refused. */
    planApply: ({ _id, ...state }: T) =>
      [
        collection.plan({ action: 'updateOne', filter: { _id }, update: { $setOnInsert: state }, upsert: true }),
        collection.plan({ action: 'updateOne', filter: { _id, version: { $lte: state.version } }, update: { $set: state } }),
      ] as const,
    /** Whether the facts are the newest, by the second result; a repetition of the newest ones is. */
    isNewest: ({ matchedCount }: Results['updateOne']) => matchedCount === 1,
  }
}

export type Watch = { _id: `${UserId}:${ProductId}`; userId: UserId; productId: ProductId; createdAt: Instant }
export type WatchRepo = ReturnType<typeof watchRepo>

export function watchRepo(documents: Documents) {
  const collection = documents.collection<Watch>({
    name: 'watches',
    indexes: [{ keys: { productId: 1, userId: 1 } }, { keys: { userId: 1 } }],
  })
  return {
    add: (userId: UserId, productId: ProductId, createdAt: Instant) =>
      collection.insertIfAbsent({ _id: `${userId}:${productId}`, userId, productId, createdAt }),
    remove: (userId: UserId, productId: ProductId) => collection.deleteOne({ _id: `${userId}:${productId}` }),
    ofUser: (userId: UserId, limit: number) => collection.find({ userId }, { limit }),
    /** Users who watch a product, a page at a time, after a user id. */
    watchers: async (productId: ProductId, after: string, limit: number): Promise<UserId[]> =>
      (await collection.find({ productId, userId: { $gt: after } }, { sort: { userId: 1 }, limit })).map(({ userId }) => userId),
  }
}
