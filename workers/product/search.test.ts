import { describe, expect, it } from 'vitest'
import { fold, searchFilters, termsOf } from './search'

describe('folding', () => {
  it.each([
    ['Crème BRÛLÉE', 'creme brulee'],
    ['Straße', 'strasse'],
    ['ＦＵＬＬ width ﬁt', 'full width fit'],
    ['İstanbul ılık', 'istanbul ilik'],
    ['ΟΔΟΣ', 'οδοσ'],
    ['naïve', 'naive'],
  ])('folds %s to %s', (text, folded) => {
    expect(fold(text)).toBe(folded)
    expect(fold(fold(text))).toBe(folded)
  })
})

it('makes terms of words and of their prefixes up to three letters, each once', () => {
  expect(termsOf(['Walnut desk', 'wall'])).toEqual(['walnut', 'w', 'wa', 'wal', 'desk', 'd', 'de', 'des', 'wall'])
  expect(termsOf(['It is 𝟘𝒶!'])).toEqual(['it', 'i', 'is', '0a', '0'])
  expect(termsOf([' -- ', ''])).toEqual([])
})

it('limits the number of terms, and prefers the first texts', () => {
  const many = Array.from({ length: 500 }, (_none, index) => `word${index}`).join(' ')
  const terms = termsOf(['first', many])
  expect(terms).toContain('first')
  expect(terms).toContain('word148')
  expect(terms).not.toContain('word149')
})

it('cuts long words and queries at the same letter', () => {
  const long = 'ab'.repeat(60)
  const [head, range] = searchFilters(long) ?? []
  expect(head).toEqual({ terms: 'aba' })
  expect(range).toMatchObject({ terms: { $elemMatch: { $gte: long.slice(0, 40) } } })
  expect(termsOf([long])).toContain(long.slice(0, 40))
})

it('makes one equality for a short word, and a range besides for a longer one', () => {
  expect(searchFilters('Wal')).toEqual([{ terms: 'wal' }])
  expect(searchFilters('wal WAL Désk')).toEqual([
    { terms: 'wal' },
    { terms: 'des' },
    { terms: { $elemMatch: { $gte: 'desk', $lt: 'desk\u{10ffff}' } } },
  ])
  expect(searchFilters('?!')).toBeNull()
})
