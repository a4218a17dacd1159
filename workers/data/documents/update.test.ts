import { describe, expect, it } from 'vitest'
import type { Document, Update } from '../../../shared/contracts/data'
import { compileUpdate } from './update'

describe('an update changes a document as in MongoDB', () => {
  it.each<[string, Update, Document, Document]>([
    ['$set', { $set: { a: 2 } }, { a: 1 }, { a: 2 }],
    ['$set makes the way', { $set: { 'a.b.c': 1 } }, {}, { a: { b: { c: 1 } } }],
    ['$set of null', { $set: { a: null } }, {}, { a: null }],
    ['$set leaves undefined out', { $set: { a: undefined, b: { c: undefined, d: 1 } } }, {}, { b: { d: 1 } }],
    ['$unset', { $unset: { a: '' } }, { a: 1, b: 2 }, { b: 2 }],
    ['$unset below a scalar does nothing', { $unset: { 'a.b': '' } }, { a: 1 }, { a: 1 }],
    ['$inc', { $inc: { a: -2 } }, { a: 1 }, { a: -1 }],
    ['$inc of a missing field', { $inc: { 'a.b': 3 } }, {}, { a: { b: 3 } }],
    ['$push', { $push: { a: 2 } }, { a: [1] }, { a: [1, 2] }],
    ['$push to a missing field', { $push: { a: [1] } }, {}, { a: [[1]] }],
    ['$push $each', { $push: { a: { $each: [2, 3] } } }, { a: [1] }, { a: [1, 2, 3] }],
    ['$push $slice of the last', { $push: { a: { $each: [2, 3], $slice: -2 } } }, { a: [1] }, { a: [2, 3] }],
    ['$push $slice of the first', { $push: { a: { $each: [2, 3], $slice: 2 } } }, {}, { a: [2, 3] }],
    ['$push $slice of none', { $push: { a: { $each: [2], $slice: 0 } } }, { a: [1] }, { a: [] }],
    ['$pull by value', { $pull: { a: 1 } }, { a: [1, 2, 1] }, { a: [2] }],
    ['$pull by condition', { $pull: { a: { $gte: 2 } } }, { a: [1, 2, 3] }, { a: [1] }],
    [
      '$pull by fields',
      { $pull: { a: { id: { $in: ['x', 'y'] } } } },
      { a: [{ id: 'x' }, { id: 'z', n: 1 }, 5] },
      { a: [{ id: 'z', n: 1 }, 5] },
    ],
    ['$pull of an array', { $pull: { a: [1] } }, { a: [1, [1]] }, { a: [1] }],
    ['$pull with $or', { $pull: { a: { $or: [{ n: 1 }, { n: 2 }] } } }, { a: [{ n: 1 }, { n: 3 }] }, { a: [{ n: 3 }] }],
    ['$pull of nothing', { $pull: { a: 1 } }, {}, {}],
    ['$addToSet', { $addToSet: { a: 2 } }, { a: [1, 1] }, { a: [1, 1, 2] }],
    ['$addToSet of what is there', { $addToSet: { a: { x: 1 } } }, { a: [{ x: 1 }] }, { a: [{ x: 1 }] }],
    ['$addToSet $each', { $addToSet: { a: { $each: [1, 2, 2] } } }, { a: [1] }, { a: [1, 2] }],
    ['several operators', { $set: { a: 1 }, $inc: { v: 1 }, $push: { o: 'e' } }, { v: 1, o: [] }, { a: 1, v: 2, o: ['e'] }],
    ['the same _id', { $set: { _id: 'x', a: 1 } }, { _id: 'x' }, { _id: 'x', a: 1 }],
  ])('%s', (_name, update, document, expected) => {
    const before = structuredClone(document)
    const changed = compileUpdate(update)(document)
    expect(document).toEqual(expected)
    expect(changed).toBe(JSON.stringify(before) !== JSON.stringify(expected))
  })
})

