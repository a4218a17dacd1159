import type { CartSnapshot } from '../../shared/contracts/cart'
import { AppError } from '../../shared/contracts/errors'
import type { Instant, OrderId, UserId } from '../../shared/contracts/ids'
import type { StockLine } from '../../shared/contracts/inventory'
import { type Currency, type Money, sameMoney } from '../../shared/contracts/money'
import type { Quote } from '../../shared/contracts/product'
import { withOutbox } from '../../shared/events/outbox'
import { logger } from '../../shared/runtime/logger'
import type { Planned } from '../../shared/storage/documents'
import { announcePlaced } from './announce'
import { stockLines } from './commands'
import type { Deps } from './deps'
import { type Address, numberLengths, numberOf, type Pending } from './order'
import { currencyOf, type LineChange, type PricedLine, price, sharesOf, totalsOf } from './pricing'
import type { OrderDocument, Plan } from './repo'

/** How long the stock of an unpaid order is held. */
const payWithin: Instant = 30 * 60_000
/** When the sweep comes back to an order that it could not settle. */
const settleAgainAfter: Instant = 60_000

export type Checkout = {
  /** The id the order will have; the same for every attempt under one idempotency key. */
  orderId: OrderId
  /** An attempt under this id broke off before this one. */
  resumed: boolean
  /** Called when the checkout is refused and nothing under its id is left, so that the next may begin under another. */
  releaseKeyOnError?(): void
  buyerId: UserId
  email: string | null
  shippingAddress: Address
  /** The total the shopper agreed to; absent when they agree to any. */
  expectedTotal?: Money | undefined
}

/** A placed order, and the writes that note what followed from it. Where they are left undone, the sweep lets it follow again. */
export type Placed = { order: OrderDocument; notes: Planned[] }

/**
 * Makes the cart an order: quote, hold, one write, then the cart is emptied and the others are told. A crash at any point leaves
 * either no order and holds that expire, or an order that goes on; an attempt under the same id continues it.
 * @throws AppError `cart_empty`, `cart_changed` (with `changes`, `total`), `out_of_stock` (with `short`), `busy`, `conflict`
 */
export async function placeOrder(deps: Deps, checkout: Checkout): Promise<Placed> {
  const { orderId, resumed } = checkout
  const placed = resumed ? await deps.orders.load(orderId) : null
  if (placed) return finish(deps, placed)
  const earlier = resumed ? await deps.plans.load(orderId) : null
  let held: readonly StockLine[] = earlier?.lines ?? []
  try {
    const cart = await deps.cart.snapshot(checkout.buyerId)
    if (cart.items.length === 0) throw new AppError('cart_empty')
    const lines = cart.items.map(({ variantId, quantity }) => ({ variantId, quantity }))
    const [quotes] = await Promise.all([
      deps.product.quote(lines.map(({ variantId }) => variantId)),
      plan(deps, orderId, lines, earlier),
    ])
    // Those before this one may hold them.
    if (resumed) held = lines
    const { priced, currency } = await agree(deps, checkout, cart, quotes)
    const payBefore = deps.now() + payWithin
    const answer = await deps.inventory.hold(orderId, lines, payBefore)
    if (!answer.held) throw new AppError('out_of_stock', undefined, { extra: { short: answer.short } })
    held = lines
    return await finish(deps, await write(deps, checkout, cart, priced, currency, payBefore))
  } catch (error) {
    // Only a refusal gives back: after anything else the write may have happened, and the key continues with the same id.
    const refusal = AppError.from(error)
    if (held.length > 0 && refusal && refusal.status < 500 && (await giveBack(deps, orderId, held)))
      checkout.releaseKeyOnError?.()
    throw error
  }
}

/** Writes down what is about to be held. One id holds one set of lines, or a hold could be taken in another quantity. */
async function plan(deps: Deps, orderId: OrderId, lines: StockLine[], earlier: Plan | null): Promise<void> {
  if (earlier) {
    if (sameLines(earlier.lines, lines)) return
    throw new AppError('cart_changed', 'The cart changed since the first attempt', { extra: { changes: [], total: null } })
  }
  if (await deps.plans.insertIfAbsent({ _id: orderId, lines, createdAt: deps.now() })) return
  const other = await deps.plans.load(orderId)
  if (!other || !sameLines(other.lines, lines)) throw new AppError('conflict')
}

function sameLines(a: readonly StockLine[], b: readonly StockLine[]): boolean {
  const quantities = new Map(a.map(({ variantId, quantity }) => [variantId, quantity]))
  return a.length === b.length && b.every(({ variantId, quantity }) => quantities.get(variantId) === quantity)
}

/** The lines at today's prices, once the shopper has seen those; otherwise brings the cart up to date and says what changed. */
async function agree(
  deps: Deps,
  { buyerId, expectedTotal }: Checkout,
  cart: CartSnapshot,
  quotes: Quote[],
): Promise<{ priced: PricedLine[]; currency: Currency }> {
  const { lines: priced, changes } = price(cart.items, quotes)
  const currency = currencyOf(priced)
  const total = currency ? totalsOf(priced, currency).grand : null
  const agreed = expectedTotal === undefined || (total !== null && sameMoney(expectedTotal, total))
  if (changes.length > 0) await refreshCart(deps, buyerId, quotes)
  if (changes.length > 0 || !agreed) throw cartChanged(changes, total)
  if (!currency) throw new AppError('currency_mismatch')
  return { priced, currency }
}

