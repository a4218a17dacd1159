import { describe, expect, it } from 'vitest'
import { quantityOf, withoutQuantity } from './quantities'
import { plain } from './tokens'

const quantities: [string, number][] = [
  ['add a lamp', 1],
  ['add 2 lamps, please', 2],
  ['add lamp x 3', 3],
  ['add 2x lamps', 2],
  ['add another 3 lamps', 3],
  ['quantity: 4', 4],
  ['add twenty lamps', 20],
  ['add nineteen of those', 19],
  ['add twenty-five lamps', 25],
  ['add a dozen lamps', 12],
  ['add half a dozen lamps', 6],
  ['add 2 dozen lamps', 24],
  ['add a pair of lamps', 2],
  ['add 1,000 lamps', 1_000],
  ['add 1 000 lamps', 1_000],
  ['add 1.000.000 lamps', 1_000_000],
  ['add 1,00,000 lamps', 100_000],
  ['add 1e3 lamps', 1_000],
  ['Add 0 brass desk lamp', 0],
  ['add 00 lamps', 0],
  ['add no lamps', 0],
  ['add zero lamps', 0],
  ['add -3 lamps', -3],
  ['add −3 of them', -3],
  ['add minus two lamps', -2],
  ['add 2.5 lamps', 2.5],
  ['add 2,5 lamps', 2.5],
  ['add ٣ lamps', 3],
  ['add ३ lamps', 3],
  ['add ３ lamps', 3],
  ['add 𝟛 lamps', 3],
  ['add ١٬٠٠٠ lamps', 1_000],
  ['add ٢٫٥ lamps', 2.5],
]
const open = [
  'add 2 or 3 lamps',
  'add 2-3 lamps',
  'add 2 – 3 lamps',
  'add two to three lamps',
  'add 2, 3 lamps',
  'add 2 of these or 3',
  'add 2½ lamps',
  'add 2 and a half lamps',
  'add 3/4 lamps',
  'add about 3 lamps',
  'add at least 2 lamps',
  'add a few lamps',
  'add three hundred lamps',
  'add ten thousand lamps',
  'add a million lamps',
]
const names = [
  'add the oak dining table 160 cm to my cart',
  'add 160-200 cm oak table',
  'add 2-tier shelf',
  'add no-slip mat',
  'add the 2 seater sofa',
  'add 24" monitor',
  'add 2.5 kg flour',
  'add 5 ghz router',
]

describe('the quantity in a request to add a product', () => {
  it.each(quantities)('of "%s" is %d', (sentence, quantity) => expect(quantityOf(plain(sentence))).toBe(quantity))
  it.each(open)('is open in: %s', (sentence) => expect(quantityOf(plain(sentence))).toBeNull())
  it.each(names)('of "%s" is one: the number is part of the name', (sentence) => {
    expect([quantityOf(plain(sentence)), withoutQuantity(plain(sentence))]).toEqual([1, plain(sentence)])
  })

  it('is never read from the first digits of a longer number', () => {
    for (const piece of ['1,', '1-', '1 000 ', '1 or ', '1, ', '1.', 'just ', '1e', 'a dozen '])
      for (const end of ['', 'x!', 'cm']) expect(quantityOf(plain(`add ${piece.repeat(1_000 / piece.length)}${end}`))).not.toBe(2)
  })
})
