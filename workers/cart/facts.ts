import type { Availability, VariantFacts } from '../../shared/contracts/facts'
import type { ProductId, UserId, VariantId } from '../../shared/contracts/ids'
import type { Level } from '../../shared/contracts/inventory'
import type { Money } from '../../shared/contracts/money'
import type { Quote } from '../../shared/contracts/product'
import { type Cart, type CartEvent, type Line, shownLine } from './cart'

/** The versions that a line had heard of when somebody began to read. */
export type Seen = Pick<Line, 'variantId' | 'productVersion' | 'stockVersion'>

/** What product and inventory say, as a message or as an answer. */
export type Facts =
  | { of: 'product'; productId: ProductId; version: number; sellerId: UserId; active: boolean; variants: readonly VariantFacts[] }
  | { of: 'stock'; productId: ProductId; version: number; variantId: VariantId; availability: Availability }
  /**
   * An answer that a variant is gone, or what its level is, carries no version: with `seen` it only counts for lines that heard
   * of nothing newer while it was read.
   */
  | { of: 'reading'; quotes: readonly Quote[]; levels?: readonly Level[]; seen?: readonly Seen[] }

/** What facts change in a cart; `[]` when they are older than what its lines have heard, or say the same. */
export function learn(cart: Cart, facts: Facts): CartEvent[] {
  return cart.lines.flatMap((line): CartEvent[] => {
    const next = learned(cart, line, facts)
    if (next === line) return []
    return [{ type: sameShown(line, next) ? 'line_noted' : 'line_put', line: next }]
  })
}

function learned(cart: Cart, line: Line, facts: Facts): Line {
  switch (facts.of) {
    case 'product': {
      if (line.productId !== facts.productId || facts.version <= line.productVersion) return line
      const variant = facts.variants.find(({ variantId }) => variantId === line.variantId)
      if (!variant || !facts.active) return { ...line, sold: false, productVersion: facts.version }
      return offered(cart, line, { ...variant, sellerId: facts.sellerId, productVersion: facts.version })
    }
    case 'stock': {
      if (line.variantId !== facts.variantId || facts.version <= line.stockVersion) return line
      return { ...line, availability: facts.availability, stockVersion: facts.version }
    }
    case 'reading': {
      const seen = facts.seen?.find(({ variantId }) => variantId === line.variantId)
      const quote = facts.quotes.find(({ variantId }) => variantId === line.variantId)
      const level = facts.levels?.find(({ variantId }) => variantId === line.variantId)
      const quoted = quote ? withQuote(cart, line, quote, !facts.seen || seen?.productVersion === line.productVersion) : line
      const fresh = level && level.availability !== line.availability && seen?.stockVersion === line.stockVersion
      return fresh ? { ...quoted, availability: level.availability } : quoted
    }
    default:
      return facts satisfies never
  }
}

function withQuote(cart: Cart, line: Line, quote: Quote, undisturbed: boolean): Line {
  if (quote.status === 'gone') return undisturbed && line.sold ? { ...line, sold: false } : line
  return quote.productVersion < line.productVersion ? line : offered(cart, line, quote)
}

type Offered = { title: string; unitPrice: Money; sellerId: UserId; productVersion: number }

/** The line at what it is offered for now. One cart is one currency: a line that no longer fits cannot be bought in it. */
function offered(cart: Cart, line: Line, { title, unitPrice, sellerId, productVersion }: Offered): Line {
  const fits = cart.lines.length === 1 || unitPrice.currency === line.unitPrice.currency
  const next = fits
    ? { ...line, title, unitPrice, sellerId, sold: true, productVersion }
    : { ...line, sold: false, productVersion }
  return sameShown(line, next) && line.productVersion === productVersion ? line : next
}

const sameShown = (a: Line, b: Line): boolean => JSON.stringify(shownLine(a)) === JSON.stringify(shownLine(b))
