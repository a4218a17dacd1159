import type { Update } from '../../shared/contracts/data'
import type { Availability } from '../../shared/contracts/facts'
import type { Id, Instant, OrderId, ProductId, UserId, VariantId } from '../../shared/contracts/ids'
import type { HoldAnswer, Level, StockLine } from '../../shared/contracts/inventory'
import type { Stored, Write } from '../../shared/events/outbox'

/** Units set aside for an order; it expires unless the order is in `confirmed`. */
export type Hold = { orderId: OrderId; quantity: number; expiresAt: Instant }

export type MovementKind = 'open' | 'set' | 'hold' | 'release' | 'expire' | 'commit' | 'restock'

/** One change of stock, append-only. When an order causes it, its id is made of the order and the kind, so it exists once. */
export type Movement = {
  _id: string
  variantId: VariantId
  sellerId: UserId | null
  kind: MovementKind
  /** Units moved; for `set` the change of what is on hand, which may be negative. */
  quantity: number
  orderId: OrderId | null
  actorId: UserId | null
  reason: string | null
  at: Instant
}

/**
 * The stock of one variant. `available + held + sold` moves only by a recorded `open`, `set` or `restock`; what is physically
 * there is `available + held`. Orders change it by conditional writes alone, never by load and save.
 */
export type Stock = Stored & {
  _id: VariantId
  productId: ProductId
  sellerId: UserId
  available: number
  held: number
  sold: number
  /** How often the stock was counted: of two counts at once, the second fails and is made again. */
  counts: number
  lowStockThreshold: number
  holds: Hold[]
  /** The number of holds: a filter can compare a number, but not the length of a list. */
  openHolds: number
  /** Paid orders, whose holds no longer expire. */
  confirmed: OrderId[]
  /** Paid orders whose units came back recently, so that they come back once; `movements` has the earlier ones. */
  returned: { orderId: OrderId; at: Instant }[]
  /** The availability in the last published event. */
  publishedAvailability: Availability
  /** Movements not yet in their own collection. */
  journal: Movement[]
}

/** A stock without what it keeps for single orders, which may be a thousand holds. */
export type StockSummary = Omit<Stock, 'holds' | 'confirmed' | 'returned'>

/** A conditional write of one stock. */
export type StockWrite = Write & { filter: { _id: VariantId } }

/** The most open holds one variant carries. */
export const maxHolds = 1_000
const defaultLowStockThreshold = 5

export const availabilityOf = ({ available, lowStockThreshold }: Pick<Stock, 'available' | 'lowStockThreshold'>): Availability =>
  available <= 0 ? 'out' : available <= lowStockThreshold ? 'low' : 'in'

export const levelOf = (stock: StockSummary): Level => ({
  variantId: stock._id,
  available: stock.available,
  availability: availabilityOf(stock),
})

/** An update with what every write adds: the next version, a movement in the journal, and a flag for the sweep. */
function moving(
  movement: Movement,
  change: { inc: Partial<Record<'available' | 'held' | 'sold' | 'openHolds' | 'counts', number>>; push?: Update; pull?: Update },
): Update {
  return {
    $inc: { ...change.inc, version: 1 },
    $push: { journal: movement, ...change.push },
    ...(change.pull ? { $pull: change.pull } : {}),
    $set: { outboxPending: true },
  }
}

/** The movement that an order causes in a variant. */
export const movementOf = (kind: MovementKind, orderId: OrderId, { variantId, quantity }: StockLine, at: Instant): Movement => ({
  _id: `${orderId}:${variantId}:${kind}`,
  variantId,
  sellerId: null,
  kind,
  quantity,
  orderId,
  actorId: null,
  reason: null,
  at,
})

/**
 * Never oversold: the write takes the units only while there are enough, and only once per order. A paid order that gave its units
 * back takes none: the event of its payment may be delivered once more after that, and then the event of its sale.
 */
export const holdWrite = (orderId: OrderId, line: StockLine, expiresAt: Instant, now: Instant): StockWrite => ({
  filter: {
    _id: line.variantId,
    available: { $gte: line.quantity },
    'holds.orderId': { $ne: orderId },
    'returned.orderId': { $ne: orderId },
    openHolds: { $lt: maxHolds },
  },
  update: moving(
    // An order may hold again after its hold expired, so the instant is part of the id.
    { ...movementOf('hold', orderId, line, now), _id: `${orderId}:${line.variantId}:hold:${now}` },
    {
      inc: { available: -line.quantity, held: line.quantity, openHolds: 1 },
      push: { holds: { orderId, quantity: line.quantity, expiresAt } },
    },
  ),
})

