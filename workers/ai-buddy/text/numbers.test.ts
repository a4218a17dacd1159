import { describe, expect, it } from 'vitest'
import { parseNumber, withPlainDigits } from './numbers'

describe('a number', () => {
  it.each<[string, number]>([
    ['1,298.00', 1_298],
    ['1.298,00', 1_298],
    ['649,50', 649.5],
    ["1'000", 1_000],
    ['1 000 000', 1_000_000],
    ['1,00,000.5', 100_000.5],
    ['minus twenty-five', -25],
    ['a dozen', 12],
  ])('%s is %d', (text, value) => expect(parseNumber(text)).toBe(value))

  it.each(['', '1.2.3', '2-3', '3/4', '1,,0', 'many'])('is not read from "%s"', (text) => expect(parseNumber(text)).toBeNull())

  it('in the digits of another script is the same in plain digits', () => expect(withPlainDigits('١٬٠٠٠٫٥')).toBe('1,000.5'))
})
