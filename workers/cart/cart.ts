import type { CartSnapshot } from '../../shared/contracts/cart'
import { AppError } from '../../shared/contracts/errors'
import type { Availability, CartLineFacts } from '../../shared/contracts/facts'
import type { CartId, ProductId, UserId, VariantId } from '../../shared/contracts/ids'
import type { Level } from '../../shared/contracts/inventory'
import { type Currency, type Money, multiply, sum } from '../../shared/contracts/money'
import type { Quote } from '../../shared/contracts/product'

/** The most pieces of one variant, and the most variants, that a cart holds. */
export const maxQuantity = 99
export const maxLines = 100
/** A variant that is `in` has more pieces than this: at the threshold, which inventory sets at 5, it becomes `low`. */
export const fewPieces = 5

/** One variant in a cart, with its last known price and stock. */
export type Line = {
  variantId: VariantId
  productId: ProductId
  sellerId: UserId
  title: string
  unitPrice: Money
  quantity: number
  availability: Availability
  /** False when the variant is archived, a draft again, or priced in another currency than the cart's. */
  sold: boolean
  /** The newest versions applied, so that a late message changes nothing; 0 before the first. */
  productVersion: number
  stockVersion: number
}

/** A shopper's cart, lines in the order of adding. All lines are in the currency of the first. */
export type Cart = { id: CartId; userId: UserId; version: number; lines: readonly Line[] }

/** A quote of a variant that is on sale. */
export type Offer = Extract<Quote, { status: 'active' }>

/** The level of a variant; `not_asked` before inventory was asked, null when it did not answer. */
export type StockReading = Level | 'not_asked' | null

export type Command =
  | { type: 'add'; offer: Offer; stock: StockReading; quantity: number }
  | { type: 'set_quantity'; variantId: VariantId; quantity: number; stock: StockReading }
  | { type: 'remove'; variantId: VariantId }
  | { type: 'clear' }
  /** An order was made of these. */
  | { type: 'check_out'; lines: readonly { variantId: string; quantity: number }[] }
  /** The lines of a guest's cart arrive. */
  | { type: 'merge_in'; lines: readonly Line[] }
  /** Another cart refused these lines. They are dropped when this cart is in another currency by now. */
  | { type: 'restore_lines'; lines: readonly Line[] }

export type CartEvent =
  | { type: 'line_put'; line: Line }
  | { type: 'line_removed'; variantId: VariantId }
  /** Only the versions of a line changed, which the shopper does not see, so the cart gets no new version. */
  | { type: 'line_synced'; line: Line }

/** A new cart. Its id is the shopper's id with another prefix: one shopper has one cart. */
export const emptyCart = (userId: UserId): Cart => ({ id: `crt_${userId.slice('usr_'.length)}`, userId, version: 0, lines: [] })

const currencyOf = ({ lines }: Pick<Cart, 'lines'>): Currency | null => lines[0]?.unitPrice.currency ?? null

/**
 * The events of a command; `[]` when it changes nothing.
 * @throws AppError `not_found` (no such line), `currency_mismatch`, `cart_full`, `out_of_stock` (with `available`)
 */
export function decide(cart: Cart, command: Command): CartEvent[] {
  switch (command.type) {
    case 'add':
      return add(cart, command)
    case 'set_quantity': {
      const line = lineOf(cart, command.variantId)
      if (line.quantity === command.quantity) return []
      // A shopper may always reduce the quantity, however short the stock.
      const { available } = levelFrom(line.variantId, command.stock, line.availability)
      if (command.quantity > line.quantity) requireStock(line.sold ? available : 0, command.quantity)
      return [{ type: 'line_put', line: { ...line, quantity: command.quantity } }]
    }
    case 'remove':
      return [{ type: 'line_removed', variantId: lineOf(cart, command.variantId).variantId }]
    case 'clear':
      return cart.lines.map(({ variantId }) => ({ type: 'line_removed', variantId }))
    case 'check_out':
      return checkOut(cart, command.lines)
    case 'merge_in':
      return mergeIn(cart, command.lines)
    case 'restore_lines': {
      const [mine, theirs] = [currencyOf(cart), currencyOf(command)]
      return mine && theirs && mine !== theirs ? [] : mergeIn(cart, command.lines)
    }
    default:
      return command satisfies never
  }
}

function evolve(cart: Cart, event: CartEvent): Cart {
  switch (event.type) {
    case 'line_put':
    case 'line_synced': {
      const { line } = event
      const present = cart.lines.some(({ variantId }) => variantId === line.variantId)
      return {
        ...cart,
        lines: present ? cart.lines.map((old) => (old.variantId === line.variantId ? line : old)) : [...cart.lines, line],
      }
    }
    case 'line_removed':
      return { ...cart, lines: cart.lines.filter(({ variantId }) => variantId !== event.variantId) }
    default:
      return event satisfies never
  }
}

/** The cart after its events. Its version goes up when the shopper can see a difference. */
export function evolveAll(cart: Cart, events: readonly CartEvent[]): Cart {
  const visible = events.some(({ type }) => type !== 'line_synced')
  return { ...events.reduce(evolve, cart), version: cart.version + (visible ? 1 : 0) }
}

