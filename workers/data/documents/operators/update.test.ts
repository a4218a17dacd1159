import { describe, expect, it } from 'vitest'
import type { Document, Update } from '../../../../shared/contracts/data'
import { compileUpdate } from './update'

describe('as in MongoDB', () => {
  it.each<[string, Update, Document, Document]>([
    ['$set replaces a value', { $set: { a: 2 } }, { a: 1 }, { a: 2 }],
    ['$set makes the objects on the way', { $set: { 'a.b.c': 1 } }, {}, { a: { b: { c: 1 } } }],
    ['$set stores null', { $set: { a: null } }, {}, { a: null }],
    ['$set leaves undefined fields out', { $set: { a: undefined, b: { c: undefined, d: 1 } } }, {}, { b: { d: 1 } }],
    ['$unset removes a field', { $unset: { a: '' } }, { a: 1, b: 2 }, { b: 2 }],
    ['$unset below a scalar does nothing', { $unset: { 'a.b': '' } }, { a: 1 }, { a: 1 }],
    ['$inc adds to a number', { $inc: { a: -2 } }, { a: 1 }, { a: -1 }],
    ['$inc counts a missing field as 0', { $inc: { 'a.b': 3 } }, {}, { a: { b: 3 } }],
    ['$push appends a value', { $push: { a: 2 } }, { a: [1] }, { a: [1, 2] }],
    ['$push makes a missing array', { $push: { a: [1] } }, {}, { a: [[1]] }],
    ['$push appends each of $each', { $push: { a: { $each: [2, 3] } } }, { a: [1] }, { a: [1, 2, 3] }],
    ['$pull removes all equal items', { $pull: { a: 1 } }, { a: [1, 2, 1] }, { a: [2] }],
    ['$pull removes items by operators', { $pull: { a: { $gte: 2 } } }, { a: [1, 2, 3] }, { a: [1] }],
    [
      '$pull removes objects by their fields',
      { $pull: { a: { id: { $in: ['x', 'y'] } } } },
      { a: [{ id: 'x' }, { id: 'z', n: 1 }, 5] },
      { a: [{ id: 'z', n: 1 }, 5] },
    ],
    ['$pull removes an equal array', { $pull: { a: [1] } }, { a: [1, [1]] }, { a: [1] }],
    [
      '$pull removes objects that match one clause of $or',
      { $pull: { a: { $or: [{ n: 1 }, { n: 2 }] } } },
      { a: [{ n: 1 }, { n: 3 }] },
      { a: [{ n: 3 }] },
    ],
    ['$pull of a missing field does nothing', { $pull: { a: 1 } }, {}, {}],
    ['$addToSet appends a new value', { $addToSet: { a: 2 } }, { a: [1, 1] }, { a: [1, 1, 2] }],
    ['$addToSet adds no value that is there', { $addToSet: { a: { x: 1 } } }, { a: [{ x: 1 }] }, { a: [{ x: 1 }] }],
    ['$addToSet adds each new value of $each once', { $addToSet: { a: { $each: [1, 2, 2] } } }, { a: [1] }, { a: [1, 2] }],
    [
      'several operators change one document',
      { $set: { a: 1 }, $inc: { v: 1 }, $push: { o: 'e' } },
      { v: 1, o: [] },
      { a: 1, v: 2, o: ['e'] },
    ],
    ['$min takes a smaller value', { $min: { a: 1 } }, { a: 2 }, { a: 1 }],
    ['$min keeps the smaller value', { $min: { a: 3 } }, { a: 2 }, { a: 2 }],
    ['$min compares types in the order of BSON', { $min: { a: 'x' } }, { a: { $date: '2026-01-01T00:00:00.000Z' } }, { a: 'x' }],
    ['$max takes a number for null', { $max: { a: 0 } }, { a: null }, { a: 0 }],
    ['$max sets a missing field', { $max: { 'a.b': 1 } }, {}, { a: { b: 1 } }],
    ['$setOnInsert leaves an existing document as it is', { $setOnInsert: { a: 1 } }, { b: 1 }, { b: 1 }],
    [
      'an ObjectId is stored in small letters',
      { $set: { a: { $oid: '65F000000000000000000001' } } },
      {},
      { a: { $oid: '65f000000000000000000001' } },
    ],
    [
      'canonical numbers are stored as numbers',
      { $inc: { a: { $numberInt: '2' } }, $set: { b: { $numberDouble: '1.5' } } },
      {},
      { a: 2, b: 1.5 },
    ],
    ['$set may name the _id that is there', { $set: { _id: 'x', a: 1 } }, { _id: 'x' }, { _id: 'x', a: 1 }],
  ])('%s', (_name, update, document, expected) => {
    const before = structuredClone(document)
    const changed = compileUpdate(update)(document)
    expect(document).toEqual(expected)
    expect(changed).toBe(JSON.stringify(before) !== JSON.stringify(expected))
  })
})

