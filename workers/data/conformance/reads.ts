import { expect } from 'vitest'
import type { Case } from './subject'

const documents = [
  { _id: 'a', n: 3, m: { x: 1, y: 2 }, list: [{ k: 1, v: 1 }] },
  { _id: 'b', n: 1, m: { x: 2, y: 1 } },
  { _id: 'c', n: 2, m: { x: 1, y: 1 } },
]
const group = (fields: object) => ({ $group: { _id: '$m.x', ...fields } })

export const reads: Case[] = [
  {
    name: 'a collection that was never written is empty',
    test: async ({ run, find }) => {
      expect(await run<'findOne'>({ action: 'findOne' })).toEqual({ document: null })
      expect(await find()).toEqual([])
      expect(await run<'deleteMany'>({ action: 'deleteMany', filter: {} })).toEqual({ deletedCount: 0 })
      expect(await run<'aggregate'>({ action: 'aggregate', pipeline: [{ $match: { a: 1 } }] })).toEqual({ documents: [] })
    },
  },
  {
    name: 'a find sorts, skips and limits',
    documents,
    test: async ({ ids }) => {
      expect(await ids({}, { sort: { n: 1 } })).toEqual(['b', 'c', 'a'])
      expect(await ids({}, { sort: { 'm.x': -1, 'm.y': 1 } })).toEqual(['b', 'c', 'a'])
      expect(await ids({}, { sort: { n: -1 }, skip: 1, limit: 1 })).toEqual(['c'])
      expect(await ids({}, { limit: 0 })).toHaveLength(3)
    },
  },
  {
    name: 'a sort orders types as BSON does',
    documents: [true, { a: 1 }, 'text', 2, null, { $date: '2020-01-01T00:00:00Z' }, { $oid: '0123456789abcdef01234567' }].map(
      (v, at) => ({ _id: String(at), v }),
    ),
    test: async ({ ids }) => expect((await ids({}, { sort: { v: 1 } })).join('')).toBe('4321605'),
  },
  {
    name: 'a sort takes the least of an array upwards and the greatest downwards',
    documents: [
      { _id: 'a', v: [5, 1] },
      { _id: 'b', v: 3 },
      { _id: 'c', v: [2, 4] },
    ],
    test: async ({ ids }) => {
      expect(await ids({}, { sort: { v: 1 } })).toEqual(['a', 'c', 'b'])
      expect(await ids({}, { sort: { v: -1 } })).toEqual(['a', 'c', 'b'])
    },
  },
  {
    name: 'a projection includes or excludes, nested fields too',
    documents,
    test: async ({ run }) => {
      const one = async (projection: { [path: string]: 0 | 1 }) =>
        (await run<'findOne'>({ action: 'findOne', filter: { _id: 'a' }, projection })).document
      expect(await one({ n: 1 })).toEqual({ _id: 'a', n: 3 })
      expect(await one({ _id: 0, 'm.x': 1 })).toEqual({ m: { x: 1 } })
      expect(await one({ m: 0, list: 0 })).toEqual({ _id: 'a', n: 3 })
    },
  },
  {
    name: 'a negative skip is refused',
    test: async ({ refusal }) => expect(await refusal({ action: 'find', skip: -1 })).toMatchObject({ code: 'data_invalid' }),
  },
  {
    name: 'an explain answers a plan',
    documents,
    test: async ({ run }) => {
      const { plan } = await run<'explain'>({ action: 'explain', filter: { n: 1 } })
      expect(Object.keys(plan).length).toBeGreaterThan(0)
    },
  },
  {
    name: 'an aggregation matches, sorts, skips, limits and projects',
    documents,
    test: async ({ run }) => {
      const pipeline = [{ $match: { n: { $gte: 1 } } }, { $sort: { n: -1 } }, { $skip: 1 }, { $limit: 1 }, { $project: { n: 1 } }]
      expect(await run<'aggregate'>({ action: 'aggregate', pipeline })).toEqual({ documents: [{ _id: 'c', n: 2 }] })
    },
  },
  {
    name: 'an aggregation sums by group',
    documents,
    test: async ({ run }) => {
      const pipeline = [group({ total: { $sum: '$n' } }), { $sort: { _id: 1 } }]
      expect((await run<'aggregate'>({ action: 'aggregate', pipeline })).documents).toEqual([
        { _id: 1, total: 5 },
        { _id: 2, total: 1 },
      ])
    },
  },
  {
    name: 'an aggregation sums and counts in one group',
    documents,
    test: async ({ run }) => {
      const pipeline = [group({ total: { $sum: '$n' }, count: { $sum: 1 } }), { $sort: { _id: 1 } }]
      expect((await run<'aggregate'>({ action: 'aggregate', pipeline })).documents).toEqual([
        { _id: 1, total: 5, count: 2 },
        { _id: 2, total: 1, count: 1 },
      ])
    },
  },
  {
    name: 'an aggregation counts',
    documents,
    test: async ({ run }) => {
      const pipeline = [{ $match: { 'm.x': 1 } }, { $count: 'found' }]
      expect(await run<'aggregate'>({ action: 'aggregate', pipeline })).toEqual({ documents: [{ found: 2 }] })
    },
  },
  {
    name: 'an aggregation refuses unknown stages, and stages that write',
    test: async ({ refusal }) => {
      for (const stage of [{ $foo: 1 }, { $out: 'other' }, { $merge: { into: 'other' } }])
        expect(await refusal({ action: 'aggregate', pipeline: [stage] })).toMatchObject({ code: 'data_unsupported' })
    },
  },
]
