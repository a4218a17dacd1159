import { describe, expect, it } from 'vitest'
import type { Availability } from '../../../shared/contracts/facts'
import { aVariant } from '../testing/suggestion-fixtures'
import { judgeStock } from './restocking'

const variant = aVariant(100, { title: 'large' })
const { variantId } = variant
const judge = (units: number, available: number, availability: Availability = 'low', recovered = {}) =>
  judgeStock({ recovered }, variant, units, { variantId, available, availability })

describe('a stock alert', () => {
  it.each([
    ['is made below seven days of cover', 28, 6, 6, 22],
    ['is not made at seven days', 28, 7, null, null],
    ['is made for a slow seller that is out of stock', 1, 0, 0, 1],
    ['is not made for the last unit of what sells once a month', 1, 1, null, null],
    ['is made for a large stock that sells fast', 280, 69, 6.9, 211],
    ['is not made for what nobody bought', 0, 0, null, null],
  ])('%s', (_name, units, available, daysOfCover, quantity) => {
    const { advice } = judge(units, available)
    if (daysOfCover === null) expect(advice).toBeNull()
    else expect(advice).toMatchObject({ kind: 'stock', evidence: { daysOfCover, available }, proposal: { quantity } })
  })

  it('shows the sales that it is based on', () => {
    expect(judge(10, 1).advice?.evidence).toEqual({
      ...{ variantId, variantTitle: 'large', available: 1, availability: 'low' },
      ...{ unitsSold: 10, dailySales: 0.36, daysOfCover: 2.8 },
    })
  })

  it('has another basis after the stock recovered and ran short again', () => {
    expect(judge(28, 1).basis).toBe(judge(28, 2).basis)
    expect(judge(28, 1, 'low', { [variantId]: 4 }).basis).not.toBe(judge(28, 1).basis)
    expect(judge(28, 100).basis).not.toBe(judge(28, 1).basis)
    // Without sales, a recovery cannot be seen.
    expect(judge(0, 1).basis).toBe(judge(28, 1).basis)
  })
})
