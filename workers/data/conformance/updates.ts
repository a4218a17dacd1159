import { expect } from 'vitest'
import type { Document, Update } from '../../../shared/contracts/data'
import type { Case } from './subject'

/** A document, an update, and the document afterwards; if they are equal, nothing may count as modified. */
const changes: [string, Document, Update, Document][] = [
  ['$set, which adds and replaces', { a: 1 }, { $set: { a: 2, b: { c: 1 } } }, { a: 2, b: { c: 1 } }],
  ['$set creates the objects of a nested path', {}, { $set: { 'a.b.c': 1 } }, { a: { b: { c: 1 } } }],
  ['$set to the present value', { a: { b: [1] } }, { $set: { a: { b: [1] } } }, { a: { b: [1] } }],
  ['$unset removes a field', { a: 1, b: { c: 1, d: 2 } }, { $unset: { a: '', 'b.c': '' } }, { b: { d: 2 } }],
  ['$unset of a missing field', { a: 1 }, { $unset: { b: '' } }, { a: 1 }],
  [
    '$inc of numbers and of a missing field',
    { a: 1, o: { n: 2 } },
    { $inc: { a: 2, 'o.n': -3, fresh: 5 } },
    { a: 3, o: { n: -1 }, fresh: 5 },
  ],
  ['$inc of a fraction', { a: 1.5 }, { $inc: { a: 0.25 } }, { a: 1.75 }],
  ['$push, which appends and creates arrays', { a: [1] }, { $push: { a: { b: 1 }, c: 2 } }, { a: [1, { b: 1 }], c: [2] }],
  ['$push of an array as one item', { a: [] }, { $push: { a: [1, 2] } }, { a: [[1, 2]] }],
  ['$push of each item', { a: [1] }, { $push: { a: { $each: [2, { x: 1 }] } } }, { a: [1, 2, { x: 1 }] }],
  ['$addToSet of a new value', { a: [1] }, { $addToSet: { a: 1, b: 'x' } }, { a: [1], b: ['x'] }],
  ['$addToSet of a present value', { a: [{ x: 1 }] }, { $addToSet: { a: { x: 1 } } }, { a: [{ x: 1 }] }],
  ['$addToSet of each new item', { a: [1] }, { $addToSet: { a: { $each: [1, 2, 2] } } }, { a: [1, 2] }],
  ['$pull of a value', { a: [1, 2, 1] }, { $pull: { a: 1 } }, { a: [2] }],
  ['$pull of a missing value', { a: [1] }, { $pull: { a: 2, b: 1 } }, { a: [1] }],
  ['$pull by a range', { a: [1, 5, 9] }, { $pull: { a: { $gte: 5 } } }, { a: [1] }],
  ['$pull by a list', { a: ['x', 'y', 'z'] }, { $pull: { a: { $in: ['x', 'z'] } } }, { a: ['y'] }],
  [
    '$pull of objects by a field',
    { a: [{ id: 1, x: 1 }, { id: 2 }] },
    { $pull: { a: { id: 1 } }, $set: { done: true } },
    { a: [{ id: 2 }], done: true },
  ],
  [
    '$pull of objects by conditions on fields',
    { a: [{ id: 1, at: 5 }, { id: 2, at: 9 }, { id: 3 }], b: ['q'] },
    { $pull: { a: { id: { $in: [1, 3] } }, b: 'q' } },
    { a: [{ id: 2, at: 9 }], b: [] },
  ],
]

/** The code that refuses each update of `{ s: 'text', n: 1, o: { p: 1 }, list: [1] }`. */
const refused: [string, Update, string][] = [
  ['$inc of a string', { $inc: { s: 1 } }, 'data_invalid'],
  ['$inc by a string', { $inc: { n: '1' } }, 'data_invalid'],
  ['$push to a scalar', { $push: { s: 1 } }, 'data_invalid'],
  ['$addToSet to a scalar', { $addToSet: { n: 1 } }, 'data_invalid'],
  ['$pull from a scalar', { $pull: { s: 't' } }, 'data_invalid'],
  ['$set through a scalar', { $set: { 's.t': 1 } }, 'data_invalid'],
  ['a path named twice', { $set: { n: 1 }, $inc: { n: 1 } }, 'data_invalid'],
  ['a path and a part of it', { $set: { o: {}, 'o.p': 1 } }, 'data_invalid'],
  ['another _id', { $set: { _id: 'z' } }, 'data_invalid'],
  ['an empty update', {}, 'data_invalid'],
  ['fields without an operator', { n: 2 }, 'data_invalid'],
  ['an unknown operator', { $foo: { n: 1 } }, 'data_unsupported'],
]

const counts = (before: Document, after: Document) => ({
  matchedCount: 1,
  modifiedCount: JSON.stringify(before) === JSON.stringify(after) ? 0 : 1,
})

export const updates: Case[] = [
  ...changes.map(
    ([name, before, change, after]): Case => ({
      name: `an update by ${name}`,
      documents: [{ _id: 'a', ...before }, { _id: 'other' }],
      test: async ({ update, find }) => {
        expect(await update({ _id: 'a' }, change)).toEqual(counts(before, after))
        expect(await find()).toEqual([{ _id: 'a', ...after }, { _id: 'other' }])
      },
    }),
  ),
  ...refused.map(
    ([name, change, code]): Case => ({
      name: `an update is refused for ${name}, and changes nothing`,
      documents: [{ _id: 'a', s: 'text', n: 1, o: { p: 1 }, list: [1] }],
      test: async ({ refusal, find }) => {
        expect(await refusal({ action: 'updateOne', filter: { _id: 'a' }, update: change })).toMatchObject({ code })
        expect(await find()).toEqual([{ _id: 'a', s: 'text', n: 1, o: { p: 1 }, list: [1] }])
      },
    }),
  ),
  {
    name: 'an updateMany changes all that match, and counts those that it changed',
    documents: [
      { _id: 'a', n: 1, list: [1, 2] },
      { _id: 'b', n: 2, list: [2] },
      { _id: 'c', n: 2, list: [3] },
    ],
    test: async ({ run, ids }) => {
      const many = (update: Update) => run<'updateMany'>({ action: 'updateMany', filter: {}, update })
      expect(await many({ $set: { n: 2 } })).toEqual({ matchedCount: 3, modifiedCount: 1 })
      expect(await many({ $pull: { list: { $lte: 2 } } })).toEqual({ matchedCount: 3, modifiedCount: 2 })
      expect(await ids({ list: [] })).toEqual(['a', 'b'])
    },
  },
  {
    name: 'an updateOne by a sort changes the first',
    documents: [
      { _id: 'a', n: 1 },
      { _id: 'b', n: 2 },
    ],
    test: async ({ update, ids }) => {
      expect(await update({}, { $set: { x: 1 } }, { sort: { n: -1 } })).toEqual({ matchedCount: 1, modifiedCount: 1 })
      expect(await ids({ x: 1 })).toEqual(['b'])
    },
  },
]
