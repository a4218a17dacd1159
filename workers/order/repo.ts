import { AppError } from '../../shared/contracts/errors'
import type { Instant, OrderId, UserId, VariantId } from '../../shared/contracts/ids'
import { outboxIndex, type Stored, writeWithEvents } from '../../shared/events/outbox'
import { type Decision, type OutboxRepo, outboxRepo } from '../../shared/events/outbox-repo'
import type { Publish } from '../../shared/events/publish'
import type { Documents, Planned } from '../../shared/storage/documents'
import { type Before, olderThan } from '../../shared/storage/place'
import type { Order } from './order'
import type { PricedLine, Totals } from './pricing'

/**
 * `finishAt` is when the sweep puts the order on its sellers' lists and empties the cart; null once that is done. `cart` names the
 * cart and its version that became the order, such as `crt_01jd…:7`.
 */
export type OrderDocument = Order & Stored & { finishAt: Instant | null; cart: string }

/** Says that a seller has a part in an order. Sellers' lists are read from these, since an index needs a scalar path. */
export type SellerOrder = { _id: string; sellerId: UserId; orderId: OrderId; createdAt: Instant }

/** What a checkout is about to hold, written before it holds, so that a retry after a crash holds the same or releases it. */
export type Plan = { _id: OrderId; lines: { variantId: VariantId; quantity: number }[]; createdAt: Instant }

export type Problem =
  | { problem: 'price' | 'gone'; variantId: VariantId; was: PricedLine['unitPrice']; now: PricedLine['unitPrice'] | null }
  | { problem: 'short'; variantId: VariantId; asked: number; available: number }

/** The checked quote of one version of a shopper's cart. */
export type CartQuote = {
  _id: UserId
  cartVersion: number
  lines: PricedLine[]
  totals: Totals | null
  problems: Problem[]
  checkedAt: Instant
}

export type OrderRepo = OutboxRepo<OrderDocument> & {
  /** Saves several in one round trip and sends their events. One that another writer changed meanwhile stays as it is. */
  saveAll(decided: readonly { order: OrderDocument; decision: Decision<OrderDocument> }[], publish: Publish): Promise<void>
  /** The write that says when the sweep finishes an order, and empties its outbox when `sent`, unless another writer was first. */
  planFinish(order: OrderDocument, finishAt: Instant | null, sent: boolean): Planned
  loadAll(orderIds: readonly OrderId[]): Promise<OrderDocument[]>
  ofCart(cart: string): Promise<OrderDocument | null>
  ofBuyer(buyerId: UserId, before: Before, limit: number): Promise<OrderDocument[]>
  /** The order with that number, when it belongs to this buyer. */
  numbered(buyerId: UserId, number: string): Promise<OrderDocument[]>
  /** Unpaid orders whose time is up, oldest first. */
  overdue(now: Instant, limit: number): Promise<OrderDocument[]>
  /** Orders that the sweep must finish by now, those that wait the longest first. */
  unfinished(now: Instant, limit: number): Promise<OrderDocument[]>
}

export type SellerOrderRepo = {
  /** The writes that put an order on the lists of its sellers. They change nothing when they are repeated. */
  planListing(order: OrderDocument): Planned[]
  page(sellerId: UserId, before: Before, limit: number): Promise<SellerOrder[]>
}

export type PlanRepo = {
  load(orderId: OrderId): Promise<Plan | null>
  insertIfAbsent(plan: Plan): Promise<boolean>
  deleteBefore(createdAt: Instant): Promise<void>
}

export type QuoteRepo = {
  load(userId: UserId): Promise<CartQuote | null>
  /** Keeps a quote unless there is one of a newer version of the cart. */
  keep(quote: CartQuote): Promise<void>
  deleteBefore(checkedAt: Instant): Promise<void>
}

const newestFirst = { createdAt: -1, _id: -1 } as const

