import type { Instant, UserId } from '../../../shared/contracts/ids'
import type { Currency } from '../../../shared/contracts/money'
import type { Owner } from '../dashboard-api'
import type { FigureName } from '../figures'
import type { Market, OrderStory, StockHistory } from './random-market'

/** The figures of a period, computed directly from all orders and without the code under test. */
export type Plain = Record<Exclude<FigureName, 'timeToShipP50' | 'timeToShipP95'>, number | null> & { times: number[] }

export function plainFigures(market: Market, owner: Owner, from: Instant, until: Instant, currency: Currency): Plain {
  const inPeriod = (at: Instant | null) => at !== null && at >= from && at < until
  const mine = (sellerId: UserId) => owner === 'marketplace' || sellerId === owner
  const own = market.orders.filter(({ sold }) => sold.some(({ sellerId }) => mine(sellerId)))
  const placed = own.filter(({ placedAt }) => inPeriod(placedAt))
  const paid = own.filter(({ paidAt }) => inPeriod(paidAt))
  let [gross, refunded, commission, inCurrency, units] = [0, 0, 0, 0, 0]
  const times: number[] = []
  for (const order of paid) {
    for (const line of order.sold) if (mine(line.sellerId)) units += line.quantity
    for (const [sellerId, at] of order.shippedAt) if (mine(sellerId)) times.push((at - (order.paidAt ?? 0)) / 1000)
    if (order.currency !== currency) continue
    inCurrency += 1
    for (const part of partsOf(order)) {
      if (!mine(part.sellerId)) continue
      gross += part.subtotal
      refunded += part.refunded
      commission += part.kept
    }
  }
  const canceled = placed.filter((order) => order.canceled === 'buyer' || order.canceled === 'seller').length
  const views = market.views
    .filter(({ sellerId, at }) => mine(sellerId) && inPeriod(at))
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
    lowStock: market.stock.filter((history) => mine(history.sellerId) && lowAt(market, history, until)).length,
    times: times.sort((a, b) => a - b),
  }
}

/** The part of each seller in an order, in the sequence of the lines. */
function partsOf({ sold, refunded }: OrderStory) {
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
export function lowAt({ stock }: Market, { productId, levels }: StockHistory, at: Instant): boolean {
  const statuses = stock.find((history) => history.productId === productId)?.statuses ?? []
  const level = levels.filter((each) => each.at < at).at(-1)?.value
  const status = statuses.filter((each) => each.at < at).at(-1)?.value ?? 'active'
  return (level === 'low' || level === 'out') && status === 'active'
}
