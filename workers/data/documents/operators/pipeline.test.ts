import { describe, expect, it } from 'vitest'
import type { Document } from '../../../../shared/contracts/data'
import { compilePipeline } from './pipeline'

const orders: Document[] = [
  { _id: '1', seller: 'x', total: 10, status: 'paid', lines: [{ q: 1 }, { q: 2 }] },
  { _id: '2', seller: 'y', total: 5, status: 'paid', lines: [] },
  { _id: '3', seller: 'x', total: 7, status: 'open', tag: 'é' },
  { _id: '4', total: '9', status: 'open' },
]

function run(...pipeline: Document[]): Document[] {
  return compilePipeline(pipeline)(structuredClone(orders))
}

describe('a pipeline', () => {
  it('groups with sums of fields and counts', () => {
    const group = { $group: { _id: '$seller', total: { $sum: '$total' }, orders: { $sum: 1 }, count: { $count: {} } } }
    expect(run(group, { $sort: { _id: 1 } })).toEqual([
      { _id: null, total: 0, orders: 1, count: 1 },
      { _id: 'x', total: 17, orders: 2, count: 2 },
      { _id: 'y', total: 5, orders: 1, count: 1 },
    ])
  })

  it('groups all documents into one', () => {
    expect(run({ $group: { _id: null, total: { $sum: '$total' } } })).toEqual([{ _id: null, total: 22 }])
  })

  it('sums fractions without the rounding of each addition', () => {
    const fractions = [{ n: 0.1 }, { n: 0.2 }, { n: 0.3 }]
    expect(compilePipeline([{ $group: { _id: null, sum: { $sum: '$n' } } }])(fractions)).toEqual([{ _id: null, sum: 0.6 }])
  })

  it('refuses a sum beyond the integers that are kept exactly, even when it comes back', () => {
    const sum = compilePipeline([{ $group: { _id: null, sum: { $sum: '$n' } } }])
    expect(sum([{ n: Number.MAX_SAFE_INTEGER }, { n: 0 }])).toEqual([{ _id: null, sum: Number.MAX_SAFE_INTEGER }])
    expect(() => sum([{ n: Number.MAX_SAFE_INTEGER }, { n: 2 }, { n: -3 }])).toThrow(
      expect.objectContaining({ code: 'data_unsupported', message: expect.stringContaining('2^53') }),
    )
  })

  it('matches, sorts, skips, limits and projects', () => {
    const stages = [
      { $match: { seller: 'x' } },
      { $sort: { total: -1 } },
      { $skip: 1 },
      { $limit: 1 },
      { $project: { _id: 0, total: 1 } },
    ]
    expect(run(...stages)).toEqual([{ total: 7 }])
    expect(run({ $limit: 1 }, { $project: { 'lines.q': 1 } })).toEqual([{ _id: '1', lines: [{ q: 1 }, { q: 2 }] }])
    expect(run({ $limit: 1 }, { $project: { lines: 0, total: 0 } })).toEqual([{ _id: '1', seller: 'x', status: 'paid' }])
  })

  it('projects through arrays as MongoDB does', () => {
    const document = { _id: '1', a: [[{ b: 1, c: 1 }], { b: 2, c: 3 }, 5], n: null, s: 5 }
    const project = (projection: Document) => compilePipeline([{ $project: projection }])([structuredClone(document)])[0]
    expect(project({ 'a.b': 1, _id: 0 })).toEqual({ a: [[{ b: 1 }], { b: 2 }] })
    expect(project({ 'a.b': 0, n: 0, s: 0 })).toEqual({ _id: '1', a: [[{ c: 1 }], { c: 3 }, 5] })
    expect(project({ 's.x': 1, n: 1 })).toEqual({ _id: '1', n: null })
    expect(project({ 's.x': 0, a: 0 })).toEqual({ _id: '1', n: null, s: 5 })
    expect(project({ _id: 1 })).toEqual({ _id: '1' })
    expect(project({ _id: 0 })).toEqual({ a: document.a, n: null, s: 5 })
  })

  it('reads no field from an array in an array', () => {
    const byField = compilePipeline([{ $group: { _id: '$a.b' } }])
    expect(byField([{ _id: '1', a: [[{ b: 1 }], { b: 2 }] }])).toEqual([{ _id: [2] }])
  })

  it('counts documents, and answers none for none', () => {
    expect(run({ $match: { status: 'open' } }, { $count: 'open' })).toEqual([{ open: 2 }])
    expect(run({ $match: { status: 'lost' } }, { $count: 'lost' })).toEqual([])
  })

  it.each<[string, unknown]>([
    ['two operators in one stage', [{ $skip: 1, $limit: 1 }]],
    ['an empty stage', [{}]],
    ['a limit of nothing', [{ $limit: 0 }]],
    ['a group without _id', [{ $group: { n: { $sum: 1 } } }]],
    ['an accumulated field whose name is a path', [{ $group: { _id: null, 'a.b': { $sum: 1 } } }]],
    ['a projection that both keeps and leaves out', [{ $project: { a: 1, b: 0 } }]],
    ['an object in the place of a list', {}],
  ])('is refused for %s', (_name, pipeline) => {
    expect(() => compilePipeline(pipeline)).toThrow(expect.objectContaining({ code: 'data_invalid' }))
  })
})
