import { describe, expect, it } from 'vitest'
import { nearest, splitsOf } from './spelling'

describe('a misspelt word', () => {
  const known = ['walnut', 'desk', 'table', 'refund', 'canceled', 'cancel', 'lamp', 'nightstand']
  it.each([
    ['wallnut', ['walnut']],
    ['refnud', ['refund']],
    ['tabel', ['table']],
    ['nigthstnad', ['nightstand']],
    ['walnuts', ['walnut']],
  ])('%s becomes %j', (word, meant) => expect(nearest(word, known)).toEqual(meant))
  it.each(['surfboard', 'camp', 'lam', 'xable'])('%s resembles no known word', (word) => expect(nearest(word, known)).toEqual([]))
  it('is split where two words were written as one', () => {
    expect(splitsOf('sleepingbag')).toContainEqual(['sleeping', 'bag'])
    expect(splitsOf('wishlist')).toContainEqual(['wish', 'list'])
    expect(splitsOf('table')).toEqual([])
  })
})