const cartChanged = (changes: LineChange[], total: Money | null): AppError =>
  new AppError('cart_changed', undefined, { extra: { changes, total } })

/** Lets the next attempt succeed. It is a help alone: the shopper is told of the change either way. */
async function refreshCart(deps: Deps, userId: UserId, quotes: Quote[]): Promise<void> {
  try {
    await deps.cart.refresh(userId, quotes)
  } catch (error) {
    logger.warn('cart keeps its old prices', { userId, error })
  }
}

/**
 * The one write that creates the order, with what is to be told of it. An order that is there already stays as it is.
 * @throws AppError `conflict` when another checkout has made an order of this cart
 */
async function write(
  deps: Deps,
  { orderId, buyerId, email, shippingAddress }: Checkout,
  { id: cartId, version }: CartSnapshot,
  items: PricedLine[],
  currency: Currency,
  payBefore: Instant,
): Promise<OrderDocument> {
  const now = deps.now()
  const shares = sharesOf(items, currency)
  const unfulfilled = { carrier: null, trackingNumber: null, shippedAt: null, deliveredAt: null }
  const order: Omit<Pending, 'number'> = {
    ...{ _id: orderId, buyerId, email, shippingAddress, items, payBefore, createdAt: now },
    sellerIds: shares.map(({ sellerId }) => sellerId),
    groups: shares.map((share) => ({ ...share, status: 'pending', ...unfulfilled })),
    totals: totalsOf(items, currency),
    status: 'pending',
    payment: 'pending',
    history: [{ status: 'pending', at: now }],
  }
  const cart = `${cartId}:${version}`
  for (const length of numberLengths) {
    const numbered: Pending = { ...order, number: numberOf(orderId, now, length) }
    const document = { ...numbered, ...withOutbox([announcePlaced(deps.event, numbered)]), settleAt: now, cart }
    if (await deps.orders.insertIfAbsent(document)) return document
    const placed = await deps.orders.load(orderId)
    if (placed) return placed
    if (await deps.orders.ofCart(cart)) throw new AppError('conflict', 'This cart has just been ordered')
  }
  throw new AppError('conflict', 'No number is free for this order')
}

/** What follows from a placed order: the cart is emptied, the others are told. None of it can undo the order. */
async function finish(deps: Deps, order: OrderDocument): Promise<Placed> {
  const isSettled = order.settleAt === null
  const [isEmptied, isTold] = await Promise.all([isSettled || emptyCart(deps, order), tell(deps, order)])
  return { order, notes: isSettled && !isTold ? [] : notes(deps, order, { isEmptied, isTold }) }
}

/**
 * Takes what orders took out of the carts, and puts them on their sellers' lists. What fails is left to the next sweep, which comes to
 * it after those that wait for longer.
 */
export async function settle(deps: Deps, orders: readonly OrderDocument[]): Promise<void> {
  try {
    const emptied = await Promise.all(orders.map((order) => emptyCart(deps, order)))
    const writes = orders.flatMap((order, index) => notes(deps, order, { isEmptied: emptied[index] === true, isTold: false }))
    await deps.documents.batch(writes)
  } catch (error) {
    logger.warn('orders wait for the sweep', { orderIds: orders.map(({ _id }) => _id), error })
  }
}

/** The writes that note what became of an order: its sellers' lists, when to come to it again, what need not be sent again. */
function notes(deps: Deps, order: OrderDocument, { isEmptied, isTold }: { isEmptied: boolean; isTold: boolean }): Planned[] {
  const settleAt = isEmptied ? null : deps.now() + settleAgainAfter
  return [...deps.sellerOrders.enlisting(order), deps.orders.planFinish(order, settleAt, isTold)]
}

/** Sends what the outbox of an order holds. Returns whether there was something, and it was sent. */
async function tell(deps: Deps, { _id, outbox }: OrderDocument): Promise<boolean> {
  if (outbox.length === 0) return false
  try {
    await deps.publish(outbox)
    return true
  } catch (error) {
    logger.warn('the events of an order wait for the sweep', { orderId: _id, error })
    return false
  }
}

/** Whether the cart is rid of what the order took. */
async function emptyCart(deps: Deps, order: OrderDocument): Promise<boolean> {
  try {
    await deps.cart.checkedOut(order.buyerId, order._id, stockLines(order))
    return true
  } catch (error) {
    logger.warn('cart keeps what was ordered', { orderId: order._id, error })
    return false
  }
}

/**
 * Releases the holds of a refused checkout, but not those of an order that another attempt has placed meanwhile; should that
 * order come at this very moment, it takes them again when it is paid, and what is paid is secured. Returns whether it released them.
 */
async function giveBack(deps: Deps, orderId: OrderId, lines: readonly StockLine[]): Promise<boolean> {
  try {
    if (await deps.orders.load(orderId)) return false
    await deps.inventory.release(orderId, [...lines], 'unsecured')
    return true
  } catch (error) {
    logger.warn('holds are left to expire', { orderId, error })
    return false
  }
}
