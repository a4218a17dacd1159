import type { Envelope } from '../../../shared/contracts/events'
import type { Instant, MessageId, UserId } from '../../../shared/contracts/ids'
import type { ProductApi } from '../../../shared/contracts/product'
import type { Documents } from '../../../shared/storage/documents'

/** Something that shows an interest, under an id that is the same in every delivery of its event. */
type Sign = {
  _id: string
  userId: UserId
  category: string
  kind: 'bought' | 'asked'
  quantity: number
  at: Instant
}

/** Since when interests of a user are recorded, and what they erased, which stays erased. */
type Memory = {
  _id: UserId
  /** null until the registration arrives. */
  since: Instant | null
  erasedAt: Instant
  erased: { category: string; at: Instant }[]
}

export type Interest = { category: string; weight: number; bought: number; asked: number; lastAt: Instant }
export type Interests = { since: Instant | null; items: Interest[] }

/** A purchase counts as much as four questions. */
const weights = { bought: 1, asked: 0.25 } as const
/** Milliseconds after which a sign counts half. */
const halfLife: Instant = 30 * 24 * 3_600_000
/** Milliseconds after which a sign no longer counts: it is deleted, and a replay does not record it again. */
export const signsKeptFor: Instant = 365 * 24 * 3_600_000
/** The most signs of a user that count, the newest first. */
const maxSigns = 500

/** The interests that signs add up to, the strongest first. Weights are in 0..1: the more and the newer, the nearer to 1. */
export function interestsOf(signs: readonly Sign[], now: Instant): Interest[] {
  const scores = new Map<string, Interest & { score: number }>()
  for (const { category, kind, quantity, at } of signs) {
    const known = scores.get(category) ?? { category, weight: 0, bought: 0, asked: 0, lastAt: 0, score: 0 }
    known[kind] += quantity
    // Ten of one thing are one purchase.
    known.score += weights[kind] * 2 ** (-Math.max(0, now - at) / halfLife)
    known.lastAt = Math.max(known.lastAt, at)
    scores.set(category, known)
  }
  return [...scores.values()]
    .map(({ score, ...interest }) => ({ ...interest, weight: score / (1 + score) }))
    .sort((a, b) => b.weight - a.weight || (a.category < b.category ? -1 : 1))
}

/** Keeps the signs from after the erasures. */
function notErased(memory: Memory | null): (sign: Sign) => boolean {
  // FerretDB leaves it out while it is empty: the case `an upsert keeps what is null or empty` of the data Worker.
  const endOf = new Map((memory?.erased ?? []).map(({ category, at }) => [category, at]))
  return ({ category, at }) => at > Math.max(memory?.erasedAt ?? 0, endOf.get(category) ?? 0)
}

export type InterestRepo = ReturnType<typeof interestRepo>

export function interestRepo(documents: Documents) {
  const memories = documents.collection<Memory>({ name: 'interests' })
  const signs = documents.collection<Sign>({
    name: 'interest_signs',
    indexes: [{ keys: { userId: 1, at: -1 } }, { keys: { at: 1 } }],
  })
  const fresh = { since: null, erasedAt: 0, erased: [] }
  const present = (userId: UserId) =>
    memories.plan({ action: 'updateOne', filter: { _id: userId }, update: { $setOnInsert: fresh }, upsert: true })

  return {
    /** What is known of a user and not erased. */
    of: async (userId: UserId, now: Instant): Promise<Interests> => {
      const [memory, found] = await documents.batch([
        memories.plan({ action: 'findOne', filter: { _id: userId } }),
        signs.plan({
          action: 'find',
          filter: { userId, at: { $gt: now - signsKeptFor } },
          sort: { at: -1 },
          limit: maxSigns,
        }),
      ])
      const known = memory.document as Memory | null
      return { since: known?.since ?? null, items: interestsOf((found.documents as Sign[]).filter(notErased(known)), now) }
    },

    begin: async (userId: UserId, since: Instant): Promise<void> => {
      await documents.batch([
        present(userId),
        memories.plan({ action: 'updateOne', filter: { _id: userId }, update: { $set: { since } } }),
      ])
    },

    /** Records signs of a user, each once, unless erased. One that arrives at the moment of an erasure is stored, and does not count. */
    record: async (userId: UserId, given: readonly Sign[]): Promise<void> => {
      if (given.length === 0) return
      const isKept = notErased(await memories.findOne({ _id: userId }))
      await signs.insertAbsent(given.filter(isKept))
    },

    /** Erases the signs up to now, of one category or of all. The mark comes first: an older sign that arrives later does not count. */
    erase: async (userId: UserId, category: string | null, now: Instant): Promise<void> => {
      const marking =
        category === null
          ? [{ filter: { _id: userId }, update: { $set: { erasedAt: now, erased: [] } } }]
          : [
              { filter: { _id: userId }, update: { $pull: { erased: { category } } } },
              { filter: { _id: userId }, update: { $push: { erased: { category, at: now } } } },
            ]
      await documents.batch([
        present(userId),
        ...marking.map((mark) => memories.plan({ action: 'updateOne', ...mark })),
        signs.plan({
          action: 'deleteMany',
          filter: { userId, at: { $lte: now }, ...(category === null ? {} : { category }) },
        }),
      ])
    },

    deleteExpired: (now: Instant) => signs.deleteMany({ at: { $lt: now - signsKeptFor } }),
  }
}

type Needs = { interests: InterestRepo; product: Pick<ProductApi, 'describe'>; now: () => Instant }

/** Begins to record the interests of a buyer who registered. */
export async function beginInterests({ data: { userId, role }, time }: Envelope<'user.registered'>, { interests }: Needs) {
  if (role === 'buyer') await interests.begin(userId, Date.parse(time))
}

/** What a user buys shows which categories they like. An order counts once, however often its event is delivered. */
export async function recordPurchase({ data, time }: Envelope<'order.paid'>, { interests, product, now }: Needs): Promise<void> {
  const at = Date.parse(time)
  if (at < now() - signsKeptFor) return
  const { orderId, buyerId: userId, items } = data
  const productIds = [...new Set(items.map(({ productId }) => productId))]
  const quantityOf = (id: string) =>
    items.reduce((total, { productId, quantity }) => (productId === id ? total + quantity : total), 0)
  const described = await product.describe(productIds)
  await interests.record(
    userId,
    described.map(({ productId, category }) => ({
      ...{ _id: `${orderId}:${productId}`, userId, category, at },
      ...{ kind: 'bought' as const, quantity: quantityOf(productId) },
    })),
  )
}

/** The interests that a question shows: the categories of the products that were shown for it. */
export const signsOf = (messageId: MessageId, userId: UserId, categories: readonly string[], at: Instant): Sign[] =>
  [...new Set(categories)].map((category) => ({
    ...{ _id: `${messageId}:${category}`, userId, category, at },
    ...{ kind: 'asked' as const, quantity: 1 },
  }))
