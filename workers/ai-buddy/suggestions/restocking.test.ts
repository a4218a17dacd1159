import { describe, expect, it } from 'vitest'
import type { Availability } from '../../../shared/contracts/facts'
import { aVariant } from '../testing/suggestion-fixtures'
import { judgeStock } from './restocking'

const variant = aVariant(100, { title: 'large' })
const { variantId } = variant
const judge = (units: number, available: number, availability: Availability = 'low', recovered = {}) =>
  judgeStock({ recovered }, variant, units, { variantId, available, availability })

describe('an alert', () => {
  it.each([
    ['comes below seven days of cover', 28, 6, 6, 22],
    ['does not come at seven', 28, 7, null, null],
    ['comes for what sells slowly and is out', 1, 0, 0, 1],
    ['does not come for the last piece of what sells once a month', 1, 1, null, null],
    ['comes for plenty that sells fast', 280, 69, 6.9, 211],
    ['does not come for what nobody bought', 0, 0, null, null],
  ])('%s', (_name, units, available, daysOfCover, quantity) => {
    const { finding } = judge(units, available)
    if (daysOfCover === null) expect(finding).toBeNull()
    else expect(finding).toMatchObject({ kind: 'stock', evidence: { daysOfCover, available }, proposal: { quantity } })
  })

  it('shows the pace it rests on', () => {
    expect(judge(10, 1).finding?.evidence).toEqual({
      ...{ variantId, variantTitle: 'large', available: 1, availability: 'low' },
      ...{ unitsSold: 10, dailySales: 0.36, daysOfCover: 2.8 },
    })
  })

  it('rests on the shortage: another, after the stock had recovered, is another', () => {
    expect(judge(28, 1).basis).toBe(judge(28, 2).basis)
    expect(judge(28, 1, 'low', { [variantId]: 4 }).basis).not.toBe(judge(28, 1).basis)
    expect(judge(28, 100).basis).not.toBe(judge(28, 1).basis)
    // Nothing sold of late, so nothing is known of a recovery.
    expect(judge(0, 1).basis).toBe(judge(28, 1).basis)
  })
})
