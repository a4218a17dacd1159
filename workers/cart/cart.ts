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
/** So many there are, and more, of what is `in`: at the threshold, which inventory sets at 5, it becomes `low`. */
export const fewPieces = 5

/** One variant in a cart, with what product and inventory last said of it. */
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
  /** The newest versions heard of, so that a late message changes nothing; 0 before the first. */
  productVersion: number
  stockVersion: number
}

/** A shopper's cart, in the order of adding. All lines are in one currency, that of the first. */
export type Cart = { id: CartId; userId: UserId; version: number; lines: readonly Line[] }

/** A variant that is sold, as product quoted it. */
export type Offer = Extract<Quote, { status: 'active' }>

/** What inventory says of a variant; `unasked` where its word may not be needed, null when it does not answer. */
export type Told = Level | 'unasked' | null

export type Command =
  | { type: 'add'; offer: Offer; level: Told; quantity: number }
  | { type: 'set_quantity'; variantId: VariantId; quantity: number; level: Told }
  | { type: 'remove'; variantId: VariantId }
  | { type: 'clear' }
  /** An order took these. */
  | { type: 'check_out'; lines: readonly { variantId: string; quantity: number }[] }
  /** The lines of a guest's cart come in. */
  | { type: 'take_in'; lines: readonly Line[] }
  /** Lines that another cart refused come back, unless the cart is in another currency by now: then there is no place for them. */
  | { type: 'take_back'; lines: readonly Line[] }

export type CartEvent =
  | { type: 'line_put'; line: Line }
  | { type: 'line_removed'; variantId: VariantId }
  /** Only versions moved: nothing that the shopper sees, so no new version of the cart. */
  | { type: 'line_noted'; line: Line }

/** A cart that nobody put anything into. Its id is the shopper's under another prefix: one shopper has one cart. */
export const emptyCart = (userId: UserId): Cart => ({ id: `crt_${userId.slice('usr_'.length)}`, userId, version: 0, lines: [] })

const currencyOf = ({ lines }: Pick<Cart, 'lines'>): Currency | null => lines[0]?.unitPrice.currency ?? null

/**
 * What a command changes; `[]` when it is already so.
 * @throws AppError `not_found` (no such line), `currency_mismatch`, `cart_full`, `out_of_stock` (with `available`)
 */
export function decide(cart: Cart, command: Command): CartEvent[] {
  switch (command.type) {
    case 'add':
      return add(cart, command)
    case 'set_quantity': {
      const line = lineOf(cart, command.variantId)
      if (line.quantity === command.quantity) return []
      // Fewer pieces are always welcome, however short the stock.
      const { available } = levelFrom(line.variantId, command.level, line.availability)
      if (command.quantity > line.quantity) requireStock(line.sold ? available : 0, command.quantity)
      return [{ type: 'line_put', line: { ...line, quantity: command.quantity } }]
    }
    case 'remove':
      return [{ type: 'line_removed', variantId: lineOf(cart, command.variantId).variantId }]
    case 'clear':
      return cart.lines.map(({ variantId }) => ({ type: 'line_removed', variantId }))
    case 'check_out':
      return checkOut(cart, command.lines)
    case 'take_in':
      return takeIn(cart, command.lines)
    case 'take_back': {
      const [mine, theirs] = [currencyOf(cart), currencyOf(command)]
      return mine && theirs && mine !== theirs ? [] : takeIn(cart, command.lines)
    }
    default:
      return command satisfies never
  }
}

function evolve(cart: Cart, event: CartEvent): Cart {
  switch (event.type) {
    case 'line_put':
    case 'line_noted': {
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

/** The cart after its events: one version on when the shopper can see a difference, else the same version. */
export function evolveAll(cart: Cart, events: readonly CartEvent[]): Cart {
  const visible = events.some(({ type }) => type !== 'line_noted')
  return { ...events.reduce(evolve, cart), version: cart.version + (visible ? 1 : 0) }
}

/** @throws AppError `precondition_failed` unless the cart's version is among those that If-Match names; absent accepts any */
export function requireVersion(version: number, ifMatch: readonly number[] | undefined): void {
  if (ifMatch && !ifMatch.includes(version)) throw new AppError('precondition_failed', `The cart is at version ${version}`)
}

/** @throws AppError `currency_mismatch` when both are known and not the same */
export function requireCurrency(mine: Currency | null, other: Currency | null): void {
  if (mine && other && mine !== other) throw new AppError('currency_mismatch', `The cart is in ${mine}, this is in ${other}`)
}

/** What the shopper, and every other Worker, sees of a line. */
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

/** The cart as others see it; the subtotal is the sum of all lines, whatever their status, and null in an empty cart. */
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

function add(cart: Cart, { offer, level: told, quantity }: Extract<Command, { type: 'add' }>): CartEvent[] {
  const { variantId } = offer
  const line = cart.lines.find((each) => each.variantId === variantId)
  // The offer may have been read before a newer fact arrived: the newer one counts.
  const known = line && line.productVersion > offer.productVersion ? line : undefined
  if (known && !known.sold) throw new AppError('not_found')
  const { productId, sellerId, title, unitPrice } = known ?? offer
  requireCurrency(currencyOf({ lines: cart.lines.filter((each) => each !== line) }), unitPrice.currency)
  if (!line && cart.lines.length >= maxLines) throw new AppError('cart_full', `A cart holds ${maxLines} different things`)
  const total = (line?.quantity ?? 0) + quantity
  if (total > maxQuantity) throw new AppError('cart_full', `A cart holds ${maxQuantity} pieces of one thing`)
  // A line that has heard of a shortage may know more than product does: then inventory has to say.
  const short = told === 'unasked' && line && line.availability !== 'in'
  const level = levelFrom(variantId, told, short ? line.availability : offer.availability)
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

function takeIn(cart: Cart, lines: readonly Line[]): CartEvent[] {
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
 * A level to go on with while inventory does not answer: enough of what was there when last heard of. Nothing is reserved by a cart,
 * so an error here costs a message at checkout, which asks again.
 */
export const supposedLevel = (variantId: VariantId, availability: Availability = 'in'): Level => ({
  variantId,
  available: availability === 'out' ? 0 : maxQuantity,
  availability,
})

/** The level to go by. While inventory is not asked, only the word `in` is good for anything, and for a few pieces only. */
function levelFrom(variantId: VariantId, told: Told, heard: Availability | undefined): Level {
  if (told !== 'unasked') return told ?? supposedLevel(variantId, heard)
  return { variantId, available: heard === 'in' ? fewPieces : 0, availability: heard ?? 'out' }
}

function requireStock(available: number, quantity: number): void {
  if (quantity > available)
    throw new AppError('out_of_stock', `There are ${available}, not ${quantity}`, { extra: { available } })
}
