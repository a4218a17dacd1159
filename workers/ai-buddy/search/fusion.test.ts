import { describe, expect, it } from 'vitest'
import { fuse } from './fusion'
import type { Hit } from './passage'

const aHit = (source: string, facts: Partial<Hit> = {}): Hit => ({
  ...{ source, kind: 'product', title: source, section: null, text: `All about ${source}`, digest: source },
  ...{ seller: 'usr_1', category: 'furniture', ...facts },
})
const idsOf = (...asked: Parameters<typeof fuse>) => fuse(...asked).map(({ sourceId }) => sourceId)

describe('the fused ranking', () => {
  it('puts first what several rankings put early', () => {
    const words = ['a', 'b', 'c'].map((id) => aHit(id))
    const meaning = ['c', 'b', 'd'].map((id) => aHit(id))
    expect(idsOf([words, meaning], 10)).toEqual(['c', 'b', 'a', 'd'])
  })

  it('equals the ranking where there is only one', () => {
    expect(idsOf([['a', 'b', 'c'].map((id) => aHit(id))], 2)).toEqual(['a', 'b'])
    expect(idsOf([[], []], 2)).toEqual([])
  })

  it('contains the best passage of each source once', () => {
    const hits = [aHit('a', { text: 'best' }), aHit('b'), aHit('a', { text: 'worse' })]
    expect(fuse([hits, hits], 10).map(({ sourceId, text }) => [sourceId, text])).toEqual([
      ['a', 'best'],
      ['b', 'All about b'],
    ])
  })

  it('counts the ranks of sources, not of passages', () => {
    const many = Array.from({ length: 20 }, (_, index) => aHit('a', { text: `${index}` }))
    const [, second] = fuse([[...many, aHit('b')]], 2)
    expect(second?.score).toBeCloseTo(1 / 62)
  })

  it("keeps one of a seller's products with the same text, and those of two sellers", () => {
    const same = { title: 'Desk', digest: 'same' }
    expect(idsOf([[aHit('a', same), aHit('b', same), aHit('c', { ...same, seller: 'usr_2' })]], 10)).toEqual(['a', 'c'])
  })
})

describe('an interest', () => {
  const hits = ['lamp', 'pan'].map((id) => aHit(id, { category: id }))
  it('decides between near equals', () => expect(idsOf([hits], 2, { pan: 1 })).toEqual(['pan', 'lamp']))
  it('does not promote what fits badly', () => {
    const far = [...Array.from({ length: 8 }, (_, index) => aHit(`p${index}`)), aHit('pan', { category: 'pan' })]
    expect(idsOf([far], 3, { pan: 1 })).toEqual(['p0', 'p1', 'p2'])
  })
  it('counts as 1 at most, and not at all for a category named like a property of every object', () => {
    const far = [...Array.from({ length: 8 }, (_, index) => aHit(`p${index}`)), aHit('pan', { category: 'pan' })]
    expect(idsOf([far], 1, { pan: 1000 })).toEqual(['p0'])
    expect(fuse([[aHit('a', { category: 'constructor' })]], 1)[0]?.score).toBeCloseTo(1 / 61)
  })
})
