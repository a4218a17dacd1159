import { expect } from 'vitest'
import type { Case } from './subject'

const id = { $oid: '0123456789abcdef01234567' }
const later = { $oid: '1123456789abcdef01234567' }
const date = { $date: '2026-01-02T03:04:05.678Z' }

export const values: Case[] = [
  {
    name: 'JSON is answered as it was stored',
    test: async ({ insert, find }) => {
      const document = {
        _id: 'a',
        n: 1e15,
        f: -0.5,
        s: 'ä"\\\u2028',
        t: true,
        z: null,
        o: { a: { b: [] } },
        l: [1, {}, { a: [2] }],
      }
      await insert(document)
      expect(await find()).toEqual([document])
    },
  },
  {
    name: 'an array may hold arrays',
    test: async ({ insert, find }) => {
      await insert({ _id: 'a', l: [1, [2, [3]]] })
      expect(await find()).toEqual([{ _id: 'a', l: [1, [2, [3]]] }])
    },
  },
  {
    name: 'ObjectIds and dates are answered as Extended JSON, and are found by it',
    test: async ({ insert, find, ids }) => {
      const document = { _id: 'a', id, at: date, list: [id, { at: date }] }
      await insert(document)
      expect(await find({ id })).toEqual([document])
      for (const filter of [{ at: date }, { 'list.at': date }, { list: id }, { id: { $in: [id] } }]) {
        expect([filter, await ids(filter)]).toEqual([filter, ['a']])
      }
      expect(await ids({ id: later })).toEqual([])
    },
  },
  {
    name: 'an ObjectId can be an _id, and a number too',
    test: async ({ insert, update, ids }) => {
      await insert({ _id: id }, { _id: 7 })
      expect(await ids({ _id: id })).toEqual([id])
      expect(await update({ _id: 7 }, { $set: { a: 1 } })).toEqual({ matchedCount: 1, modifiedCount: 1 })
    },
  },
  {
    name: 'dates and ObjectIds are compared with their own type only',
    documents: [
      { _id: 'a', v: { $date: '2020-01-01T00:00:00Z' } },
      { _id: 'b', v: date },
      { _id: 'c', v: id },
      { _id: 'd', v: 5 },
    ],
    test: async ({ ids }) => {
      expect(await ids({ v: { $gt: { $date: '2021-01-01T00:00:00Z' } } })).toEqual(['b'])
      expect(await ids({ v: { $lt: later } })).toEqual(['c'])
      expect(await ids({ v: { $gte: 0 } })).toEqual(['d'])
    },
  },
  {
    name: 'canonical documents name the types of their numbers',
    test: async ({ insert, run }) => {
      await insert({ _id: 'a', i: 5, f: 0.5, at: date, s: 'x' })
      const { document } = await run<'findOne'>({ action: 'findOne' }, 'canonical')
      expect(document).toEqual({
        _id: 'a',
        i: { $numberInt: '5' },
        f: { $numberDouble: '0.5' },
        at: { $date: { $numberLong: String(Date.parse(date.$date)) } },
        s: 'x',
      })
    },
  },
  {
    name: 'Extended JSON with a wrong value is refused',
    test: async ({ refusal }) => {
      const document = { _id: 'a', id: { $oid: 'no' } }
      expect(await refusal({ action: 'insertOne', document })).toMatchObject({ code: 'data_invalid' })
    },
  },
  {
    name: 'a field of a document does not begin with $',
    test: async ({ refusal }) =>
      expect(await refusal({ action: 'insertOne', document: { _id: 'a', $a: 1 } })).toMatchObject({ code: 'data_invalid' }),
  },
]
