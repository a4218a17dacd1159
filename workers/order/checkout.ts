import type { CartApi, CartSnapshot } from '../../shared/contracts/cart'
import { AppError } from '../../shared/contracts/errors'
import type { Instant, OrderId, UserId } from '../../shared/contracts/ids'
import type { InventoryApi, StockLine } from '../../shared/contracts/inventory'
import { type Currency, type Money, sameMoney } from '../../shared/contracts/money'
import type { ProductApi, Quote } from '../../shared/contracts/product'
import { withOutbox } from '../../shared/events/outbox'
import type { MakeEvent } from '../../shared/events/publish'
import { logger } from '../../shared/runtime/logger'
import type { Planned } from '../../shared/storage/documents'
import { type FinishNeeds, finishOrder } from './finish'
import { type Address, numberLengths, numberOf, type Pending } from './order'
import { currencyOf, type LineChange, type PricedLine, price, sharesOf, totalsOf } from './pricing'
import { createdEvent } from './published-events'
import type { OrderDocument, OrderRepo, Plan, PlanRepo } from './repo'

type Needs = FinishNeeds & {
  orders: Pick<OrderRepo, 'load' | 'ofCart' | 'insertIfAbsent'>
  plans: Pick<PlanRepo, 'load' | 'insertIfAbsent'>
  cart: Pick<CartApi, 'snapshot' | 'refresh'>
  product: Pick<ProductApi, 'quote'>
  inventory: Pick<InventoryApi, 'hold' | 'release'>
  event: MakeEvent<'order'>
}

/** How long the stock of an unpaid order is held. */
const payWithin: Instant = 30 * 60_000

export type Checkout = {
  /** The id the order will have; the same for every attempt under one idempotency key. */
  orderId: OrderId
  /** An attempt under this id broke off before this one. */
  resumed: boolean
  /** Called when the checkout is refused and nothing under its id is left, so that the next attempt may take another id. */
  releaseKeyOnError?(): void
  buyerId: UserId
  email: string | null
  shippingAddress: Address
  /** The total the shopper agreed to; absent when they agree to any. */
  expectedTotal?: Money | undefined
}

/** A placed order, and the writes that record what followed from it. When they are lost, the sweep lets it follow again. */
export type Placed = { order: OrderDocument; writes: Planned[] }

/**
 * Makes the cart an order: quote, hold, one write, then the cart is emptied and the events are sent. A crash at any point leaves
 * either no order and holds that expire, or an order that goes on; an attempt under the same id continues it.
 * @throws AppError `cart_empty`, `cart_changed` (with `changes`, `total`), `out_of_stock` (with `short`), `busy`, `conflict`
 */
export async function placeOrder(deps: Needs, checkout: Checkout): Promise<Placed> {
  const { orderId, resumed } = checkout
  const placed = resumed ? await deps.orders.load(orderId) : null
  if (placed) return { order: placed, writes: await finishOrder(deps, placed) }
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
    // An earlier attempt may hold them.
    if (resumed) held = lines
    const { priced, currency } = await agree(deps, checkout, cart, quotes)
    const payBefore = deps.now() + payWithin
    const answer = await deps.inventory.hold(orderId, lines, payBefore)
    if (!answer.held) throw new AppError('out_of_stock', undefined, { extra: { short: answer.short } })
    held = lines
    const order = await write(deps, checkout, cart, priced, currency, payBefore)
    return { order, writes: await finishOrder(deps, order) }
  } catch (error) {
    // Only a refusal releases holds: after any other error the write may have happened, and the key continues with the same id.
    const refusal = AppError.from(error)
    const isReleased = held.length > 0 && refusal && refusal.status < 500 && (await releaseHolds(deps, orderId, held))
    if (isReleased) checkout.releaseKeyOnError?.()
    throw error
  }
}

/** Writes down what is about to be held. One id holds one set of lines, or a hold could be taken in another quantity. */
async function plan({ plans, now }: Needs, orderId: OrderId, lines: StockLine[], earlier: Plan | null): Promise<void> {
  if (earlier) {
    if (sameLines(earlier.lines, lines)) return
    throw new AppError('cart_changed', 'The cart changed since the first attempt', { extra: { changes: [], total: null } })
  }
  if (await plans.insertIfAbsent({ _id: orderId, lines, createdAt: now() })) return
  const other = await plans.load(orderId)
  if (!other || !sameLines(other.lines, lines)) throw new AppError('conflict')
}

function sameLines(a: readonly StockLine[], b: readonly StockLine[]): boolean {
  const quantities = new Map(a.map(({ variantId, quantity }) => [variantId, quantity]))
  return a.length === b.length && b.every(({ variantId, quantity }) => quantities.get(variantId) === quantity)
}

/** The lines at today's prices, when the shopper has seen those. Otherwise brings the cart up to date and refuses with what changed. */
async function agree(
  deps: Needs,
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

/** Lets the next attempt succeed. It may fail: the refusal names the change either way. */
async function refreshCart({ cart }: Needs, userId: UserId, quotes: Quote[]): Promise<void> {
  try {
    await cart.refresh(userId, quotes)
  } catch (error) {
    logger.warn('cart keeps its old prices', { userId, error })
  }
}

/**
 * The one write that creates the order, with its event. An order that exists already stays as it is.
 * @throws AppError `conflict` when another checkout has made an order of this cart
 */
async function write(
  deps: Needs,
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
    const document = { ...numbered, ...withOutbox([createdEvent(deps.event, numbered)]), finishAt: now, cart }
    if (await deps.orders.insertIfAbsent(document)) return document
    const placed = await deps.orders.load(orderId)
    if (placed) return placed
    if (await deps.orders.ofCart(cart)) throw new AppError('conflict', 'This cart has just been ordered')
  }
  throw new AppError('conflict', 'No number is free for this order')
}

/**
 * Releases the holds of a refused checkout, but not those of an order that another attempt has placed meanwhile. When that order is
 * placed at this very moment, its payment takes the stock again; confirmed holds are never released here. Returns whether it released.
 */
async function releaseHolds({ orders, inventory }: Needs, orderId: OrderId, lines: readonly StockLine[]): Promise<boolean> {
  try {
    if (await orders.load(orderId)) return false
    await inventory.release(orderId, [...lines], 'unconfirmed')
    return true
  } catch (error) {
    logger.warn('holds are left to expire', { orderId, error })
    return false
  }
}