export function orderRepo(documents: Documents): OrderRepo {
  const collection = documents.collection<OrderDocument>({
    name: 'orders',
    indexes: [
      outboxIndex,
      { keys: { number: 1 }, unique: true },
      // A cart is ordered once: when two devices check out at the same time, one is refused.
      { keys: { cart: 1 }, unique: true, partial: { cart: { $exists: true } } },
      { keys: { buyerId: 1, ...newestFirst } },
      { keys: { status: 1, payBefore: 1 } },
      { keys: { finishAt: 1 } },
    ],
  })
  const verbs = outboxRepo(collection)
  return {
    ...verbs,
    saveAll: async (decided, publish) => {
      const results = await collection.batch(
        decided.map(({ order, decision: { state, events } }) => ({
          action: 'updateOne' as const,
          ...writeWithEvents<OrderDocument>(order, state, events),
        })),
      )
      const saved = decided.filter((_each, index) => results[index]?.matchedCount === 1)
      await verbs.flush(
        saved.map(({ order, decision }) => ({ _id: order._id, outbox: decision.events })),
        publish,
      )
    },
    planFinish: ({ _id, version }, finishAt, sent) =>
      collection.plan({
        action: 'updateOne',
        // Under the same version the outbox holds no more than what was sent.
        filter: sent ? { _id, version } : { _id },
        update: { $set: { finishAt, ...(sent ? { outbox: [], outboxPending: false } : {}) } },
      }),
    loadAll: (orderIds) => collection.find({ _id: { $in: [...orderIds] } }),
    ofCart: (cart) => collection.findOne({ cart }),
    ofBuyer: (buyerId, before, limit) => collection.find({ buyerId, ...olderThan(before) }, { sort: newestFirst, limit }),
    numbered: (buyerId, number) => collection.find({ number, buyerId }, { limit: 1 }),
    overdue: (now, limit) => collection.find({ status: 'pending', payBefore: { $lte: now } }, { sort: { payBefore: 1 }, limit }),
    unfinished: (now, limit) => collection.find({ finishAt: { $lte: now } }, { sort: { finishAt: 1 }, limit }),
  }
}

export function sellerOrderRepo(documents: Documents): SellerOrderRepo {
  const collection = documents.collection<SellerOrder>({
    name: 'seller_orders',
    indexes: [{ keys: { sellerId: 1, ...newestFirst } }],
  })
  return {
    planListing: ({ _id: orderId, sellerIds, createdAt }) =>
      sellerIds.map((sellerId) =>
        collection.plan({
          action: 'updateOne',
          filter: { _id: `${orderId}:${sellerId}` },
          update: { $setOnInsert: { sellerId, orderId, createdAt } },
          upsert: true,
        }),
      ),
    page: (sellerId, before, limit) => collection.find({ sellerId, ...olderThan(before) }, { sort: newestFirst, limit }),
  }
}

export function planRepo(documents: Documents): PlanRepo {
  const collection = documents.collection<Plan>({ name: 'plans', indexes: [{ keys: { createdAt: 1 } }] })
  return {
    load: (orderId) => collection.findOne({ _id: orderId }),
    insertIfAbsent: (plan) => collection.insertIfAbsent(plan),
    deleteBefore: async (createdAt) => {
      await collection.deleteMany({ createdAt: { $lt: createdAt } })
    },
  }
}

export function quoteRepo(documents: Documents): QuoteRepo {
  const collection = documents.collection<CartQuote>({ name: 'quotes', indexes: [{ keys: { checkedAt: 1 } }] })
  return {
    load: (userId) => collection.findOne({ _id: userId }),
    keep: async (quote) => {
      const { _id, ...rest } = quote
      try {
        await collection.updateOne({ _id, cartVersion: { $lte: quote.cartVersion } }, { $set: rest }, { upsert: true })
      } catch (error) {
        // The filter does not match a newer quote, so the upsert tries to insert and meets that quote's id.
        if (!AppError.is(error, 'duplicate_key')) throw error
      }
    },
    deleteBefore: async (checkedAt) => {
      await collection.deleteMany({ checkedAt: { $lt: checkedAt } })
    },
  }
}
