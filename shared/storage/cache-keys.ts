import type { WorkerName } from '../contracts/events'
import type { ProductId, VariantId } from '../contracts/ids'

/** One kind of key in Redis. */
type Kind<Name extends unknown[]> = {
  of: (...name: Name) => string
  /** What Redis keeps there. */
  type: 'string' | 'hash' | 'set'
  /** Seconds after which Redis forgets it. */
  seconds: number
  writtenBy: WorkerName
  /** What makes it stale, and which Worker invalidates it. */
  invalidatedBy: string
}

const kind = <Name extends unknown[]>(entry: Kind<Name>): Kind<Name> => entry

/**
 * Everything that the Workers keep in Redis; all of it may be lost at any time. A version token names a state of what a cache entry
 * shows (see read-through.ts); the Worker that changes that state sets a new one.
 */
export const cacheKeys = {
  /** Fields: version token -> a product as its clients get it. */
  product: kind({
    of: (productId: ProductId) => `product:${productId}`,
    ...{ type: 'hash', seconds: 600, writtenBy: 'product', invalidatedBy: 'product, by productVersionToken after each write' },
  }),
  /** The version token of one product. */
  productVersionToken: kind({
    of: (productId: ProductId) => `product:version:${productId}`,
    ...{ type: 'string', seconds: 3_600, writtenBy: 'product', invalidatedBy: 'product, after each write and stock.changed' },
  }),
  /** Fields: version token -> the first page of a query. */
  cataloguePage: kind({
    of: (question: object) => `product:catalogue:${JSON.stringify(question)}`,
    ...{ type: 'hash', seconds: 600, writtenBy: 'product', invalidatedBy: 'product, by catalogueVersionToken after each write' },
  }),
  /** The version token of all first pages: any product may be on any page. */
  catalogueVersionToken: kind({
    of: () => 'product:version:catalogue',
    ...{ type: 'string', seconds: 3_600, writtenBy: 'product', invalidatedBy: 'product, after each write and stock.changed' },
  }),
  /** The product that a variant belongs to, for the time when the database is down. */
  productOfVariant: kind({
    of: (variantId: VariantId) => `product:of:${variantId}`,
    ...{ type: 'string', seconds: 600, writtenBy: 'product', invalidatedBy: 'nothing: a variant never moves' },
  }),
  /** Members: the users who have the product in their cart. */
  cartIndex: kind({
    of: (productId: ProductId) => `cart:index:${productId}`,
    ...{
      type: 'set',
      seconds: 3 * 3_600,
      writtenBy: 'cart',
      invalidatedBy: 'cart, when a cart that gets an event no longer contains it',
    },
  }),
} as const satisfies Record<string, Kind<never>>

/** Seconds of life, up to a tenth more or less, so that what was stored together does not expire together. */
export const jittered = (seconds: number, random: () => number): number =>
  Math.max(1, Math.round(seconds * (0.9 + random() * 0.2)))
