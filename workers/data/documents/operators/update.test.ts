import { describe, expect, it } from 'vitest'
import type { Document, Update } from '../../../../shared/contracts/data'
import { compileUpdate } from './update'

const at0 = { $date: '1970-01-01T00:00:00.000Z' }

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
    ['$mul', { $mul: { a: 3, b: 2 } }, { a: 2 }, { a: 6, b: 0 }],
    ['$min of a smaller value', { $min: { a: 1 } }, { a: 2 }, { a: 1 }],
    ['$min of a greater value', { $min: { a: 3 } }, { a: 2 }, { a: 2 }],
    ['$min across types', { $min: { a: 'x' } }, { a: { $date: '2026-01-01T00:00:00.000Z' } }, { a: 'x' }],
    ['$max of null', { $max: { a: 0 } }, { a: null }, { a: 0 }],
    ['$max of a missing field', { $max: { 'a.b': 1 } }, {}, { a: { b: 1 } }],
    ['$rename', { $rename: { a: 'b.c' } }, { a: 1 }, { b: { c: 1 } }],
    ['$rename over another field', { $rename: { a: 'b' } }, { b: 2, a: 1 }, { b: 1 }],
    ['$rename of a missing field', { $rename: { a: 'b.c' } }, { d: 1 }, { d: 1 }],
    ['$pop of the last', { $pop: { a: 1 } }, { a: [1, 2] }, { a: [1] }],
    ['$pop of the first', { $pop: { a: -1 } }, { a: [1, 2] }, { a: [2] }],
    ['$pop of nothing', { $pop: { a: 1, b: 1 } }, { a: [] }, { a: [] }],
    ['$pullAll', { $pullAll: { a: [1, { x: 1 }] } }, { a: [1, 2, { x: 1 }, 1] }, { a: [2] }],
    ['$currentDate', { $currentDate: { a: true, b: { $type: 'date' } } }, {}, { a: at0, b: at0 }],
    ['$push $position', { $push: { a: { $each: [8, 9], $position: 1 } } }, { a: [1, 2] }, { a: [1, 8, 9, 2] }],
    ['$push $position from the end', { $push: { a: { $each: [9], $position: -1 } } }, { a: [1, 2] }, { a: [1, 9, 2] }],
    ['$push $sort, then $slice', { $push: { a: { $each: [2], $slice: 2, $sort: -1 } } }, { a: [1, 3] }, { a: [3, 2] }],
    [
      '$push $sort by a field',
      { $push: { a: { $each: [{ n: 1 }], $sort: { n: 1 } } } },
      { a: [{ n: 3 }, { n: 2 }] },
      { a: [{ n: 1 }, { n: 2 }, { n: 3 }] },
    ],
    ['$pull by pattern', { $pull: { a: { $regex: '^x' } } }, { a: ['xy', 'yx', 1] }, { a: ['yx', 1] }],
    ['a position', { $set: { 'a.1.b': 2 } }, { a: [{ b: 1 }, { b: 1 }] }, { a: [{ b: 1 }, { b: 2 }] }],
    ['a position behind the end', { $set: { 'a.3': 2 } }, { a: [1] }, { a: [1, null, null, 2] }],
    ['a position where nothing is', { $set: { 'a.0': 2 } }, {}, { a: { 0: 2 } }],
    ['$unset of a position', { $unset: { 'a.0': '' } }, { a: [1, 2] }, { a: [null, 2] }],
    ['$unset of a position behind the end', { $unset: { 'a.5': '' } }, { a: [1] }, { a: [1] }],
    ['$[]', { $inc: { 'a.$[].n': 1 } }, { a: [{ n: 1 }, {}] }, { a: [{ n: 2 }, { n: 1 }] }],
    ['$[] of nothing', { $set: { 'a.$[]': 1 } }, { a: [] }, { a: [] }],
    ['$[] within $[]', { $mul: { 'a.$[].$[]': 2 } }, { a: [[1, 2], [3]] }, { a: [[2, 4], [6]] }],
    ['$setOnInsert of what is there', { $setOnInsert: { a: 1 } }, { b: 1 }, { b: 1 }],
    ['an ObjectId', { $set: { a: { $oid: '65F000000000000000000001' } } }, {}, { a: { $oid: '65f000000000000000000001' } }],
    ['canonical numbers', { $inc: { a: { $numberInt: '2' } }, $set: { b: { $numberDouble: '1.5' } } }, {}, { a: 2, b: 1.5 }],
    ['the same _id', { $set: { _id: 'x', a: 1 } }, { _id: 'x' }, { _id: 'x', a: 1 }],
  ])('%s', (_name, update, document, expected) => {
    const before = structuredClone(document)
    const changed = compileUpdate(update).apply(document)
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
    ['an operator without fields', { $set: 1 }, 'data_invalid'],
    ['one path twice', { $set: { a: 1 }, $inc: { a: 1 } }, 'data_invalid'],
    ['a path and a part of it', { $set: { 'a.b': 1, a: {} } }, 'data_invalid'],
    ['a path and a part of it, with others between', { $set: { a: 1, 'a-b': 1 }, $inc: { 'a.b': 1 } }, 'data_invalid'],
    ['$', { $set: { 'a.$.b': 1 } }, 'data_unsupported'],
    ['an unknown operator', { $bit: { a: { and: 1 } } }, 'data_unsupported'],
    ['a position and its array', { $set: { 'a.0': 1, a: [] } }, 'data_invalid'],
    ['$[] beside a position', { $set: { 'a.$[]': 1, 'a.0': 2 } }, 'data_invalid'],
    ['$[name] without its filter', { $set: { 'a.$[x]': 1 } }, 'data_invalid'],
    ['$[] at the beginning', { $set: { '$[].a': 1 } }, 'data_unsupported'],
    ['a name with a capital', { $set: { 'a.$[Name]': 1 } }, 'data_invalid'],
    ['$rename to itself', { $rename: { a: 'a' } }, 'data_invalid'],
    ['$rename to what is changed', { $rename: { a: 'b' }, $set: { b: 1 } }, 'data_invalid'],
    ['$rename of items', { $rename: { 'a.$[]': 'b' } }, 'data_invalid'],
    ['$rename of _id', { $rename: { _id: 'b' } }, 'data_invalid'],
    ['$rename to _id', { $rename: { b: '_id' } }, 'data_invalid'],
    ['$pop by 2', { $pop: { a: 2 } }, 'data_invalid'],
    ['$pullAll of a value', { $pullAll: { a: 1 } }, 'data_invalid'],
    ['$mul by a string', { $mul: { a: '1' } }, 'data_invalid'],
    ['$currentDate as a timestamp', { $currentDate: { a: { $type: 'timestamp' } } }, 'data_unsupported'],
    ['$currentDate of a number', { $currentDate: { a: 1 } }, 'data_invalid'],
    ['$push with $position of text', { $push: { a: { $each: [], $position: 'x' } } }, 'data_invalid'],
    ['$push with something unknown', { $push: { a: { $each: [], $first: 1 } } }, 'data_invalid'],
    ['$pull by an unknown operator', { $pull: { a: { $near: 1 } } }, 'data_unsupported'],
    ['Decimal128', { $set: { a: { $numberDecimal: '1.5' } } }, 'data_unsupported'],
    ['Int64', { $inc: { a: { $numberLong: '1' } } }, 'data_unsupported'],
    ['a date without a zone', { $set: { a: { $date: '2026-01-01' } } }, 'data_invalid'],
    ['half an ObjectId', { $set: { a: { $oid: '65f0' } } }, 'data_invalid'],
    ['a field that starts with $', { $set: { a: { $b: 1 } } }, 'data_invalid'],
    ['a path that starts with $', { $set: { $a: 1 } }, 'data_invalid'],
    ['$inc by a string', { $inc: { a: '1' } }, 'data_invalid'],
    ['$inc of _id', { $inc: { _id: 1 } }, 'data_invalid'],
    ['a part of _id', { $set: { '_id.a': 1 } }, 'data_invalid'],
    ['$unset of _id', { $unset: { _id: '' } }, 'data_invalid'],
    ['$push with a scalar $each', { $push: { a: { $each: 1 } } }, 'data_invalid'],
    ['$push with $slice alone', { $push: { a: { $slice: 1 } } }, 'data_invalid'],
    ['$addToSet with $slice', { $addToSet: { a: { $each: [], $slice: 1 } } }, 'data_invalid'],
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
    ['$mul of text', { $mul: { a: 2 } }, { a: 'x' }, 'data_invalid'],
    ['$pop of a scalar', { $pop: { a: 1 } }, { a: 1 }, 'data_invalid'],
    ['$pullAll from a scalar', { $pullAll: { a: [1] } }, { a: 1 }, 'data_invalid'],
    ['$[] of no array', { $set: { 'a.$[]': 1 } }, { a: 1 }, 'data_invalid'],
    ['$[] of a missing array', { $set: { 'a.$[]': 1 } }, {}, 'data_invalid'],
    ['$rename through an array', { $rename: { 'a.b': 'c' } }, { a: [{ b: 1 }] }, 'data_invalid'],
    ['$set of a field in an item that is none', { $set: { 'a.0.b': 1 } }, { a: [5] }, 'data_invalid'],
    ['$push $sort by fields of numbers', { $push: { a: { $each: [1], $sort: { n: 1 } } } }, {}, 'data_unsupported'],
    ['another _id', { $set: { _id: 'y' } }, { _id: 'x' }, 'data_invalid'],
  ])('%s', (_name, update, document, code) => {
    expect(() => compileUpdate(update).apply(document)).toThrow(expect.objectContaining({ code }))
  })
})

