import type { Instant, UserId } from '../../../shared/contracts/ids'
import type { Currency } from '../../../shared/contracts/money'
import type { FigureName } from '../figures'
import type { Owner } from '../reading'
import type { Market, Shelf, Tale } from './random-market'

/** The figures of a period as somebody would work them out with all orders at hand: one order after the other, and nothing of the module. */
export type Plain = Record<Exclude<FigureName, 'timeToShipP50' | 'timeToShipP95'>, number | null> & { times: number[] }

export function plainFigures(market: Market, owner: Owner, from: Instant, until: Instant, currency: Currency): Plain {
  const within = (at: Instant | null) => at !== null && at >= from && at < until
  const mine = (sellerId: UserId) => owner === 'marketplace' || sellerId === owner
  const own = market.tales.filter(({ sold }) => sold.some(({ sellerId }) => mine(sellerId)))
  const placed = own.filter(({ placedAt }) => within(placedAt))
  const paid = own.filter(({ paidAt }) => within(paidAt))
  let [gross, refunded, commission, inCurrency, units] = [0, 0, 0, 0, 0]
  const times: number[] = []
  for (const tale of paid) {
    for (const line of tale.sold) if (mine(line.sellerId)) units += line.quantity
    for (const [sellerId, at] of tale.shippedAt) if (mine(sellerId)) times.push((at - (tale.paidAt ?? 0)) / 1000)
    if (tale.currency !== currency) continue
    inCurrency += 1
    for (const part of partsOf(tale)) {
      if (!mine(part.sellerId)) continue
      gross += part.subtotal
      refunded += part.refunded
      commission += part.kept
    }
  }
  const canceled = placed.filter((tale) => tale.canceled === 'buyer' || tale.canceled === 'seller').length
  const views = market.looks
    .filter(({ sellerId, at }) => mine(sellerId) && within(at))
    .reduce((all, { weight }) => all + weight, 0)
  return {
    ...{ gross, refunded, commission, units, views, canceled },
    net: gross - refunded - commission,
    orders: paid.length,
    averageOrderValue: inCurrency === 0 ? null : Math.round(gross / inCurrency),
    refundRate: gross === 0 ? null : refunded / gross,
    placed: placed.length,
    cancelRate: placed.length === 0 ? null : canceled / placed.length,
    conversion: views === 0 ? null : paid.length / views,
    lowStock: market.shelves.filter((shelf) => mine(shelf.sellerId) && lowAt(market, shelf, until)).length,
    times: times.sort((a, b) => a - b),
  }
}

/** What each seller has of an order, in the order of the lines. */
function partsOf({ sold, refunded }: Tale) {
  const subtotals = new Map<UserId, bigint>()
  for (const { sellerId, quantity, price } of sold) {
    subtotals.set(sellerId, (subtotals.get(sellerId) ?? 0n) + BigInt(quantity) * BigInt(price))
  }
  const whole = [...subtotals.values()].reduce((a, b) => a + b, 0n)
  const parts = [...subtotals].map(([sellerId, subtotal]) => {
    const exact = whole === 0n ? 0n : BigInt(refunded) * subtotal
    const share = whole === 0n ? 0n : exact / whole
    return { sellerId, subtotal, share, rest: whole === 0n ? 0n : exact % whole }
  })
  let left = BigInt(refunded) - parts.reduce((all, { share }) => all + share, 0n)
  while (left > 0n) {
    const next = parts.reduce((best, part) => (part.rest > best.rest ? part : best))
    next.share += 1n
    next.rest = -1n
    left -= 1n
  }
  return parts.map(({ sellerId, subtotal, share }) => {
    const taken = subtotal / 10n
    const kept = subtotal === 0n ? taken : taken - (taken * share) / subtotal
    return { sellerId, subtotal: Number(subtotal), refunded: Number(share), kept: Number(kept) }
  })
}

/** Whether a variant was low or out just before an instant. Both variants of a product have the status of the first. */
export function lowAt({ shelves }: Market, { productId, levels }: Shelf, at: Instant): boolean {
  const statuses = shelves.find((shelf) => shelf.productId === productId)?.statuses ?? []
  const level = levels.filter((each) => each.at < at).at(-1)?.value
  const status = statuses.filter((each) => each.at < at).at(-1)?.value ?? 'active'
  return (level === 'low' || level === 'out') && status === 'active'
}
