import { describe, expect, it } from 'vitest'
import { keywordsOf, plain, shared, stemsOf, termsOf, wordsOf } from './tokens'

describe('the keywords of a question', () => {
  it.each([
    ['Do you have a walnut desk?', ['walnut', 'desk']],
    ['Is the Crème brûlée dish oven-safe?', ['creme', 'brulee', 'dish', 'oven', 'safe']],
    ["What's the chef's knife like?", ['chefs', 'knife']],
    ['how long is the 20 l dry bag', ['long', '20', 'dry', 'bag']],
    ['desk desk DESK', ['desk']],
    ['椅子はありますか', ['椅子はありますか']],
  ])('of "%s" are %j', (question, words) => expect(keywordsOf(question)).toEqual(words))

  it('are all of its words where every word is a stop word', () =>
    expect(keywordsOf('What is this?')).toEqual(['what', 'is', 'this']))
  it('are none where there is no word', () => expect(keywordsOf('?! … 😀')).toEqual([]))
  it('leave out contractions, with either apostrophe', () =>
    expect(keywordsOf("it isn't a lamp that doesn’t dim")).toEqual(['lamp', 'dim']))
  it('are bounded in number and length', () => {
    const long = Array.from({ length: 500 }, (_, index) => `word${index}`).join(' ')
    expect(keywordsOf(long)).toHaveLength(24)
    expect(wordsOf('x'.repeat(1000))).toEqual(['x'.repeat(40)])
  })
})

describe('the terms of a text', () => {
  it('are the same whether or not a number is written together with its unit', () =>
    expect(termsOf('Oak tables, 160cm')).toEqual(termsOf('the oak table of 160 cm')))
  it('leave out words for anything that is sold here, which keywords keep', () => {
    expect(termsOf('the first product option')).toEqual(termsOf('first'))
    expect(keywordsOf('the first product option')).toEqual(['first', 'product', 'option'])
  })
  it('are counted among those of another text', () => {
    expect(shared(termsOf('walnut writing desk'), termsOf('A desk of walnut'))).toBe(2)
    expect(stemsOf('Two walnut desks and a walnut desk')).toEqual(['two', 'walnut', 'desk', 'and', 'a'])
  })
})

it('a plain sentence has straight quotes, plain digits, and no punctuation at its ends', () =>
  expect(plain(' “Is  that the 20-litre bag’s PRICE?!” ')).toBe("is that the 20-litre bag's price"))
