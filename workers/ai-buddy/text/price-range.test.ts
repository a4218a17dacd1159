import { expect, it } from 'vitest'
import { priceIntentOf, withoutPrices } from './price-range'

it.each([
  ['lamps under $100', null, 9_999, 'USD'],
  ['lamps up to 100 dollars', null, 10_000, 'USD'],
  ['a desk below 1,200 euros', null, 119_999, 'EUR'],
  ['a desk up to 19,99 euros', null, 1_999, 'EUR'],
  ['between 50 and 80', 5_000, 8_000, null],
  ['between $80 and $50', 5_000, 8_000, 'USD'],
  ['from €20 to €35.50', 2_000, 3_550, 'EUR'],
  ['$20-$40 mugs', 2_000, 4_000, 'USD'],
  ['at least £30', 3_000, null, 'GBP'],
  ['over 200 but under 300', 20_001, 29_999, null],
  ['around $50', 4_000, 6_000, 'USD'],
  ['under 5000 yen', null, 4_999, 'JPY'],
  ['no more than 19.99', null, 1_999, null],
  ['a table under 80 cm', null, null, null],
  ['carries at least 120 kg', null, null, null],
  ['more than 2 seats', null, null, null],
  ['around the house', null, null, null],
  ['a shelf for about 25 books', null, null, null],
] as const)('%s: %s to %s %s', (words, min, max, currency) => {
  expect(priceIntentOf(words)).toMatchObject({ min, max, currency })
})

it('recognises several ways to ask for the cheapest', () => {
  for (const words of ['the cheapest lamp', 'your least expensive chair', 'most affordable desk'])
    expect(priceIntentOf(words).cheapest).toBe(true)
  expect(priceIntentOf('cheap lamps').cheapest).toBe(false)
})

it('recognises several ways to ask for the most expensive, and searches by none of these words', () => {
  for (const words of ['the most expensive lamp', 'your priciest lamp', 'the highest priced lamp'])
    expect([priceIntentOf(words).dearest, /lamp/.test(withoutPrices(words)), withoutPrices(words).match(/expens|pric/)]).toEqual([
      true,
      true,
      null,
    ])
  expect(priceIntentOf('the cheapest lamp').dearest).toBe(false)
})

it('reads an amount without a currency in the assumed one', () => {
  expect(priceIntentOf('under 5000', 'JPY').max).toBe(4_999)
})
