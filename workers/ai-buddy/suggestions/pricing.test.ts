import { describe, expect, it } from 'vitest'
import { newId } from '../../../shared/contracts/ids'
import type { Described } from '../../../shared/contracts/product'
import { seeded } from '../../../shared/testing/interleaving'
import { aProduct, aVariant } from '../testing/suggestion-fixtures'
import { type Facts, factsOf } from './listing'
import { type Comparable, judgePrice } from './pricing'

const factsFor = (product: Described): Facts => {
  const facts = factsOf(product)
  if (!facts) throw new Error('It is not on sale')
  return facts
}

/** A product comparable to the desk, of another seller. */
const comparable = (amount: number, overrides: Partial<Described> = {}): Comparable => {
  const product = aProduct({ title: 'Oak office desk', tags: ['oak', 'desk'], variants: [aVariant(amount)], ...overrides })
  return { _id: product.productId, facts: factsFor(product) }
}

function judge(product: Described, others: readonly Comparable[]) {
  const { advice } = judgePrice(product, factsFor(product), others)
  if (advice && advice.kind !== 'price') throw new Error('It is about a price')
  return advice
}
const proposed = (amount: number, others: readonly number[], overrides: Partial<Described> = {}) =>
  judge(
    aProduct({ variants: [aVariant(amount)], ...overrides }),
    others.map((each) => comparable(each)),
  )?.proposal.prices[0]?.unitPrice.amount

describe('a price', () => {
  it.each([
    ['far above four others is lowered to their median', 64_900, [40_000, 42_000, 44_000, 46_000], 43_000],
    ['far below four others is raised to their median', 30_000, [40_000, 42_000, 44_000, 46_000], 43_000],
    ['keeps its ending', 64_999, [40_000, 42_000, 44_000, 46_000], 42_999],
    ['stays at 25 % above the median', 50_000, [40_000, 40_000, 40_000, 40_000], undefined],
    ['changes at more than 25 % above the median', 50_100, [40_000, 40_000, 40_000, 40_000], 40_000],
    ['stays at 25 % below the median', 30_000, [40_000, 40_000, 40_000, 40_000], undefined],
    ['stays with only three others', 64_900, [40_000, 42_000, 44_000], undefined],
    ['is lowered by half at most', 64_900, [1_000, 1_000, 1_000, 1_000], 32_500],
    ['is doubled at most', 10_000, [90_000, 90_000, 90_000, 90_000], 20_000],
    ['stays when no price with its ending is nearer to the median', 60, [100, 100, 100, 100], undefined],
    ['of zero stays zero', 0, [100, 100, 100, 100], undefined],
    ['is not compared with products that cost nothing', 64_900, [0, 0, 42_000, 44_000, 46_000], undefined],
  ])('%s', (_name, price, others, expected) => expect(proposed(price, others)).toBe(expected))

  it('in yen keeps its ending too', () => {
    const inYen = (amount: number) => ({ variants: [aVariant(amount, { unitPrice: { amount, currency: 'JPY' as const } })] })
    const others = [3_000, 3_000, 3_100, 3_200].map((amount) => comparable(amount, inYen(amount)))
    expect(judge(aProduct(inYen(9_980)), others)?.proposal.prices[0]?.unitPrice).toEqual({ amount: 5_080, currency: 'JPY' })
  })

  it('moves all variants by the same amount as the cheapest', () => {
    const product = aProduct({ variants: [aVariant(80_000), aVariant(60_000), aVariant(61_500)] })
    const others = [40_000, 40_000, 40_000, 40_000].map((amount) => comparable(amount))
    expect(judge(product, others)?.proposal.prices.map(({ unitPrice }) => unitPrice.amount)).toEqual([60_000, 40_000, 41_500])
  })

  it('comes with its comparables, their prices, the median and the quartiles', () => {
    const others = [40_000, 42_000, 44_000, 46_000].map((amount) => comparable(amount))
    const evidence = judge(aProduct(), others)?.evidence
    expect(evidence).toMatchObject({
      price: { amount: 64_900, currency: 'USD' },
      median: { amount: 43_000 },
      spread: { low: { amount: 41_500 }, high: { amount: 44_500 } },
    })
    expect(evidence?.comparables.map(({ productId }) => productId).sort()).toEqual(others.map(({ _id }) => _id).sort())
    expect(evidence?.comparables[0]).toMatchObject({ title: 'Oak office desk', price: { currency: 'USD' } })
  })
})

describe('a comparable is not', () => {
  const enough = [40_000, 42_000, 44_000]
  const withFourth = (overrides: Partial<Described>, sellerId = newId('usr')) =>
    judge(aProduct({ sellerId }), [...enough.map((amount) => comparable(amount)), comparable(46_000, overrides)])
  const seller = newId('usr')

  it.each([
    ['in another category', { category: 'lighting' }],
    ['in another currency', { variants: [aVariant(1, { unitPrice: { amount: 46_000, currency: 'EUR' as const } })] }],
    ['of another kind', { title: 'Wool blanket', tags: ['wool', 'bed'] }],
    ['with only one word in common', { title: 'Desk lamp of brass', tags: ['lamp', 'brass'] }],
    ['of the same seller', { sellerId: seller }],
  ])('a product %s', (_name, overrides) => {
    expect(withFourth({})).not.toBeNull()
    expect(withFourth(overrides, seller)).toBeNull()
  })

  it('the third product of one seller', () => {
    const one = newId('usr')
    const crowd = Array.from({ length: 9 }, () => comparable(1_000, { sellerId: one }))
    const [first, second] = [comparable(60_000), comparable(61_000)]
    expect(judge(aProduct(), [...crowd, first])).toBeNull()
    expect(judge(aProduct(), [...crowd, first, second])?.evidence.comparables).toHaveLength(4)
  })
})

it('a proposed price is between half and double of every variant, nearer to the median, and keeps its ending', () => {
  const random = seeded(7)
  const amount = () => Math.floor(10 ** (1 + random() * 6))
  let proposals = 0
  for (let round = 0; round < 3_000; round++) {
    const product = aProduct({ variants: Array.from({ length: 1 + Math.floor(random() * 4) }, () => aVariant(amount())) })
    const advice = judge(
      product,
      Array.from({ length: 4 + Math.floor(random() * 8) }, () => comparable(amount())),
    )
    if (!advice) continue
    proposals += 1
    const { price, median } = advice.evidence
    const cheapest = Math.min(...advice.proposal.prices.map(({ unitPrice }) => unitPrice.amount))
    expect(Math.abs(cheapest - median.amount)).toBeLessThan(Math.abs(price.amount - median.amount))
    expect(cheapest % 100).toBe(price.amount % 100)
    for (const { variantId, unitPrice } of advice.proposal.prices) {
      const before = product.variants.find((variant) => variant.variantId === variantId)?.unitPrice.amount ?? 0
      expect(unitPrice.amount).toBeGreaterThanOrEqual(before / 2)
      expect(unitPrice.amount).toBeLessThanOrEqual(before * 2)
    }
  }
  expect(proposals).toBeGreaterThan(1_000)
})