/** From now on the hold does not expire. The version stays, since no level moves: a writer that publishes one is not disturbed. */
export const confirmWrite = (orderId: OrderId, { variantId, quantity }: StockLine): StockWrite => ({
  filter: { _id: variantId, holds: { $elemMatch: { orderId, quantity } } },
  update: { $addToSet: { confirmed: orderId } },
})

/** Which holds a release takes: any, only an unconfirmed one, or only an unconfirmed one that expired by then. */
export type Releasable = 'any' | 'unconfirmed' | { expiredBy: Instant }

/** Releases a hold. */
export function releaseWrite(orderId: OrderId, line: StockLine, now: Instant, which: Releasable): StockWrite {
  const expiredBy = typeof which === 'object' ? which.expiredBy : undefined
  const kind = expiredBy === undefined ? 'release' : 'expire'
  return {
    filter: {
      _id: line.variantId,
      holds: {
        $elemMatch: { orderId, quantity: line.quantity, ...(expiredBy === undefined ? {} : { expiresAt: { $lte: expiredBy } }) },
      },
      ...(which === 'any' ? {} : { confirmed: { $ne: orderId } }),
    },
    update: moving(
      { ...movementOf(kind, orderId, line, now), _id: `${orderId}:${line.variantId}:${kind}:${now}` },
      {
        inc: { available: line.quantity, held: -line.quantity, openHolds: -1 },
        pull: { holds: { orderId }, confirmed: orderId },
      },
    ),
  }
}

/** Turns a hold into a sale. */
export const commitWrite = (orderId: OrderId, line: StockLine, now: Instant): StockWrite => ({
  filter: { _id: line.variantId, holds: { $elemMatch: { orderId, quantity: line.quantity } } },
  update: moving(movementOf('commit', orderId, line, now), {
    inc: { held: -line.quantity, sold: line.quantity, openHolds: -1 },
    pull: { holds: { orderId }, confirmed: orderId },
  }),
})

/** Releases the hold of a paid order and remembers that, so that a late commit or return finds nothing to do. */
export function returnHoldWrite(orderId: OrderId, line: StockLine, now: Instant): StockWrite {
  const { filter, update } = releaseWrite(orderId, line, now, 'any')
  return { filter, update: { ...update, $push: { ...update.$push, returned: { orderId, at: now } } } }
}

/** Makes the sold units of a canceled order available again, once. */
export const restockWrite = (orderId: OrderId, line: StockLine, now: Instant): StockWrite => ({
  filter: { _id: line.variantId, 'returned.orderId': { $ne: orderId }, sold: { $gte: line.quantity } },
  update: moving(movementOf('restock', orderId, line, now), {
    inc: { available: line.quantity, sold: -line.quantity },
    push: { returned: { orderId, at: now } },
  }),
})

/**
 * Sets what is physically there to `onHand`, held units included. Holds and releases in between do not change that number, so they do
 * not conflict; a sale, a return or another count conflicts, and so does a hold of units that would no longer be there.
 */
export function countWrite(
  stock: StockSummary,
  onHand: number,
  by: Pick<Movement, '_id' | 'actorId' | 'reason' | 'at'>,
): StockWrite {
  const { _id: variantId, sellerId, available, held, sold, counts } = stock
  const quantity = onHand - available - held
  return {
    filter: { _id: variantId, sold, counts, available: { $gte: -quantity } },
    update: moving(
      { ...by, variantId, sellerId, kind: 'set', quantity, orderId: null },
      { inc: { available: quantity, counts: 1 } },
    ),
  }
}

/** The answer when a hold could not be taken. */
export const shortage = (lines: readonly StockLine[], found: readonly Stock[]): Extract<HoldAnswer, { held: false }> => ({
  held: false,
  short: lines.map(({ variantId, quantity }) => ({
    variantId,
    asked: quantity,
    available: found.find((stock) => stock._id === variantId)?.available ?? 0,
  })),
})

/** A new stock document's state. */
export const opened = (
  { variantId, productId, sellerId, onHand }: { variantId: VariantId; productId: ProductId; sellerId: UserId; onHand: number },
  movementId: Id<'mov'>,
  at: Instant,
): Omit<Stock, keyof Stored> & { _id: VariantId } => {
  const level = { available: onHand, lowStockThreshold: defaultLowStockThreshold }
  return {
    _id: variantId,
    productId,
    sellerId,
    ...level,
    ...{ held: 0, sold: 0, counts: 0 },
    holds: [],
    openHolds: 0,
    confirmed: [],
    returned: [],
    // Product gets the first level as an answer, so there is nothing to publish yet.
    publishedAvailability: availabilityOf(level),
    journal: [
      {
        _id: movementId,
        variantId,
        sellerId,
        kind: 'open',
        quantity: onHand,
        orderId: null,
        actorId: sellerId,
        reason: null,
        at,
      },
    ],
  }
}
