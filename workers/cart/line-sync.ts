import type { Availability, VariantFacts } from '../../shared/contracts/facts'
import type { ProductId, UserId, VariantId } from '../../shared/contracts/ids'
import type { Level } from '../../shared/contracts/inventory'
import type { Money } from '../../shared/contracts/money'
import type { Quote } from '../../shared/contracts/product'
import { type Cart, type CartEvent, type Line, shownLine } from './cart'

/** The versions of a line when a reading began. */
export type LineVersions = Pick<Line, 'variantId' | 'productVersion' | 'stockVersion'>

/** New facts of a line from product or inventory, as a message or as an answer. */
export type LineUpdate =
  | { of: 'product'; productId: ProductId; version: number; sellerId: UserId; active: boolean; variants: readonly VariantFacts[] }
  | { of: 'stock'; productId: ProductId; version: number; variantId: VariantId; availability: Availability }
  /**
   * An answer that a variant is gone, or what its level is, carries no version. With `versions` it counts only for lines whose version
   * did not change while it was read.
   */
  | { of: 'reading'; quotes: readonly Quote[]; levels?: readonly Level[]; versions?: readonly LineVersions[] }

/** The events of an update; `[]` when the lines are newer than the update, or say the same. */
export function applyUpdate(cart: Cart, update: LineUpdate): CartEvent[] {
  return cart.lines.flatMap((line): CartEvent[] => {
    const next = updatedLine(cart, line, update)
    if (next === line) return []
    return [{ type: sameShown(line, next) ? 'line_synced' : 'line_put', line: next }]
  })
}

function updatedLine(cart: Cart, line: Line, update: LineUpdate): Line {
  switch (update.of) {
    case 'product': {
      if (line.productId !== update.productId || update.version <= line.productVersion) return line
      const variant = update.variants.find(({ variantId }) => variantId === line.variantId)
      if (!variant || !update.active) return { ...line, sold: false, productVersion: update.version }
      return offered(cart, line, { ...variant, sellerId: update.sellerId, productVersion: update.version })
    }
    case 'stock': {
      if (line.variantId !== update.variantId || update.version <= line.stockVersion) return line
      return { ...line, availability: update.availability, stockVersion: update.version }
    }
    case 'reading': {
      const before = update.versions?.find(({ variantId }) => variantId === line.variantId)
      const quote = update.quotes.find(({ variantId }) => variantId === line.variantId)
      const level = update.levels?.find(({ variantId }) => variantId === line.variantId)
      const quoted = quote
        ? withQuote(cart, line, quote, !update.versions || before?.productVersion === line.productVersion)
        : line
      const fresh = level && level.availability !== line.availability && before?.stockVersion === line.stockVersion
      return fresh ? { ...quoted, availability: level.availability } : quoted
    }
    default:
      return update satisfies never
  }
}

function withQuote(cart: Cart, line: Line, quote: Quote, isCurrent: boolean): Line {
  if (quote.status === 'gone') return isCurrent && line.sold ? { ...line, sold: false } : line
  return quote.productVersion < line.productVersion ? line : offered(cart, line, quote)
}

type Offered = { title: string; unitPrice: Money; sellerId: UserId; productVersion: number }

/** The line at its present offer. A cart has one currency: a line that is priced in another one cannot be bought with it. */
function offered(cart: Cart, line: Line, { title, unitPrice, sellerId, productVersion }: Offered): Line {
  const fits = cart.lines.length === 1 || unitPrice.currency === line.unitPrice.currency
  const next = fits
    ? { ...line, title, unitPrice, sellerId, sold: true, productVersion }
    : { ...line, sold: false, productVersion }
  return sameShown(line, next) && line.productVersion === productVersion ? line : next
}

const sameShown = (a: Line, b: Line): boolean => JSON.stringify(shownLine(a)) === JSON.stringify(shownLine(b))
