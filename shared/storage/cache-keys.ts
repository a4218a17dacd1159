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
  /** When what is there stops being true, and who sees to it that nobody believes it any longer. */
  invalidatedBy: string
}

const kind = <Name extends unknown[]>(entry: Kind<Name>): Kind<Name> => entry

/**
 * Everything that the Workers keep in Redis, all of which may be lost at any time. A stamp names a state of what a shelf shows
 * (see shelf.ts); whoever changes that sets a new one.
 */
export const cacheKeys = {
  /** Fields: stamp -> a product as its clients get it. */
  product: kind({
    of: (productId: ProductId) => `product:${productId}`,
    ...{ type: 'hash', seconds: 600, writtenBy: 'product', invalidatedBy: 'product, by productStamp after each write' },
  }),
  /** The stamp of one product. */
  productVersionToken: kind({
    of: (productId: ProductId) => `product:stamp:${productId}`,
    ...{ type: 'string', seconds: 3_600, writtenBy: 'product', invalidatedBy: 'product, after each write and stock.changed' },
  }),
  /** Fields: stamp -> the first page that answers a question. */
  cataloguePage: kind({
    of: (question: object) => `product:catalogue:${JSON.stringify(question)}`,
    ...{ type: 'hash', seconds: 600, writtenBy: 'product', invalidatedBy: 'product, by catalogueStamp after each write' },
  }),
  /** The stamp of all first pages: any product may be on any. */
  catalogueVersionToken: kind({
    of: () => 'product:stamp:catalogue',
    ...{ type: 'string', seconds: 3_600, writtenBy: 'product', invalidatedBy: 'product, after each write and stock.changed' },
  }),
  /** The product that a variant belongs to, for the time when the database is down. */
  productOfVariant: kind({
    of: (variantId: VariantId) => `product:of:${variantId}`,
    ...{ type: 'string', seconds: 600, writtenBy: 'product', invalidatedBy: 'nobody: a variant never moves' },
  }),
  /** Members: the users who have the product in their cart. */
  cartIndex: kind({
    of: (productId: ProductId) => `cart:index:${productId}`,
    ...{ type: 'set', seconds: 3 * 3_600, writtenBy: 'cart', invalidatedBy: 'cart, when a cart that is told no longer holds it' },
  }),
} as const satisfies Record<string, Kind<never>>

/** Seconds of life, up to a tenth more or less, so that what was stored together does not expire together. */
export const jittered = (seconds: number, random: () => number): number =>
  Math.max(1, Math.round(seconds * (0.9 + random() * 0.2)))
