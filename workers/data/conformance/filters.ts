import { expect } from 'vitest'
import type { Document, Filter } from '../../../shared/contracts/data'
import type { Case } from './subject'

const documents: Document[] = [
  { _id: 'a', n: 1, s: 'x', tags: ['p', 'q'], o: { p: 1, q: { r: 1 } }, f: null },
  { _id: 'b', n: 2, s: 'y', tags: [], o: { p: 2 }, b: true },
  {
    _id: 'c',
    n: 2.5,
    s: 'X',
    tags: ['q'],
    items: [
      { k: 1, v: 'u' },
      { k: 2, v: 'w' },
    ],
  },
  { _id: 'd', n: '2', tags: 'p', b: false },
  { _id: 'e' },
]

/** Filters and the ids of the documents that they match, by MongoDB's manual of query operators. */
const matches: [Filter, string][] = [
  [{}, 'abcde'],
  [{ n: 2 }, 'b'],
  [{ n: { $eq: '2' } }, 'd'],
  [{ n: { $ne: 2 } }, 'acde'],
  [{ n: { $gt: 1 } }, 'bc'],
  [{ n: { $gte: 2 } }, 'bc'],
  [{ n: { $lt: 2 } }, 'a'],
  [{ n: { $lte: 2 } }, 'ab'],
  [{ n: { $gt: 1, $lt: 2.5 } }, 'b'],
  [{ n: { $gt: '1' } }, 'd'],
  [{ n: { $in: [1, '2', null] } }, 'ade'],
  [{ n: { $in: [] } }, ''],
  [{ n: { $nin: [1, 2] } }, 'cde'],
  [{ f: null }, 'abcde'],
  [{ f: { $ne: null } }, ''],
  [{ f: { $exists: true } }, 'a'],
  [{ s: { $exists: false } }, 'de'],
  [{ s: { $gt: 'X' } }, 'ab'],
  [{ b: true }, 'b'],
  [{ b: { $ne: true } }, 'acde'],
  [{ tags: 'p' }, 'ad'],
  [{ tags: { $ne: 'p' } }, 'bce'],
  [{ tags: { $nin: ['p'] } }, 'bce'],
  [{ tags: ['p', 'q'] }, 'a'],
  [{ tags: ['q', 'p'] }, ''],
  [{ tags: [] }, 'b'],
  [{ tags: { $elemMatch: { $gte: 'q' } } }, 'ac'],
  [{ o: { p: 2 } }, 'b'],
  [{ 'o.p': 1 }, 'a'],
  [{ 'o.q.r': { $lte: 1 } }, 'a'],
  [{ 'items.k': 2 }, 'c'],
  [{ 'items.k': 1, 'items.v': 'w' }, 'c'],
  // No element is equal; it is not enough that some element differs.
  [{ 'items.k': { $ne: 1 } }, 'abde'],
  [{ 'items.k': { $nin: [2, 9] } }, 'abde'],
  [{ $or: [{ 'items.k': { $ne: 1, $exists: true } }, { 'o.p': { $ne: null, $gte: 2 } }] }, 'b'],
  [{ items: { $elemMatch: { k: 1, v: 'u' } } }, 'c'],
  [{ items: { $elemMatch: { k: 1, v: 'w' } } }, ''],
  [{ $and: [{ n: { $gt: 1 } }, { s: 'y' }] }, 'b'],
  [{ $or: [{ n: 1 }, { b: false }] }, 'ad'],
  [{ _id: { $in: ['e', 'a', 'z'] } }, 'ae'],
  [{ _id: 'c', n: 1 }, ''],
]

/** Filters that are refused: `data_invalid` for a mistake, `data_unsupported` for an operator that an engine does not have. */
const refused: [Filter, string][] = [
  [{ n: { $in: 5 } }, 'data_invalid'],
  [{ $and: [] }, 'data_invalid'],
  [{ $or: {} }, 'data_invalid'],
  [{ n: { $foo: 1 } }, 'data_unsupported'],
  [{ $foo: 1 }, 'data_unsupported'],
]

export const filters: Case[] = [
  ...matches.map(([filter, ids]): Case => {
    const name = `the filter ${JSON.stringify(filter)} matches ${ids === '' ? 'nothing' : ids}`
    return { name, documents, test: async (subject) => expect((await subject.ids(filter)).join('')).toBe(ids) }
  }),
  ...refused.map(([filter, code]): Case => {
    const test: Case['test'] = async (subject) =>
      expect(await subject.refusal({ action: 'find', filter })).toMatchObject({ code })
    return { name: `the filter ${JSON.stringify(filter)} is refused`, documents, test }
  }),
  {
    name: 'an index changes how a filter is read, not what it matches',
    indexes: [{ keys: { n: 1 } }, { keys: { tags: 1 } }, { keys: { s: 1, n: -1 } }],
    documents,
    test: async ({ ids }) => {
      for (const [filter, matched] of matches) expect([filter, (await ids(filter)).join('')]).toEqual([filter, matched])
    },
  },
]
