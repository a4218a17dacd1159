import type { CartApi } from '../../shared/contracts/cart'
import type { CartLineFacts } from '../../shared/contracts/facts'
import type { Instant, UserId } from '../../shared/contracts/ids'
import type { InventoryApi } from '../../shared/contracts/inventory'
import type { ProductApi } from '../../shared/contracts/product'
import { currencyOf, price, totalsOf } from './pricing'
import type { CartQuote, Problem, QuoteRepo } from './repo'

type Needs = {
  cart: Pick<CartApi, 'snapshot'>
  product: Pick<ProductApi, 'quote'>
  inventory: Pick<InventoryApi, 'levels'>
  quotes: Pick<QuoteRepo, 'load' | 'keep'>
  now(): Instant
}

/** How long a quote is as good as a new one: events bring prices to the cart, but stock moves without a change of the cart. */
const maxAge: Instant = 30_000

/** A cart as an event or a snapshot carries it. */
type Cart = { userId: UserId; version: number; items: readonly CartLineFacts[] }

/**
 * Checks a changed cart against prices and stock and keeps the answer ready, unless a newer version is kept already. It does not look
 * for that first: an event that comes late or twice is rare, and then costs one useless check.
 */
export async function prepareQuote(deps: Needs, cart: Cart): Promise<void> {
  await keep(deps, await check(deps, cart))
}

/** The checked quote of the shopper's present cart: the kept one when it has this version and is recent, or a new one. */
export async function quoteCart(deps: Needs, userId: UserId): Promise<CartQuote> {
  const [cart, kept] = await Promise.all([deps.cart.snapshot(userId), deps.quotes.load(userId)])
  if (kept?.cartVersion === cart.version && kept.checkedAt + maxAge > deps.now()) return kept
  const quote = await check(deps, cart)
  await keep(deps, quote)
  return quote
}

/** Keeps a quote, but not that of an empty cart, which costs no calls to make. */
async function keep(deps: Needs, quote: CartQuote): Promise<void> {
  if (quote.lines.length + quote.problems.length > 0) await deps.quotes.keep(quote)
}

async function check(deps: Needs, { userId, version: cartVersion, items }: Cart): Promise<CartQuote> {
  const checkedAt = deps.now()
  const ids = items.map(({ variantId }) => variantId)
  const [quotes, levels] = ids.length === 0 ? [[], []] : await Promise.all([deps.product.quote(ids), deps.inventory.levels(ids)])
  const { lines, changes } = price(items, quotes)
  const available = new Map(levels.map((level) => [level.variantId, level.available]))
  const short = lines.flatMap(({ variantId, quantity: asked }): Problem[] => {
    const left = available.get(variantId) ?? 0
    return left < asked ? [{ problem: 'short', variantId, asked, available: left }] : []
  })
  const changed = changes.map(({ change: problem, ...rest }): Problem => ({ problem, ...rest }))
  const currency = currencyOf(lines)
  const totals = currency && totalsOf(lines, currency)
  return { _id: userId, cartVersion, lines, totals, problems: [...changed, ...short], checkedAt }
}