/** @throws AppError `precondition_failed` unless the cart's version is among those that If-Match names; absent accepts any */
export function requireVersion(version: number, ifMatch: readonly number[] | undefined): void {
  if (ifMatch && !ifMatch.includes(version)) throw new AppError('precondition_failed', `The cart is at version ${version}`)
}

/** @throws AppError `currency_mismatch` when both are known and differ */
export function requireCurrency(mine: Currency | null, other: Currency | null): void {
  if (mine && other && mine !== other) throw new AppError('currency_mismatch', `The cart is in ${mine}, this is in ${other}`)
}

/** A line as the shopper and other Workers see it. */
export const shownLine = (line: Line): CartLineFacts => ({
  variantId: line.variantId,
  productId: line.productId,
  sellerId: line.sellerId,
  title: line.title,
  unitPrice: line.unitPrice,
  quantity: line.quantity,
  lineTotal: multiply(line.unitPrice, line.quantity),
  status: line.sold ? ({ in: 'available', low: 'low', out: 'out' } as const)[line.availability] : 'gone',
})

/** The cart as others see it. The subtotal is the sum of all lines, whatever their status, and null in an empty cart. */
export function snapshot(cart: Cart): CartSnapshot {
  const currency = currencyOf(cart)
  const items = cart.lines.map(shownLine)
  return {
    id: cart.id,
    userId: cart.userId,
    version: cart.version,
    currency,
    items,
    itemCount: items.reduce((count, { quantity }) => count + quantity, 0),
    subtotal:
      currency &&
      sum(
        items.map(({ lineTotal }) => lineTotal),
        currency,
      ),
  }
}

function add(cart: Cart, { offer, stock, quantity }: Extract<Command, { type: 'add' }>): CartEvent[] {
  const { variantId } = offer
  const line = cart.lines.find((each) => each.variantId === variantId)
  // The offer may be older than the line: then the line counts.
  const known = line && line.productVersion > offer.productVersion ? line : undefined
  if (known && !known.sold) throw new AppError('not_found')
  const { productId, sellerId, title, unitPrice } = known ?? offer
  requireCurrency(currencyOf({ lines: cart.lines.filter((each) => each !== line) }), unitPrice.currency)
  if (!line && cart.lines.length >= maxLines) throw new AppError('cart_full', `A cart holds ${maxLines} different things`)
  const total = (line?.quantity ?? 0) + quantity
  if (total > maxQuantity) throw new AppError('cart_full', `A cart holds ${maxQuantity} pieces of one thing`)
  // A line that is not `in` may be newer than product's quote: then inventory must be asked.
  const short = stock === 'not_asked' && line && line.availability !== 'in'
  const level = levelFrom(variantId, stock, short ? line.availability : offer.availability)
  requireStock(level.available, total)
  const versions = { productVersion: known?.productVersion ?? offer.productVersion, stockVersion: line?.stockVersion ?? 0 }
  const facts = { variantId, productId, sellerId, title, unitPrice, availability: level.availability, sold: true, ...versions }
  return [{ type: 'line_put', line: { ...facts, quantity: total } }]
}

function checkOut(cart: Cart, ordered: Extract<Command, { type: 'check_out' }>['lines']): CartEvent[] {
  return cart.lines.flatMap((line): CartEvent[] => {
    const taken = ordered.reduce((count, { variantId, quantity }) => count + (variantId === line.variantId ? quantity : 0), 0)
    if (taken === 0) return []
    if (taken >= line.quantity) return [{ type: 'line_removed', variantId: line.variantId }]
    return [{ type: 'line_put', line: { ...line, quantity: line.quantity - taken } }]
  })
}

function mergeIn(cart: Cart, lines: readonly Line[]): CartEvent[] {
  requireCurrency(currencyOf(cart), currencyOf({ lines }))
  let room = maxLines - cart.lines.length
  return lines.flatMap((line): CartEvent[] => {
    const mine = cart.lines.find(({ variantId }) => variantId === line.variantId)
    if (!mine) return room-- > 0 ? [{ type: 'line_put', line }] : []
    const quantity = Math.min(maxQuantity, mine.quantity + line.quantity)
    return quantity === mine.quantity ? [] : [{ type: 'line_put', line: { ...mine, quantity } }]
  })
}

function lineOf(cart: Cart, variantId: VariantId): Line {
  const line = cart.lines.find((each) => each.variantId === variantId)
  if (!line) throw new AppError('not_found', 'This is not in the cart')
  return line
}

/**
 * The level to assume while inventory does not answer: plenty, unless the variant was out when last known. A cart reserves nothing, so
 * a wrong guess costs no more than a refusal at checkout, which asks inventory again.
 */
export const assumedLevel = (variantId: VariantId, availability: Availability = 'in'): Level => ({
  variantId,
  available: availability === 'out' ? 0 : maxQuantity,
  availability,
})

/** The level to decide by. Before inventory is asked, only `in` counts, and for a few pieces only. */
function levelFrom(variantId: VariantId, stock: StockReading, lastKnown: Availability | undefined): Level {
  if (stock !== 'not_asked') return stock ?? assumedLevel(variantId, lastKnown)
  return { variantId, available: lastKnown === 'in' ? fewPieces : 0, availability: lastKnown ?? 'out' }
}

function requireStock(available: number, quantity: number): void {
  if (quantity > available)
    throw new AppError('out_of_stock', `There are ${available}, not ${quantity}`, { extra: { available } })
}
