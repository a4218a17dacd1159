import { describe, expect, it } from 'vitest'
import type { Document, Filter } from '../../../shared/contracts/data'
import { checkFilter } from './filter'
import { compileFilter } from './language'

function matches(filter: Filter, document: Document): boolean {
  checkFilter(filter)
  return compileFilter(filter)(document)
}

describe('a filter matches as in MongoDB', () => {
  it.each<[string, Filter, Document, boolean]>([
    ['an equal scalar', { a: 1 }, { a: 1 }, true],
    ['never another type', { a: 1 }, { a: '1' }, false],
    ['no boolean for a number', { a: 1 }, { a: true }, false],
    ['an item of an array', { a: 1 }, { a: [2, 1] }, true],
    ['a whole array', { a: [] }, { a: [] }, true],
    ['no other array', { a: [] }, { a: [1] }, false],
    ['an array within an array', { a: [1] }, { a: [[1], 2] }, true],
    ['the order of an array', { a: [1, 2] }, { a: [2, 1] }, false],
    ['the order of fields', { a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } }, false],
    ['an equal object', { a: { x: 1, y: 2 } }, { a: { x: 1, y: 2 } }, true],
    ['a dotted path', { 'a.b': 1 }, { a: { b: 1 } }, true],
    ['a path through an array', { 'a.b': 1 }, { a: [{ b: 2 }, { b: 1 }] }, true],
    ['a path to an array in an array', { 'a.b': 1 }, { a: [{ b: [1] }] }, true],
    ['null for a missing field', { a: null }, {}, true],
    ['null for null', { a: null }, { a: null }, true],
    ['null below a scalar', { 'a.b': null }, { a: 5 }, true],
    ['null missing in one item', { 'a.b': null }, { a: [{ b: 1 }, {}] }, true],
    ['no null in an array without objects', { 'a.b': null }, { a: [1, 2] }, false],
    ['no null in an empty array', { 'a.b': null }, { a: [] }, false],
    ['$eq', { a: { $eq: 'x' } }, { a: 'x' }, true],
    ['$ne of an item', { a: { $ne: 1 } }, { a: [1, 2] }, false],
    ['$ne of a missing field', { a: { $ne: 1 } }, {}, true],
    ['$ne null', { a: { $ne: null } }, {}, false],
    ['$ne through an array', { 'holds.id': { $ne: 'x' } }, { holds: [{ id: 'y' }, { id: 'x' }] }, false],
    ['$gt', { a: { $gt: 1 } }, { a: 2 }, true],
    ['$gt never across types', { a: { $gt: 1 } }, { a: 'z' }, false],
    ['$gte', { a: { $gte: 2 } }, { a: 2 }, true],
    ['$lt of an item', { a: { $lt: 2 } }, { a: [5, 1] }, true],
    ['two bounds by two items', { a: { $gt: 5, $lt: 3 } }, { a: [6, 1] }, true],
    ['$lte of strings', { a: { $lte: 'b' } }, { a: 'a' }, true],
    ['code points above the basic plane last', { a: { $gt: '\uffee' } }, { a: '😀' }, true],
    ['$in', { a: { $in: [1, 2] } }, { a: 2 }, true],
    ['$in with null', { a: { $in: [null] } }, {}, true],
    ['$in with an array', { a: { $in: [[1]] } }, { a: [1] }, true],
    ['$in of nothing', { a: { $in: [] } }, { a: 1 }, false],
    ['$nin', { a: { $nin: [1] } }, { a: [1, 2] }, false],
    ['$nin of a missing field', { a: { $nin: [1] } }, {}, true],
    ['$exists', { a: { $exists: true } }, { a: null }, true],
    ['$exists false', { a: { $exists: false } }, { a: null }, false],
    ['$exists through an array', { 'a.b': { $exists: true } }, { a: [{}, { b: 1 }] }, true],
    ['$elemMatch in one item', { a: { $elemMatch: { x: 1, y: 2 } } }, { a: [{ x: 1, y: 2 }] }, true],
    ['$elemMatch not across items', { a: { $elemMatch: { x: 1, y: 2 } } }, { a: [{ x: 1 }, { y: 2 }] }, false],
    ['$elemMatch of values', { a: { $elemMatch: { $gt: 1, $lt: 3 } } }, { a: [0, 2] }, true],
    ['$elemMatch not in nested arrays', { a: { $elemMatch: { $gt: 1 } } }, { a: [[2]] }, false],
    ['$elemMatch takes a nested array for an object without the field', { a: { $elemMatch: { x: null } } }, { a: [[2]] }, true],
    ['$elemMatch of a field in a nested array', { a: { $elemMatch: { x: 1 } } }, { a: [[{ x: 1 }]] }, false],
    ['$elemMatch on no array', { a: { $elemMatch: { x: 1 } } }, { a: { x: 1 } }, false],
    ['$elemMatch with $or', { a: { $elemMatch: { $or: [{ x: 1 }, { x: 2 }] } } }, { a: [{ x: 2 }] }, true],
    ['$and', { $and: [{ a: 1 }, { b: 2 }] }, { a: 1, b: 2 }, true],
    ['$or', { $or: [{ a: 1 }, { b: 2 }] }, { a: 2, b: 2 }, true],
    ['several operators', { a: { $gte: 1, $ne: 2 } }, { a: 2 }, false],
    ['fields named like methods', { constructor: { $exists: true } }, {}, false],
  ])('%s', (_name, filter, document, expected) => {
    expect(matches(filter, document)).toBe(expected)
  })
})

describe('a filter is refused', () => {
  it.each<[string, unknown, string]>([
    ['$regex', { a: { $regex: 'x' } }, 'data_unsupported'],
    ['$not', { a: { $not: { $gt: 1 } } }, 'data_unsupported'],
    ['$nor', { $nor: [{ a: 1 }] }, 'data_unsupported'],
    ['$where', { $where: 'true' }, 'data_unsupported'],
    ['$expr', { $expr: { $gt: ['$a', 1] } }, 'data_unsupported'],
    ['a position', { 'a.0': 1 }, 'data_unsupported'],
    ['a positional path', { 'a.$': 1 }, 'data_unsupported'],
    ['a date', { a: new Date(0) }, 'data_unsupported'],
    ['a range of objects', { a: { $gt: { x: 1 } } }, 'data_unsupported'],
    ['a range of null', { a: { $gte: null } }, 'data_unsupported'],
    ['$exists by number', { a: { $exists: 1 } }, 'data_unsupported'],
    ['undefined', { a: undefined }, 'data_invalid'],
    ['undefined as an operand', { a: { $eq: undefined } }, 'data_invalid'],
    ['undefined in a list', { a: { $in: [undefined] } }, 'data_invalid'],
    ['operators mixed with fields', { a: { $gt: 1, b: 2 } }, 'data_invalid'],
    ['$in without a list', { a: { $in: 1 } }, 'data_invalid'],
    ['$and without clauses', { $and: [] }, 'data_invalid'],
    ['$or of a scalar', { $or: 1 }, 'data_invalid'],
    ['an empty $elemMatch', { a: { $elemMatch: {} } }, 'data_invalid'],
    ['an empty part', { 'a..b': 1 }, 'data_invalid'],
    ['no object', 'a', 'data_invalid'],
    ['half a character', { a: '\ud800' }, 'data_invalid'],
    ['something unknown deep down', { $or: [{ a: { $elemMatch: { b: { $mod: [2, 0] } } } }] }, 'data_unsupported'],
  ])('%s', (_name, filter, code) => {
    expect(() => checkFilter(filter)).toThrow(expect.objectContaining({ code }))
  })
})
