import { describe, expect, it } from 'vitest'
import { AppError } from './errors'
import { add, type Currency, currencies, formatMoney, maxAmount, money, multiply, portion, split } from './money'

/** A reproducible stream of numbers in [0, 1). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return state / 4_294_967_296
  }
}

describe('split', () => {
  it('gives the rest to the largest remainders', () => {
    expect(split(money(100, 'USD'), [1, 1, 1]).map(({ amount }) => amount)).toEqual([34, 33, 33])
    expect(split(money(10, 'JPY'), [3, 3, 1]).map(({ amount }) => amount)).toEqual([4, 4, 2])
    expect(split(money(7, 'KWD'), [0, 0]).map(({ amount }) => amount)).toEqual([4, 3])
  })

  it('adds up to the whole, each part within one unit of its share, for any amount and weights', () => {
    const next = random(7)
    for (let round = 0; round < 500; round++) {
      const weights = Array.from({ length: 1 + Math.floor(next() * 8) }, () => Math.floor(next() * 1_000_000))
      const whole = money(Math.floor(next() * maxAmount), 'EUR')
      const parts = split(whole, weights)
      expect(parts.reduce(add, money(0, 'EUR'))).toEqual(whole)
      const total = weights.reduce((a, b) => a + b, 0)
      if (total > 0) {
        for (const [index, part] of parts.entries()) {
          const share = Number((BigInt(whole.amount) * BigInt(weights[index] ?? 0)) / BigInt(total))
          expect([share, share + 1]).toContain(part.amount)
        }
      }
    }
  })
})

it('adds amounts of one currency only', () => {
  expect(() => add(money(1, 'USD'), money(1, 'EUR'))).toThrow(AppError)
})

it('rounds a portion half up, exactly even for amounts beyond 2^53 when multiplied', () => {
  expect(portion(money(15, 'USD'), 1_000)).toEqual(money(2, 'USD'))
  expect(portion(money(14, 'USD'), 1_000)).toEqual(money(1, 'USD'))
  expect(portion(multiply(money(maxAmount, 'USD'), 9_900), 10_000)).toEqual(multiply(money(maxAmount, 'USD'), 9_900))
})

it.each([
  ['JPY', 1999, 'JPY 1,999'],
  ['USD', 1999, 'USD 19.99'],
  ['KWD', 1999, 'KWD 1.999'],
  ['CLF', 19_999, 'CLF 1.9999'],
] as [Currency, number, string][])('writes %s with the digits of its minor unit', (currency, amount, text) => {
  expect(formatMoney(money(amount, currency))).toBe(text)
})

it('knows the 0 to 4 decimal digits of each currency', () => {
  for (const digits of Object.values(currencies)) expect([0, 2, 3, 4]).toContain(digits)
})
