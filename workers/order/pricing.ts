import type { CartLineFacts } from '../../shared/contracts/facts'
import type { ProductId, UserId, VariantId } from '../../shared/contracts/ids'
import { type Currency, type Money, money, multiply, portion, sameMoney, sum, zero } from '../../shared/contracts/money'
import type { Quote } from '../../shared/contracts/product'

/** A line at today's price. */
export type PricedLine = {
  variantId: VariantId
  productId: ProductId
  sellerId: UserId
  title: string
  sku: string
  unitPrice: Money
  quantity: number
  lineTotal: Money
}

/** How a line differs from what the shopper saw: `now` is null when it is no longer sold. */
export type LineChange = { variantId: VariantId; change: 'price' | 'gone'; was: Money; now: Money | null }

export type Totals = { items: Money; shipping: Money; tax: Money; discount: Money; grand: Money }

/** The platform's share of a group, frozen when the order is placed: rates that change later do not move old orders. */
export type Commission = { basisPoints: number; amount: Money }

/** The platform's share unless agreed otherwise: 10 %. */
const defaultCommission = 1_000

/** What the cart's lines cost now, and where that differs from what the cart shows. A line that is gone is only in `changes`. */
export function price(
  cart: readonly Pick<CartLineFacts, 'variantId' | 'quantity' | 'unitPrice'>[],
  quotes: readonly Quote[],
): { lines: PricedLine[]; changes: LineChange[] } {
  const lines: PricedLine[] = []
  const changes: LineChange[] = []
  const quoted = new Map(quotes.map((quote) => [quote.variantId, quote]))
  for (const { variantId, quantity, unitPrice: was } of cart) {
    const quote = quoted.get(variantId)
    if (quote?.status !== 'active') {
      changes.push({ variantId, change: 'gone', was, now: null })
      continue
    }
    const { productId, sellerId, title, sku, unitPrice } = quote
    if (!sameMoney(was, unitPrice)) changes.push({ variantId, change: 'price', was, now: unitPrice })
    lines.push({ variantId, productId, sellerId, title, sku, unitPrice, quantity, lineTotal: multiply(unitPrice, quantity) })
  }
  return { lines, changes }
}

/** The currency of all lines; null when there are none or their currencies differ. */
export function currencyOf(lines: readonly PricedLine[]): Currency | null {
  const currencies = new Set(lines.map(({ unitPrice }) => unitPrice.currency))
  const [first] = currencies
  return first !== undefined && currencies.size === 1 ? first : null
}

/** What is charged beside the items. Prices include tax, and shipping is free until sellers can set their own rates. */
const charges = ({ currency }: Money): Pick<Totals, 'shipping' | 'tax' | 'discount'> => ({
  shipping: zero(currency),
  tax: zero(currency),
  discount: zero(currency),
})

/** @throws AppError `currency_mismatch` when the lines are not all of `currency` */
export function totalsOf(lines: readonly PricedLine[], currency: Currency): Totals {
  const items = sum(
    lines.map(({ lineTotal }) => lineTotal),
    currency,
  )
  const { shipping, tax, discount } = charges(items)
  return { items, shipping, tax, discount, grand: money(items.amount + shipping.amount + tax.amount - discount.amount, currency) }
}

/** The sellers of an order, in the order of their first line, each with their subtotal and the platform's commission. */
export function sharesOf(
  lines: readonly PricedLine[],
  currency: Currency,
  basisPoints: number = defaultCommission,
): { sellerId: UserId; subtotal: Money; commission: Commission }[] {
  return [...new Set(lines.map(({ sellerId }) => sellerId))].map((sellerId) => {
    const subtotal = totalsOf(
      lines.filter((line) => line.sellerId === sellerId),
      currency,
    ).items
    return { sellerId, subtotal, commission: { basisPoints, amount: portion(subtotal, basisPoints) } }
  })
}
