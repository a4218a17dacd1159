import type { Results } from '../../shared/contracts/data'
import type { EventId, Instant, NotificationId, OrderId, ProductId, UserId, VariantId } from '../../shared/contracts/ids'
import type { Collection, Documents } from '../../shared/storage/documents'
import { type Before, olderThan } from '../../shared/storage/place'
import { type ChosenType, defaultPreferences, type Notification, type Override, type Preferences } from './content/notification'
import type { News, ProductFacts } from './content/product-view'

const newestFirst = { createdAt: -1, _id: -1 } as const

export type InboxRepo = ReturnType<typeof inboxRepo>

export function inboxRepo(documents: Documents) {
  const collection = documents.collection<Notification>({
    name: 'notifications',
    indexes: [
      // One event tells one user one thing once.
      { keys: { eventId: 1, userId: 1, type: 1 }, unique: true },
      { keys: { userId: 1, ...newestFirst } },
    ],
  })
  return {
    /** Refused when one of them is there already; the others are in then. */
    adding: (notifications: readonly Notification[]) =>
      collection.plan({ action: 'insertMany', documents: [...notifications], ordered: false }),
    add: (notifications: readonly Notification[]) => collection.insertAbsent(notifications),
    ofEvent: (eventId: EventId, userIds: readonly UserId[]) => collection.find({ eventId, userId: { $in: [...userIds] } }),
    /** Those of these that are there. */
    those: (ids: readonly NotificationId[]) => collection.find({ _id: { $in: [...ids] } }),
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

/** What those have chosen who have chosen anything. */
export type PreferencesOf = ReadonlyMap<UserId, Preferences>
export type PreferencesRepo = ReturnType<typeof preferencesRepo>

/** As stored: names with dots in them are no field names. */
type StoredPreferences = Omit<Preferences, 'types'> & { _id: UserId; types: ({ type: ChosenType } & Override)[] }

export function preferencesRepo(documents: Documents) {
  const collection = documents.collection<StoredPreferences>({ name: 'preferences' })
  const reading = (userIds: readonly UserId[]) => collection.plan({ action: 'find', filter: { _id: { $in: [...userIds] } } })
  const read = ({ documents }: Results['find']): PreferencesOf =>
    new Map(
      (documents as StoredPreferences[]).map(({ _id, types = [], ...rest }) => [
        _id,
        { ...defaultPreferences, ...rest, types: byType(types) },
      ]),
    )
  return {
    reading,
    read,
    of: async (userIds: readonly UserId[]): Promise<PreferencesOf> => {
      const [found] = await documents.batch([reading(userIds)])
      return read(found)
    },
    save: async (userId: UserId, { types, ...rest }: Preferences) => {
      const listed = Object.entries(types).map(([type, override]) => ({ type, ...override }))
      await collection.updateOne({ _id: userId }, { $set: { ...rest, types: listed } }, { upsert: true })
    },
  }
}

const byType = (types: StoredPreferences['types']): Preferences['types'] =>
  Object.fromEntries(types.map(({ type, ...override }) => [type, override]))

/** What is remembered of an aggregate that another Worker owns. */
type Known = { _id: string; version: number }
export type KnownOrder = Known & { _id: OrderId; number: string; email: string | null }
export type KnownStock = Known & { _id: VariantId }

export type KnownRepo<T extends Known> = ReturnType<typeof knownRepo<T>>

export function knownRepo<T extends Known>(documents: Documents, name: string) {
  const collection = documents.collection<T>({ name })
  return {
    finding: (id: T['_id']) => collection.plan({ action: 'findOne', filter: { _id: id } }),
    found: ({ document }: Results['findOne']) => document as T | null,
    /** Remembers facts unless newer ones are known; neither of the two is ever refused. */
    learning: ({ _id, ...state }: T) =>
      [
        collection.plan({ action: 'updateOne', filter: { _id }, update: { $setOnInsert: state }, upsert: true }),
        collection.plan({ action: 'updateOne', filter: { _id, version: { $lte: state.version } }, update: { $set: state } }),
      ] as const,
    /** Whether the facts are the newest, by the second result; a repetition of the newest is. */
    isNewest: ({ matchedCount }: Results['updateOne']) => matchedCount === 1,
  }
}

/** News on their way; `toldUpTo` is the last watcher who heard them. */
export type PendingNews = News & { toldUpTo: string }

/** A product and the news its watchers have not all heard: facts and news are one write. */
export type KnownProduct = {
  _id: ProductId
  /** 0 while only its stock was heard of. */
  version: number
  facts: ProductFacts | null
  /** By event id. */
  news: Record<string, PendingNews>
  newsPending: boolean
}

export type ProductRepo = Collection<KnownProduct>

export const productRepo = (documents: Documents): ProductRepo =>
  documents.collection<KnownProduct>({
    name: 'products',
    indexes: [{ keys: { newsPending: 1 }, partial: { newsPending: true } }],
  })

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
    /** Those who watch a product, a page at a time, after a user's id. */
    watchers: async (productId: ProductId, after: string, limit: number): Promise<UserId[]> =>
      (await collection.find({ productId, userId: { $gt: after } }, { sort: { userId: 1 }, limit })).map(({ userId }) => userId),
  }
}
