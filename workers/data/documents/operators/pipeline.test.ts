import { describe, expect, it } from 'vitest'
import type { Document } from '../../../../shared/contracts/data'
import { checkPipeline, runPipeline } from './pipeline'

const orders: Document[] = [
  { _id: '1', seller: 'x', total: 10, status: 'paid', lines: [{ q: 1 }, { q: 2 }] },
  { _id: '2', seller: 'y', total: 5, status: 'paid', lines: [] },
  { _id: '3', seller: 'x', total: 7, status: 'open', tag: 'é' },
  { _id: '4', total: '9', status: 'open' },
]

function run(...pipeline: Document[]): Document[] {
  checkPipeline(pipeline)
  return runPipeline(structuredClone(orders), pipeline)
}

describe('a pipeline', () => {
  it('groups with sums and counts', () => {
    const group = { $group: { _id: '$seller', total: { $sum: '$total' }, orders: { $sum: 1 }, count: { $count: {} } } }
    expect(run(group, { $sort: { _id: 1 } })).toEqual([
      { _id: null, total: 0, orders: 1, count: 1 },
      { _id: 'x', total: 17, orders: 2, count: 2 },
      { _id: 'y', total: 5, orders: 1, count: 1 },
    ])
  })

  it('groups all into one, with extremes and the average', () => {
    expect(run({ $group: { _id: null, least: { $min: '$total' }, most: { $max: '$total' }, mean: { $avg: '$total' } } })).toEqual(
      [{ _id: null, least: 5, most: '9', mean: 22 / 3 }],
    )
    expect(run({ $group: { _id: null, tag: { $max: '$tag' }, none: { $avg: '$tag' } } })).toEqual([
      { _id: null, tag: 'é', none: null },
    ])
  })

  it('groups by several fields', () => {
    const groups = run({ $group: { _id: { seller: '$seller', status: '$status' }, n: { $sum: 1 } } })
    expect(groups.map((group) => group._id)).toEqual([
      { seller: 'x', status: 'paid' },
      { seller: 'y', status: 'paid' },
      { seller: 'x', status: 'open' },
      { status: 'open' },
    ])
  })

  it('matches, sorts, skips, limits and projects', () => {
    const stages = [
      { $match: { seller: 'x' } },
      { $sort: { total: -1 } },
      { $skip: 1 },
      { $limit: 1 },
      { $project: { _id: 0, sum: '$total' } },
    ]
    expect(run(...stages)).toEqual([{ sum: 7 }])
    expect(run({ $limit: 1 }, { $project: { 'lines.q': 1 } })).toEqual([{ _id: '1', lines: [{ q: 1 }, { q: 2 }] }])
    expect(run({ $limit: 1 }, { $project: { lines: 0, total: 0 } })).toEqual([{ _id: '1', seller: 'x', status: 'paid' }])
  })

  it('projects through arrays as MongoDB does', () => {
    const documents = [{ _id: '1', a: [[{ b: 1, c: 1 }], { b: 2, c: 3 }, 5], n: null, s: 5 }]
    const project = (projection: Document) => {
      checkPipeline([{ $project: projection }])
      return runPipeline(structuredClone(documents), [{ $project: projection }])[0]
    }
    expect(project({ 'a.b': 1, _id: 0 })).toEqual({ a: [[{ b: 1 }], { b: 2 }] })
    expect(project({ 'a.b': 0, n: 0, s: 0 })).toEqual({ _id: '1', a: [[{ c: 1 }], { c: 3 }, 5] })
    expect(project({ 's.x': 1, n: 1 })).toEqual({ _id: '1', n: null })
    expect(project({ 's.x': 0, a: 0 })).toEqual({ _id: '1', n: null, s: 5 })
    expect(project({ b: '$a.b', m: '$n', none: '$x' })).toEqual({ _id: '1', b: [2], m: null })
    expect(project({ _id: '$s' })).toEqual({ _id: 5 })
    expect(project({ _id: 1 })).toEqual({ _id: '1' })
    expect(project({ _id: 0 })).toEqual({ a: documents[0]?.a, n: null, s: 5 })
  })

  it('reads nothing from an array in an array', () => {
    checkPipeline([{ $group: { _id: '$a.b' } }])
    expect(runPipeline([{ _id: '1', a: [[{ b: 1 }], { b: 2 }] }], [{ $group: { _id: '$a.b' } }])).toEqual([{ _id: [2] }])
  })

  it('unwinds arrays as MongoDB does', () => {
    const documents = [{ _id: 1, a: ['x', 'y'] }, { _id: 2, a: 'z' }, { _id: 3, a: [] }, { _id: 4, a: null }, { _id: 5 }]
    const unwound = (operand: unknown) => {
      checkPipeline([{ $unwind: operand }])
      return runPipeline(structuredClone(documents), [{ $unwind: operand }])
    }
    expect(unwound('$a')).toEqual([
      { _id: 1, a: 'x' },
      { _id: 1, a: 'y' },
      { _id: 2, a: 'z' },
    ])
    expect(unwound({ path: '$a', includeArrayIndex: 'i', preserveNullAndEmptyArrays: true })).toEqual([
      { _id: 1, a: 'x', i: 0 },
      { _id: 1, a: 'y', i: 1 },
      { _id: 2, a: 'z', i: null },
      { _id: 3, i: null },
      { _id: 4, a: null, i: null },
      { _id: 5, i: null },
    ])
  })

  it('adds, takes away and replaces', () => {
    expect(
      run({ $limit: 1 }, { $set: { sum: '$total', seller: '$none', k: { $literal: '$x' } } }, { $unset: ['lines.q', 'total'] }),
    ).toEqual([{ _id: '1', status: 'paid', lines: [{}, {}], sum: 10, k: '$x' }])
    expect(run({ $limit: 1 }, { $unwind: '$lines' }, { $replaceRoot: { newRoot: '$lines' } })).toEqual([{ q: 1 }, { q: 2 }])
    expect(() => run({ $replaceWith: '$total' })).toThrow(expect.objectContaining({ code: 'data_invalid' }))
    expect(run({ $match: { seller: { $exists: true } } }, { $sortByCount: '$seller' })).toEqual([
      { _id: 'x', count: 2 },
      { _id: 'y', count: 1 },
    ])
  })

  it('counts, and says nothing about nothing', () => {
    expect(run({ $match: { status: 'open' } }, { $count: 'open' })).toEqual([{ open: 2 }])
    expect(run({ $match: { status: 'lost' } }, { $count: 'lost' })).toEqual([])
  })

  it.each<[string, unknown, string]>([
    ['$lookup', [{ $lookup: { from: 'x' } }], 'data_unsupported'],
    ['$out', [{ $out: 'x' }], 'data_unsupported'],
    ['$function in $addFields', [{ $addFields: { n: { $function: { body: 'x', args: [], lang: 'js' } } } }], 'data_unsupported'],
    ['$accumulator', [{ $group: { _id: null, n: { $accumulator: {} } } }], 'data_unsupported'],
    ['$unwind without a dollar', [{ $unwind: 'lines' }], 'data_invalid'],
    ['$unwind of a part', [{ $unwind: '$a.b' }], 'data_unsupported'],
    ['$unset of a path and a part', [{ $unset: ['a', 'a.b'] }], 'data_invalid'],
    ['two operators in one stage', [{ $skip: 1, $limit: 1 }], 'data_invalid'],
    ['an empty stage', [{}], 'data_invalid'],
    ['a limit of nothing', [{ $limit: 0 }], 'data_invalid'],
    ['a group without _id', [{ $group: { n: { $sum: 1 } } }], 'data_invalid'],
    ['an expression', [{ $group: { _id: null, n: { $sum: { $multiply: ['$a', 2] } } } }], 'data_unsupported'],
    ['$push as accumulator', [{ $group: { _id: null, n: { $push: '$a' } } }], 'data_unsupported'],
    ['a computed part of a field', [{ $project: { 'a.b': '$c' } }], 'data_unsupported'],
    ['a computed projection', [{ $project: { n: { $add: [1, 2] } } }], 'data_unsupported'],
    ['keeping and leaving out', [{ $project: { a: 1, b: 0 } }], 'data_invalid'],
    ['an unsupported match', [{ $match: { a: { $near: 'x' } } }], 'data_unsupported'],
    ['a stage named like a method', [{ constructor: 1 }], 'data_unsupported'],
    ['no list', {}, 'data_invalid'],
  ])('refuses %s', (_name, pipeline, code) => {
    expect(() => checkPipeline(pipeline)).toThrow(expect.objectContaining({ code }))
  })
})