describe('an update is refused before any document is looked at', () => {
  it.each<[string, unknown, string]>([
    ['nothing', {}, 'data_invalid'],
    ['a replacement', { a: 1 }, 'data_invalid'],
    ['operators mixed with fields', { $set: { a: 1 }, b: 2 }, 'data_invalid'],
    ['a pipeline', [{ $set: { a: 1 } }], 'data_unsupported'],
    ['$rename', { $rename: { a: 'b' } }, 'data_unsupported'],
    ['$setOnInsert', { $setOnInsert: { a: 1 } }, 'data_unsupported'],
    ['an operator without fields', { $set: 1 }, 'data_invalid'],
    ['one path twice', { $set: { a: 1 }, $inc: { a: 1 } }, 'data_invalid'],
    ['a path and a part of it', { $set: { 'a.b': 1, a: {} } }, 'data_invalid'],
    ['a path and a part of it, with others between', { $set: { a: 1, 'a-b': 1 }, $inc: { 'a.b': 1 } }, 'data_invalid'],
    ['a position', { $set: { 'a.0': 1 } }, 'data_unsupported'],
    ['$', { $set: { 'a.$.b': 1 } }, 'data_unsupported'],
    ['$[]', { $inc: { 'a.$[].b': 1 } }, 'data_unsupported'],
    ['a field that starts with $', { $set: { a: { $b: 1 } } }, 'data_invalid'],
    ['a path that starts with $', { $set: { $a: 1 } }, 'data_invalid'],
    ['$inc by a string', { $inc: { a: '1' } }, 'data_invalid'],
    ['$inc of _id', { $inc: { _id: 1 } }, 'data_invalid'],
    ['a part of _id', { $set: { '_id.a': 1 } }, 'data_invalid'],
    ['$unset of _id', { $unset: { _id: '' } }, 'data_invalid'],
    ['$push with a scalar $each', { $push: { a: { $each: 1 } } }, 'data_invalid'],
    ['$push with $slice alone', { $push: { a: { $slice: 1 } } }, 'data_invalid'],
    ['$push with $sort', { $push: { a: { $each: [], $sort: 1 } } }, 'data_unsupported'],
    ['$push with $position', { $push: { a: { $each: [], $position: 0 } } }, 'data_unsupported'],
    ['$addToSet with $slice', { $addToSet: { a: { $each: [], $slice: 1 } } }, 'data_invalid'],
    ['$pull by an unknown operator', { $pull: { a: { $regex: 'x' } } }, 'data_unsupported'],
    ['a date', { $set: { a: new Date(0) } }, 'data_unsupported'],
    ['not a number', { $set: { a: Number.NaN } }, 'data_unsupported'],
    ['a dotted field', { $set: { a: { 'b.c': 1 } } }, 'data_unsupported'],
  ])('%s', (_name, update, code) => {
    expect(() => compileUpdate(update)).toThrow(expect.objectContaining({ code }))
  })
})

describe('an update is refused by the document it meets', () => {
  it.each<[string, Update, Document, string]>([
    ['$inc of a string', { $inc: { a: 1 } }, { a: '1' }, 'data_invalid'],
    ['$inc of null', { $inc: { a: 1 } }, { a: null }, 'data_invalid'],
    ['$inc beyond exact integers', { $inc: { a: 1 } }, { a: Number.MAX_SAFE_INTEGER }, 'data_unsupported'],
    ['$push to a scalar', { $push: { a: 1 } }, { a: 1 }, 'data_invalid'],
    ['$push to null', { $push: { a: 1 } }, { a: null }, 'data_invalid'],
    ['$addToSet to an object', { $addToSet: { a: 1 } }, { a: {} }, 'data_invalid'],
    ['$pull from a scalar', { $pull: { a: 1 } }, { a: 1 }, 'data_invalid'],
    ['$set through a scalar', { $set: { 'a.b': 1 } }, { a: 1 }, 'data_invalid'],
    ['$set through null', { $set: { 'a.b': 1 } }, { a: null }, 'data_invalid'],
    ['$set through an array', { $set: { 'a.b': 1 } }, { a: [{ b: 0 }] }, 'data_invalid'],
    ['another _id', { $set: { _id: 'y' } }, { _id: 'x' }, 'data_invalid'],
  ])('%s', (_name, update, document, code) => {
    expect(() => compileUpdate(update)(document)).toThrow(expect.objectContaining({ code }))
  })
})
