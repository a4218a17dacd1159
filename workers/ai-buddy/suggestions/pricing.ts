import type { UserId } from '../../../shared/contracts/ids'
import { currencies, type Money, maxAmount, money } from '../../../shared/contracts/money'
import type { Described } from '../../../shared/contracts/product'
import type { Finding } from './finding'
import type { Facts, Listing } from './listing'

/** With fewer comparables than this, nothing is suggested. */
const minComparables = 4
/** The most comparables, the most similar first, and the most of one seller among them, so that none sets the median alone. */
const maxComparables = 20
const maxOfOneSeller = 2
/** Comparable products share this many stems of title and tags, and this part of the stems of the one that has fewer. */
const minShared = 2
const minOverlap = 0.5
/** How far from the median a price may be before another is suggested, as a part of the median. */
const tolerance = 0.25
/** The bounds of a proposal, as multiples of the present price. */
const [least, most] = [0.5, 2]

export type Comparable = Pick<Listing, '_id'> & { facts: Facts }

/**
 * Compares a price with those of comparable products: same category and currency, similar title and tags, another seller. A seller's own
 * products are not comparable: a seller with many of a kind would be advised to keep their own prices.
 */
export function judgePrice(product: Described, facts: Facts, others: readonly Comparable[]): Finding {
  const { price, currency } = facts
  const finding = { kind: 'price' as const, subject: product.productId, basis: `${price} ${currency}` }
  const comparables = comparablesOf(facts, others)
  if (comparables.length < minComparables) return { ...finding, advice: null }
  const amounts = comparables.map((each) => each.facts.price).sort((a, b) => a - b)
  const median = quantile(amounts, 0.5)
  const proposed = Math.abs(price - median) > tolerance * median ? proposal(facts, median) : null
  if (proposed === null) return { ...finding, advice: null }
  // Every variant moves by the same amount as the cheapest, so none leaves its own bounds either.
  const prices = product.variants.map(({ variantId, unitPrice }) => ({
    variantId,
    unitPrice: money(unitPrice.amount + proposed - price, currency),
  }))
  if (prices.some(({ unitPrice }) => unitPrice.amount > maxAmount)) return { ...finding, advice: null }
  const of = (amount: number): Money => money(amount, currency)
  const evidence = {
    price: of(price),
    median: of(median),
    spread: { low: of(quantile(amounts, 0.25)), high: of(quantile(amounts, 0.75)) },
    comparables: comparables.map(({ _id, facts: { title, price: theirs } }) => ({ productId: _id, title, price: of(theirs) })),
  }
  return { ...finding, advice: { kind: 'price', evidence, proposal: { prices } } }
}

/** Whether a product's price is compared with another's. */
export const isComparable = (facts: Facts, other: Facts): boolean =>
  other.sellerId !== facts.sellerId &&
  other.category === facts.category &&
  other.currency === facts.currency &&
  other.price > 0 &&
  sharedWith(facts, other) >= minShared &&
  overlapWith(facts, other) >= minOverlap

/** After this many listings of one seller, further pages are read without them. */
const readOfOneSeller = 6

/**
 * The sellers to leave out of the next page: those with as many comparables as count, and those with many listings that are not
 * comparable and crowd out others. Null when there are enough comparables.
 */
export function saturatedSellers(facts: Facts, others: readonly Comparable[]): UserId[] | null {
  const read = countsBySeller(others)
  const counted = countsBySeller(others.filter((other) => isComparable(facts, other.facts)))
  const enough = [...counted.values()].reduce((sum, count) => sum + Math.min(count, maxOfOneSeller), 0)
  if (enough >= maxComparables) return null
  return [...read].flatMap(([sellerId, count]) =>
    (counted.get(sellerId) ?? 0) >= maxOfOneSeller || count >= readOfOneSeller ? sellerId : [],
  )
}

const countsBySeller = (others: readonly Comparable[]): Map<UserId, number> =>
  others.reduce(
    (counts, { facts: { sellerId } }) => counts.set(sellerId, (counts.get(sellerId) ?? 0) + 1),
    new Map<UserId, number>(),
  )

/** The most similar first. */
function comparablesOf(facts: Facts, others: readonly Comparable[]): Comparable[] {
  const bySeller = new Map<string, number>()
  return others
    .filter((other) => isComparable(facts, other.facts))
    .map((other) => ({ other, overlap: overlapWith(facts, other.facts), shared: sharedWith(facts, other.facts) }))
    .sort((a, b) => b.overlap - a.overlap || b.shared - a.shared || (a.other._id < b.other._id ? -1 : 1))
    .map(({ other }) => other)
    .filter(({ facts: { sellerId } }) => {
      const count = (bySeller.get(sellerId) ?? 0) + 1
      bySeller.set(sellerId, count)
      return count <= maxOfOneSeller
    })
    .slice(0, maxComparables)
}

const sharedWith = ({ words }: Facts, other: Facts): number => words.filter((word) => other.words.includes(word)).length
const overlapWith = (facts: Facts, other: Facts): number =>
  sharedWith(facts, other) / Math.max(1, Math.min(facts.words.length, other.words.length))

/** A quantile of sorted amounts, linear between the two nearest and rounded half up. */
function quantile(sorted: readonly number[], part: number): number {
  const at = (sorted.length - 1) * part
  const [below = 0, above = below] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
  return Math.round(below + (above - below) * (at - Math.floor(at)))
}

/**
 * The price nearest to the median that has the ending of the present one (.99 stays .99) and is within the bounds; null when it is not
 * nearer than the present one.
 */
function proposal({ price, currency }: Facts, median: number): number | null {
  const [floor, ceiling] = [Math.ceil(price * least), price * most]
  const target = Math.min(Math.max(median, floor), ceiling)
  const step = 10 ** Math.max(2, currencies[currency])
  const below = Math.floor((target - (price % step)) / step) * step + (price % step)
  const [nearest] = [below, below + step]
    .filter((amount) => amount >= floor && amount <= ceiling)
    .sort((a, b) => Math.abs(a - target) - Math.abs(b - target))
  return nearest !== undefined && Math.abs(nearest - median) < Math.abs(price - median) ? nearest : null
}
