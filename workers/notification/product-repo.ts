import type { Results } from '../../shared/contracts/data'
import type { EventId, ProductId } from '../../shared/contracts/ids'
import type { Documents } from '../../shared/storage/documents'
import type { ProductFacts, ProductNews } from './content/product-view'

/** News that not all watchers have yet; `notifiedUpTo` is the id of the last watcher who has it. */
export type PendingNews = ProductNews & { notifiedUpTo: string }

/** A product and the news that not all of its watchers have: facts and news are one write. */
export type KnownProduct = {
  _id: ProductId
  /** 0 while only an event about its stock has arrived. */
  version: number
  facts: ProductFacts | null
  /** By event id. */
  news: Record<string, PendingNews>
  newsPending: boolean
}

/** News that an event caused. */
export type NewsOfEvent = { eventId: EventId; news: ProductNews }

export type ProductRepo = ReturnType<typeof productRepo>

export function productRepo(documents: Documents) {
  const collection = documents.collection<KnownProduct>({
    name: 'products',
    indexes: [{ keys: { newsPending: 1 }, partial: { newsPending: true } }],
  })
  /** Matches the product while this news is pending. */
  const pending = ({ eventId, news }: NewsOfEvent) => ({ _id: news.productId, [`news.${eventId}.kind`]: news.kind })
  const clearMark = (_id: ProductId) =>
    ({ action: 'updateOne', filter: { _id, news: {} }, update: { $set: { newsPending: false } } }) as const
  return {
    load: (id: ProductId): Promise<KnownProduct | null> => collection.findOne({ _id: id }),
    planFind: (id: ProductId) => collection.plan({ action: 'findOne', filter: { _id: id } }),
    found: ({ document }: Results['findOne']) => document as KnownProduct | null,
    /** Adds a product unless it exists. Returns whether it was added. */
    add: (id: ProductId, version: number, facts: ProductFacts | null): Promise<boolean> =>
      collection.insertIfAbsent({ _id: id, version, facts, news: {}, newsPending: false }),
    /** Replaces the facts of a known version and adds the news; null when the product has another version by now. */
    update: (id: ProductId, known: number, version: number, facts: ProductFacts, added: NewsOfEvent | null) =>
      collection.updateAndFind({ _id: id, version: known }, { $set: { version, facts, ...(added ? newsUpdate(added) : {}) } }),
    addNews: (added: NewsOfEvent) => collection.updateAndFind({ _id: added.news.productId }, { $set: newsUpdate(added) }),
    /** Products with pending news. */
    withPendingNews: (limit: number) => collection.find({ newsPending: true }, { sort: { _id: 1 }, limit }),
    /** Records the last watcher who has the news. */
    recordProgress: (sent: NewsOfEvent, notifiedUpTo: string) =>
      collection.updateOne(pending(sent), { $set: { [`news.${sent.eventId}.notifiedUpTo`]: notifiedUpTo } }),
    /** Removes news that all watchers have. */
    finishNews: async (sent: NewsOfEvent): Promise<void> => {
      const remove = { $unset: { [`news.${sent.eventId}`]: '' } }
      await collection.batch([{ action: 'updateOne', filter: pending(sent), update: remove }, clearMark(sent.news.productId)])
    },
    /** Clears the pending mark of a product without news, where a crash came between the two writes of `finishNews`. */
    clearPending: async (id: ProductId): Promise<void> => {
      await collection.batch([clearMark(id)])
    },
  }
}

/** Adds one piece of news and leaves other news as they are. */
const newsUpdate = ({ eventId, news }: NewsOfEvent) => ({
  [`news.${eventId}`]: { ...news, notifiedUpTo: '' },
  newsPending: true,
})
