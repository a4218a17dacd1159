import { describe, expect, it } from 'vitest'
import type { Described } from '../../../shared/contracts/product'
import { seeded } from '../../../shared/testing/interleaving'
import { aProduct } from '../testing/suggestion-fixtures'
import type { Field } from './finding'
import { judgeListing, titleFlaw } from './listing-quality'

function adviceOn(field: Field, overrides: Partial<Described>, vocabulary: readonly string[] = []) {
  const product = aProduct(overrides)
  const found = judgeListing(product, vocabulary).find(({ subject }) => subject === `${product.productId}:${field}`)
  const advice = found?.advice ?? null
  if (advice && advice.kind !== 'listing') throw new Error('It is about a listing')
  return advice
}

it('a good listing has no flaws', () => {
  expect(judgeListing(aProduct(), []).map(({ advice }) => advice)).toEqual([null, null, null, null])
})

describe('a title', () => {
  it.each([
    ['Desk', 'title_of_one_word'],
    ['Schreibtisch', 'title_of_one_word'],
    ['DESK', 'title_in_capitals'],
    ['WALNUT WRITING DESK', 'title_in_capitals'],
    ['WD-1040-BLK', 'title_like_a_sku'],
    ['A2', 'title_like_a_sku'],
    ['x'.repeat(121), 'title_too_long'],
    ['Walnut desk', null],
    ['x y'.padEnd(120, 'z'), null],
    ['TV', 'title_of_one_word'],
    ['TV stand', null],
    ['TV 55', null],
    ['胡桃木书桌', null],
    ['2 chairs', null],
  ])('%s has the flaw %s', (title, flaw) => expect(titleFlaw(title)).toBe(flaw))

  it.each([
    ['Nightstand', ['bedroom', 'nightstand', 'oak'], 'Bedroom nightstand'],
    ['Nightstand', ['nightstands'], undefined],
    ['WALNUT DESK OF OAK 2XL, TV', ['walnut'], 'Walnut desk of oak 2XL, TV'],
    ['WD-1040', ['walnut', 'desk'], 'Walnut desk'],
    ['WD-1040', ['walnut'], undefined],
    [`Walnut desk, ${'with many words '.repeat(10)}`, [], `Walnut desk, ${'with many words '.repeat(6)}with many`],
    ['x'.repeat(130), ['a', 'b'], undefined],
  ])('%s with the tags %s becomes %s', (title, tags, better) =>
    expect(adviceOn('title', { title, tags })?.proposal?.title).toBe(better),
  )

  it('is proposed only where the proposal has no flaw itself', () => {
    const random = seeded(3)
    const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T
    const pieces = ['desk', 'OAK', 'WD-1', 'Lamp', 'x'.repeat(119), '书桌', '', ' ', ',', 'éclair', 'USB', '7'] as const
    let proposals = 0
    for (let round = 0; round < 2_000; round++) {
      const title = Array.from({ length: 1 + Math.floor(random() * 5) }, () => pick(pieces)).join(pick(['', ' ']))
      const better = adviceOn('title', { title, tags: [pick(pieces), pick(pieces)] })?.proposal?.title
      if (better === undefined) continue
      proposals += 1
      expect(titleFlaw(better), `${title} -> ${better}`).toBeNull()
      expect(better).toMatch(/^\S.*\p{L}|^\p{L}/u)
    }
    expect(proposals).toBeGreaterThan(100)
  })
})

describe('tags', () => {
  const vocabulary = ['oak', 'oak', 'desk', 'drawers', 'drawers', 'drawers', 'lamp', 'walnuts']

  it('are proposed from words of the page that are tags in its category, the most common first', () => {
    expect(adviceOn('tags', { tags: ['walnut'] }, vocabulary)).toMatchObject({
      evidence: { flaw: 'few_tags', present: ['walnut'] },
      proposal: { tags: ['walnut', 'drawers', 'desk'] },
    })
  })

  it('are not proposed from too few such words, and are never more than five', () => {
    expect(adviceOn('tags', { tags: ['walnut'] }, ['desk', 'lamp'])?.proposal).toBeNull()
    const many = ['solid', 'desk', 'cable', 'slot', 'legs', 'drawers']
    expect(adviceOn('tags', { tags: [] }, many)?.proposal?.tags).toHaveLength(5)
  })

  it('are enough with three', () => expect(adviceOn('tags', { tags: ['a', 'b', 'c'] }, vocabulary)).toBeNull())
})

describe('a flaw that only the seller can repair', () => {
  it.each<[Field, Partial<Described>, string]>([
    ['images', { images: [] }, 'no_pictures'],
    ['description', { description: 'Short.' }, 'short_description'],
    ['description', { description: 'x'.repeat(79) }, 'short_description'],
  ])('of the %s has no proposal', (field, overrides, flaw) =>
    expect(adviceOn(field, overrides)).toMatchObject({ evidence: { flaw }, proposal: null }),
  )

  it('is not found in a description of 80 characters', () => {
    expect(adviceOn('description', { description: 'x'.repeat(80) })).toBeNull()
  })
})
