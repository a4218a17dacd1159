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

/** Something like the desk, of a seller of its own. */
const comparable = (amount: number, overrides: Partial<Described> = {}): Comparable => {
  const product = aProduct({ title: 'Oak office desk', tags: ['oak', 'desk'], variants: [aVariant(amount)], ...overrides })
  return { _id: product.productId, facts: factsFor(product) }
}

function judge(product: Described, others: readonly Comparable[]) {
  const { finding } = judgePrice(product, factsFor(product), others)
  if (finding && finding.kind !== 'price') throw new Error('It is about a price')
  return finding
}
const proposed = (amount: number, others: readonly number[], overrides: Partial<Described> = {}) =>
  judge(
    aProduct({ variants: [aVariant(amount)], ...overrides }),
    others.map((each) => comparable(each)),
  )?.proposal.prices[0]?.unitPrice.amount

describe('a price', () => {
  it.each([
    ['far above four others comes down to their median', 64_900, [40_000, 42_000, 44_000, 46_000], 43_000],
    ['far below them goes up to it', 30_000, [40_000, 42_000, 44_000, 46_000], 43_000],
    ['keeps its ending', 64_999, [40_000, 42_000, 44_000, 46_000], 42_999],
    ['is left alone at 25 % above the median', 50_000, [40_000, 40_000, 40_000, 40_000], undefined],
    ['is spoken of above that', 50_100, [40_000, 40_000, 40_000, 40_000], 40_000],
    ['is left alone at 25 % below the median', 30_000, [40_000, 40_000, 40_000, 40_000], undefined],
    ['is left alone with three others', 64_900, [40_000, 42_000, 44_000], undefined],
    ['does not fall by more than half', 64_900, [1_000, 1_000, 1_000, 1_000], 32_500],
    ['does not more than double', 10_000, [90_000, 90_000, 90_000, 90_000], 20_000],
    ['that nothing near the median ends like is left alone', 60, [100, 100, 100, 100], undefined],
    ['of nothing stays nothing', 0, [100, 100, 100, 100], undefined],
    ['is not compared with what is given away', 64_900, [0, 0, 42_000, 44_000, 46_000], undefined],
  ])('%s', (_name, price, others, expected) => expect(proposed(price, others)).toBe(expected))

  it('of yen ends as it did too', () => {
    const inYen = (amount: number) => ({ variants: [aVariant(amount, { unitPrice: { amount, currency: 'JPY' as const } })] })
    const others = [3_000, 3_000, 3_100, 3_200].map((amount) => comparable(amount, inYen(amount)))
    expect(judge(aProduct(inYen(9_980)), others)?.proposal.prices[0]?.unitPrice).toEqual({ amount: 5_080, currency: 'JPY' })
  })

  it('moves all variants by as much as the cheapest', () => {
    const product = aProduct({ variants: [aVariant(80_000), aVariant(60_000), aVariant(61_500)] })
    const others = [40_000, 40_000, 40_000, 40_000].map((amount) => comparable(amount))
    expect(judge(product, others)?.proposal.prices.map(({ unitPrice }) => unitPrice.amount)).toEqual([60_000, 40_000, 41_500])
  })

  it('comes with the comparison: who, how much, the median and the quartiles', () => {
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

describe('no comparable is', () => {
  const enough = [40_000, 42_000, 44_000]
  const withFourth = (overrides: Partial<Described>, sellerId = newId('usr')) =>
    judge(aProduct({ sellerId }), [...enough.map((amount) => comparable(amount)), comparable(46_000, overrides)])
  const seller = newId('usr')

  it.each([
    ['in another category', { category: 'lighting' }],
    ['in another currency', { variants: [aVariant(1, { unitPrice: { amount: 46_000, currency: 'EUR' as const } })] }],
    ['something else', { title: 'Wool blanket', tags: ['wool', 'bed'] }],
    ['alike by one word alone', { title: 'Desk lamp of brass', tags: ['lamp', 'brass'] }],
    ['of the same seller', { sellerId: seller }],
  ])('what is %s', (_name, overrides) => {
    expect(withFourth({})).not.toBeNull()
    expect(withFourth(overrides, seller)).toBeNull()
  })

  it('the third of one seller', () => {
    const one = newId('usr')
    const crowd = Array.from({ length: 9 }, () => comparable(1_000, { sellerId: one }))
    const [first, second] = [comparable(60_000), comparable(61_000)]
    expect(judge(aProduct(), [...crowd, first])).toBeNull()
    expect(judge(aProduct(), [...crowd, first, second])?.evidence.comparables).toHaveLength(4)
  })
})

it('is never proposed below half or above double of any variant, nor farther from the median, and always with its ending', () => {
  const random = seeded(7)
  const amount = () => Math.floor(10 ** (1 + random() * 6))
  let proposals = 0
  for (let round = 0; round < 3_000; round++) {
    const product = aProduct({ variants: Array.from({ length: 1 + Math.floor(random() * 4) }, () => aVariant(amount())) })
    const finding = judge(
      product,
      Array.from({ length: 4 + Math.floor(random() * 8) }, () => comparable(amount())),
    )
    if (!finding) continue
    proposals += 1
    const { price, median } = finding.evidence
    const cheapest = Math.min(...finding.proposal.prices.map(({ unitPrice }) => unitPrice.amount))
    expect(Math.abs(cheapest - median.amount)).toBeLessThan(Math.abs(price.amount - median.amount))
    expect(cheapest % 100).toBe(price.amount % 100)
    for (const { variantId, unitPrice } of finding.proposal.prices) {
      const before = product.variants.find((variant) => variant.variantId === variantId)?.unitPrice.amount ?? 0
      expect(unitPrice.amount).toBeGreaterThanOrEqual(before / 2)
      expect(unitPrice.amount).toBeLessThanOrEqual(before * 2)
    }
  }
  expect(proposals).toBeGreaterThan(1_000)
})
