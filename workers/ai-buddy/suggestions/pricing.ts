import type { UserId } from '../../../shared/contracts/ids'
import { currencies, type Money, maxAmount, money } from '../../../shared/contracts/money'
import type { Described } from '../../../shared/contracts/product'
import type { Verdict } from './finding'
import type { Facts, Listing } from './listing'

/** Fewer products than this are no market. */
const minComparables = 4
/** The most that are compared with, the most similar first, and how many of them may be one seller's: nobody is a market alone. */
const maxComparables = 20
const maxOfOneSeller = 2
/** Two products are comparable that share so many stems of title and tags, and so much of what the one with fewer has. */
const minShared = 2
const minOverlap = 0.5
/** How far from the median a price may be, either way, before it is spoken of; in parts of the median. */
const tolerance = 0.25
/** A proposal is at least this part of the present price, and at most that many times it. */
const [least, most] = [0.5, 2]

export type Comparable = Pick<Listing, '_id'> & { facts: Facts }

/**
 * Whether a price is far from those of comparable products: same category and currency, similar title and tags, another seller. A
 * seller's own products are no comparables of each other: who sells much of a kind would be told to price it as they do.
 */
export function judgePrice(product: Described, facts: Facts, others: readonly Comparable[]): Verdict {
  const { price, currency } = facts
  const verdict = { kind: 'price' as const, subject: product.productId, basis: `${price} ${currency}` }
  const comparables = comparablesOf(facts, others)
  if (comparables.length < minComparables) return { ...verdict, finding: null }
  const amounts = comparables.map((each) => each.facts.price).sort((a, b) => a - b)
  const median = quantile(amounts, 0.5)
  const proposed = Math.abs(price - median) > tolerance * median ? proposal(facts, median) : null
  if (proposed === null) return { ...verdict, finding: null }
  // Variants keep what they cost more than the cheapest, so none leaves its own bounds either.
  const prices = product.variants.map(({ variantId, unitPrice }) => ({
    variantId,
    unitPrice: money(unitPrice.amount + proposed - price, currency),
  }))
  if (prices.some(({ unitPrice }) => unitPrice.amount > maxAmount)) return { ...verdict, finding: null }
  const of = (amount: number): Money => money(amount, currency)
  const evidence = {
    price: of(price),
    median: of(median),
    spread: { low: of(quantile(amounts, 0.25)), high: of(quantile(amounts, 0.75)) },
    comparables: comparables.map(({ _id, facts: { title, price: theirs } }) => ({ productId: _id, title, price: of(theirs) })),
  }
  return { ...verdict, finding: { kind: 'price', evidence, proposal: { prices } } }
}

/** Whether something is compared with a product. */
export const isComparable = (facts: Facts, other: Facts): boolean =>
  other.sellerId !== facts.sellerId &&
  other.category === facts.category &&
  other.currency === facts.currency &&
  other.price > 0 &&
  sharedWith(facts, other) >= minShared &&
  overlapWith(facts, other) >= minOverlap

/** So many listings of one seller are read at most before the reading goes on without them. */
const readOfOneSeller = 6

/**
 * Whose listings are not asked for any more once these were read: those of sellers who have as many comparables as count, and of those
 * whose listings crowd out others' without being comparable. Null when there are enough.
 */
export function sellersDone(facts: Facts, others: readonly Comparable[]): UserId[] | null {
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

/** Linear between the two nearest, rounded half up; of sorted amounts. */
function quantile(sorted: readonly number[], part: number): number {
  const at = (sorted.length - 1) * part
  const [below = 0, above = below] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
  return Math.round(below + (above - below) * (at - Math.floor(at)))
}

/**
 * The price nearest to the median that ends as the present one does (.99 stays .99) and is within the bounds; null when that is no
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