describe('an update is refused, before any document is read, for', () => {
  it.each<[string, unknown, string]>([
    ['no operator', {}, 'data_invalid'],
    ['fields without an operator', { a: 1 }, 'data_invalid'],
    ['operators mixed with fields', { $set: { a: 1 }, b: 2 }, 'data_invalid'],
    ['a pipeline', [{ $set: { a: 1 } }], 'data_unsupported'],
    ['an operator without fields', { $set: 1 }, 'data_invalid'],
    ['one path twice', { $set: { a: 1 }, $inc: { a: 1 } }, 'data_invalid'],
    ['a path and a part of it', { $set: { 'a.b': 1, a: {} } }, 'data_invalid'],
    ['a path and a part of it that do not stand side by side', { $set: { a: 1, 'a-b': 1 }, $inc: { 'a.b': 1 } }, 'data_invalid'],
    ['a modifier of $push that MongoDB does not know', { $push: { a: { $each: [], $first: 1 } } }, 'data_invalid'],
    ['a date without a zone', { $set: { a: { $date: '2026-01-01' } } }, 'data_invalid'],
    ['half an ObjectId', { $set: { a: { $oid: '65f0' } } }, 'data_invalid'],
    ['a field that starts with $', { $set: { a: { $b: 1 } } }, 'data_invalid'],
    ['a path that starts with $', { $set: { $a: 1 } }, 'data_invalid'],
    ['$inc by a string', { $inc: { a: '1' } }, 'data_invalid'],
    ['$inc of _id', { $inc: { _id: 1 } }, 'data_invalid'],
    ['a part of _id', { $set: { '_id.a': 1 } }, 'data_invalid'],
    ['$unset of _id', { $unset: { _id: '' } }, 'data_invalid'],
    ['$push with a scalar $each', { $push: { a: { $each: 1 } } }, 'data_invalid'],
    ['a modifier of $push in $addToSet', { $addToSet: { a: { $each: [], $slice: 1 } } }, 'data_invalid'],
    ['a JavaScript date', { $set: { a: new Date(0) } }, 'data_unsupported'],
    ['NaN', { $set: { a: Number.NaN } }, 'data_unsupported'],
    ['a field with a dot in its name', { $set: { a: { 'b.c': 1 } } }, 'data_unsupported'],
  ])('%s', (_name, update, code) => {
    expect(() => compileUpdate(update)).toThrow(expect.objectContaining({ code }))
  })
})

describe('an update of a document is refused for', () => {
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
    ['$set of another _id', { $set: { _id: 'y' } }, { _id: 'x' }, 'data_invalid'],
  ])('%s', (_name, update, document, code) => {
    expect(() => compileUpdate(update)(document)).toThrow(expect.objectContaining({ code }))
  })
})

it('an update adds new fields in the order of their paths', () => {
  const document = {}
  compileUpdate({ $set: { b: 1, 'c.y': 1, 'c.x': 1 }, $inc: { a: 1 } })(document)
  expect(JSON.stringify(document)).toBe('{"a":1,"b":1,"c":{"x":1,"y":1}}')
})
