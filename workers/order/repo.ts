import { AppError } from '../../shared/contracts/errors'
import type { Instant, OrderId, UserId, VariantId } from '../../shared/contracts/ids'
import { outboxIndex, type Stored } from '../../shared/events/outbox'
import type { Collection, Documents, Planned } from '../../shared/storage/documents'
import { type Before, olderThan } from '../../shared/storage/place'
import type { Order } from './order'
import type { PricedLine, Totals } from './pricing'

/**
 * `settleAt` is when the sweep puts the order on its sellers' lists and takes what it took out of the cart; null once that is done.
 * `cart` is the cart, and the version of it, that the order was made of, such as `crt_01jd…:7`.
 */
export type OrderDocument = Order & Stored & { settleAt: Instant | null; cart: string }

/** That an order has a part of a seller's. Lists of sellers go by these, since an index needs a scalar path. */
export type SellerOrder = { _id: string; sellerId: UserId; orderId: OrderId; createdAt: Instant }

/** What a checkout is about to hold, written before it holds, so that a retry after a crash holds the same or gives it back. */
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

export type OrderRepo = {
  collection: Collection<OrderDocument>
  load(orderId: OrderId): Promise<OrderDocument | null>
  loadAll(orderIds: readonly OrderId[]): Promise<OrderDocument[]>
  ofCart(cart: string): Promise<OrderDocument | null>
  ofBuyer(buyerId: UserId, before: Before, limit: number): Promise<OrderDocument[]>
  /** The order of that number, if it is this buyer's. */
  numbered(buyerId: UserId, number: string): Promise<OrderDocument[]>
  /** Unpaid orders whose time is up, the oldest first. */
  overdue(now: Instant, limit: number): Promise<OrderDocument[]>
  /** Orders that are to be settled by now, those that wait for the longest first. */
  unsettled(now: Instant, limit: number): Promise<OrderDocument[]>
}

export type SellerOrderRepo = {
  /** The writes that put an order on the lists of its sellers; again they change nothing. */
  enlisting(order: OrderDocument): Planned[]
  page(sellerId: UserId, before: Before, limit: number): Promise<SellerOrder[]>
}

export type QuoteRepo = {
  collection: Collection<CartQuote>
  load(userId: UserId): Promise<CartQuote | null>
  /** Keeps a quote unless there is one of a newer version of the cart. */
  keep(quote: CartQuote): Promise<void>
}

const newestFirst = { createdAt: -1, _id: -1 } as const

export function orderRepo(documents: Documents): OrderRepo {
  const collection = documents.collection<OrderDocument>({
    name: 'orders',
    indexes: [
      outboxIndex,
      { keys: { number: 1 }, unique: true },
      // A cart is ordered once: of two devices that check out at the same time, one is refused.
      { keys: { cart: 1 }, unique: true, partial: { cart: { $exists: true } } },
      { keys: { buyerId: 1, ...newestFirst } },
      { keys: { status: 1, payBefore: 1 } },
      { keys: { settleAt: 1 } },
    ],
  })
  return {
    collection,
    load: (orderId) => collection.findOne({ _id: orderId }),
    loadAll: (orderIds) => collection.find({ _id: { $in: [...orderIds] } }),
    ofCart: (cart) => collection.findOne({ cart }),
    ofBuyer: (buyerId, before, limit) => collection.find({ buyerId, ...olderThan(before) }, { sort: newestFirst, limit }),
    numbered: (buyerId, number) => collection.find({ number, buyerId }, { limit: 1 }),
    overdue: (now, limit) => collection.find({ status: 'pending', payBefore: { $lte: now } }, { sort: { payBefore: 1 }, limit }),
    unsettled: (now, limit) => collection.find({ settleAt: { $lte: now } }, { sort: { settleAt: 1 }, limit }),
  }
}

export function sellerOrderRepo(documents: Documents): SellerOrderRepo {
  const collection = documents.collection<SellerOrder>({
    name: 'seller_orders',
    indexes: [{ keys: { sellerId: 1, ...newestFirst } }],
  })
  return {
    enlisting: ({ _id: orderId, sellerIds, createdAt }) =>
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

export const planRepo = (documents: Documents): Collection<Plan> =>
  documents.collection<Plan>({ name: 'plans', indexes: [{ keys: { createdAt: 1 } }] })

export function quoteRepo(documents: Documents): QuoteRepo {
  const collection = documents.collection<CartQuote>({ name: 'quotes', indexes: [{ keys: { checkedAt: 1 } }] })
  return {
    collection,
    load: (userId) => collection.findOne({ _id: userId }),
    keep: async (quote) => {
      const { _id, ...rest } = quote
      try {
        await collection.updateOne({ _id, cartVersion: { $lte: quote.cartVersion } }, { $set: rest }, { upsert: true })
      } catch (error) {
        // The filter passes over a newer quote, which then stands in the way of the insert.
        if (!AppError.is(error, 'duplicate_key')) throw error
      }
    },
  }
}