describe('array filters', () => {
  const apply = (update: Update, arrayFilters: unknown, document: Document) => {
    compileUpdate(update, { arrayFilters }).apply(document)
    return document
  }

  it('name the items to change', () => {
    const lines = {
      lines: [
        { id: 'x', q: 1 },
        { id: 'y', q: 5 },
      ],
    }
    expect(apply({ $inc: { 'lines.$[line].q': 1 } }, [{ 'line.id': 'y' }], structuredClone(lines))).toEqual({
      lines: [
        { id: 'x', q: 1 },
        { id: 'y', q: 6 },
      ],
    })
    expect(
      apply({ $set: { 'n.$[low]': 0, 'n.$[high]': 9 } }, [{ low: { $lt: 3 } }, { high: { $gt: 3 } }], { n: [1, 3, 5] }),
    ).toEqual({
      n: [0, 3, 9],
    })
    const either = [{ $or: [{ 'line.id': 'x' }, { 'line.q': { $gt: 4 } }] }]
    expect(apply({ $unset: { 'lines.$[line].q': '' } }, either, structuredClone(lines))).toEqual({
      lines: [{ id: 'x' }, { id: 'y' }],
    })
  })

  it.each<[string, Update, unknown]>([
    ['one that is not used', { $set: { a: 1 } }, [{ x: 1 }]],
    ['two of one name', { $set: { 'a.$[x]': 1 } }, [{ x: 1 }, { 'x.b': 1 }]],
    ['one of two names', { $set: { 'a.$[x]': 1 } }, [{ x: 1, y: 1 }]],
    ['one of no name', { $set: { 'a.$[x]': 1 } }, [{}]],
    ['no list', { $set: { 'a.$[x]': 1 } }, { x: 1 }],
  ])('are refused as MongoDB refuses them: %s', (_name, update, arrayFilters) => {
    expect(() => compileUpdate(update, { arrayFilters })).toThrow(expect.objectContaining({ code: 'data_invalid' }))
  })

  it('are refused when two of them change one item', () => {
    const both = () => apply({ $set: { 'a.$[x]': 1, 'a.$[y]': 2 } }, [{ x: 1 }, { y: { $lt: 3 } }], { a: [1, 2] })
    expect(both).toThrow(expect.objectContaining({ code: 'data_invalid' }))
  })
})

it('adds new fields in the order of their paths', () => {
  const document = {}
  compileUpdate({ $set: { b: 1, 'c.10': 1, 'c.9': 1 }, $inc: { a: 1 } }).apply(document)
  expect(JSON.stringify(document)).toBe('{"a":1,"b":1,"c":{"9":1,"10":1}}')
})
