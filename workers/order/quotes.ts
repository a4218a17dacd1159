import type { CartLineFacts } from '../../shared/contracts/facts'
import type { Instant, UserId } from '../../shared/contracts/ids'
import type { Deps } from './deps'
import { currencyOf, price, totalsOf } from './pricing'
import type { CartQuote, Problem } from './repo'

/** How long a quote is as good as a new one: prices come to the cart by events, but stock moves without a change of the cart. */
const youngFor: Instant = 30_000

/** A cart as an event or a snapshot tells of it. */
type Cart = { userId: UserId; version: number; items: readonly CartLineFacts[] }

/**
 * Checks a cart that changed against prices and stock and keeps the answer ready, unless a newer version was checked before. It does not
 * look for that first: an event that comes late or twice is rare, and then costs a check in vain.
 */
export async function prepareQuote(deps: Deps, cart: Cart): Promise<void> {
  await keep(deps, await check(deps, cart))
}

/** The checked quote of the shopper's present cart: the one that is ready when it is of this version and young, or a new one. */
export async function quoteCart(deps: Deps, userId: UserId): Promise<CartQuote> {
  const [cart, kept] = await Promise.all([deps.cart.snapshot(userId), deps.quotes.load(userId)])
  if (kept?.cartVersion === cart.version && kept.checkedAt + youngFor > deps.now()) return kept
  const quote = await check(deps, cart)
  await keep(deps, quote)
  return quote
}

/** Keeps a quote, but not that of an empty cart, for which nobody has to be asked. */
async function keep(deps: Deps, quote: CartQuote): Promise<void> {
  if (quote.lines.length + quote.problems.length > 0) await deps.quotes.keep(quote)
}

async function check(deps: Deps, { userId, version: cartVersion, items }: Cart): Promise<CartQuote> {
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
