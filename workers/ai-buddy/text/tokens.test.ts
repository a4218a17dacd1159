import { describe, expect, it } from 'vitest'
import { anyOf, keywordsOf, meaningsOf, nearest, splitsOf, wordsOf } from './tokens'

describe('what a question is about', () => {
  it.each([
    ['Do you have a walnut desk?', ['walnut', 'desk']],
    ['Is the Crème brûlée dish oven-safe?', ['creme', 'brulee', 'dish', 'oven', 'safe']],
    ["What's the chef's knife like?", ['chefs', 'knife']],
    ['how long is the 20 l dry bag', ['long', '20', 'dry', 'bag']],
    ['desk desk DESK', ['desk']],
    ['椅子はありますか', ['椅子はありますか']],
  ])('%s', (question, words) => expect(keywordsOf(question)).toEqual(words))

  it('is all of its words where none tells anything', () => expect(keywordsOf('What is this?')).toEqual(['what', 'is', 'this']))
  it('is nothing where there is no word', () => expect(keywordsOf('?! … 😀')).toEqual([]))
  it('is bounded', () => {
    const long = Array.from({ length: 500 }, (_, index) => `word${index}`).join(' ')
    expect(keywordsOf(long)).toHaveLength(24)
    expect(wordsOf('x'.repeat(1000))).toEqual(['x'.repeat(40)])
  })
})

describe('an expression for the index', () => {
  it.each(['a" OR title:b', 'NEAR(a b)', 'a* ^b', "'; DROP TABLE passages; --", '"', 'col : x AND NOT y'])(
    'has no operator of the question in it: %s',
    (question) => expect(anyOf(wordsOf(question)) ?? '"x"').toMatch(/^"[\p{L}\p{N}]+"( OR "[\p{L}\p{N}]+")*$/u),
  )
  it('of no words is none', () => expect(anyOf([])).toBeNull())
})

describe('words that were misspelt', () => {
  const known = ['walnut', 'desk', 'table', 'refund', 'canceled', 'cancel', 'lamp', 'nightstand']
  it.each([
    ['wallnut', ['walnut']],
    ['refnud', ['refund']],
    ['tabel', ['table']],
    ['nigthstnad', ['nightstand']],
    ['walnuts', ['walnut']],
  ])('%s', (word, meant) => expect(nearest(word, known)).toEqual(meant))
  it.each(['surfboard', 'camp', 'lam', 'xable'])('%s is none of them', (word) => expect(nearest(word, known)).toEqual([]))
  it('may be two words', () => {
    expect(splitsOf('sleepingbag')).toContainEqual(['sleeping', 'bag'])
    expect(splitsOf('wishlist')).toContainEqual(['wish', 'list'])
    expect(splitsOf('table')).toEqual([])
  })
})

describe('words that mean the same', () => {
  it('are known in all their forms', () => {
    expect(meaningsOf('trousers')).toContain('pants')
    expect(meaningsOf('parcels')).toEqual(expect.arrayContaining(['parcels', 'package']))
  })
  it('are the word itself where there are none', () => expect(meaningsOf('walnut')).toEqual(['walnut']))
})
