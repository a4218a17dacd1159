import { describe, expect, it } from 'vitest'
import type { Document, Filter } from '../../../../shared/contracts/data'
import { compileFilter } from './matcher'

const oid = { $oid: '65f000000000000000000001' }
const newYear = { $date: '2026-01-01T00:00:00.000Z' }

describe('as in MongoDB, a filter matches', () => {
  it.each<[string, Filter, Document]>([
    ['an equal scalar', { a: 1 }, { a: 1 }],
    ['an item of an array', { a: 1 }, { a: [2, 1] }],
    ['a whole array', { a: [] }, { a: [] }],
    ['an array within an array', { a: [1] }, { a: [[1], 2] }],
    ['an equal object', { a: { x: 1, y: 2 } }, { a: { x: 1, y: 2 } }],
    ['a field of an object', { 'a.b': 1 }, { a: { b: 1 } }],
    ['a field of an object in an array', { 'a.b': 1 }, { a: [{ b: 2 }, { b: 1 }] }],
    ['an item of an array in an array of objects', { 'a.b': 1 }, { a: [{ b: [1] }] }],
    ['a missing field by null', { a: null }, {}],
    ['null by null', { a: null }, { a: null }],
    ['a field below a scalar by null', { 'a.b': null }, { a: 5 }],
    ['a field that one item of an array lacks by null', { 'a.b': null }, { a: [{ b: 1 }, {}] }],
    ['an equal value by $eq', { a: { $eq: 'x' } }, { a: 'x' }],
    ['a missing field by $ne', { a: { $ne: 1 } }, {}],
    ['a greater number by $gt', { a: { $gt: 1 } }, { a: 2 }],
    ['an equal number by $gte', { a: { $gte: 2 } }, { a: 2 }],
    ['one item of an array by $lt', { a: { $lt: 2 } }, { a: [5, 1] }],
    ['two items of an array by one bound each', { a: { $gt: 5, $lt: 3 } }, { a: [6, 1] }],
    ['a lesser text by $lte', { a: { $lte: 'b' } }, { a: 'a' }],
    ['a code point above the basic plane after all others', { a: { $gt: '\uffee' } }, { a: '😀' }],
    ['one of a list by $in', { a: { $in: [1, 2] } }, { a: 2 }],
    ['a missing field by $in with null', { a: { $in: [null] } }, {}],
    ['a whole array by $in', { a: { $in: [[1]] } }, { a: [1] }],
    ['a missing field by $nin', { a: { $nin: [1] } }, {}],
    ['null by $exists', { a: { $exists: true } }, { a: null }],
    ['a field of one item of an array by $exists', { 'a.b': { $exists: true } }, { a: [{}, { b: 1 }] }],
    ['two fields of one item by $elemMatch', { a: { $elemMatch: { x: 1, y: 2 } } }, { a: [{ x: 1, y: 2 }] }],
    ['an item between two bounds by $elemMatch', { a: { $elemMatch: { $gt: 1, $lt: 3 } } }, { a: [0, 2] }],
    ['a nested array, which lacks the field, by $elemMatch', { a: { $elemMatch: { x: null } } }, { a: [[2]] }],
    ['an item by $elemMatch with $or', { a: { $elemMatch: { $or: [{ x: 1 }, { x: 2 }] } } }, { a: [{ x: 2 }] }],
    ['what all clauses of $and match', { $and: [{ a: 1 }, { b: 2 }] }, { a: 1, b: 2 }],
    ['what one clause of $or matches', { $or: [{ a: 1 }, { b: 2 }] }, { a: 2, b: 2 }],
    ['an ObjectId', { a: oid }, { a: [oid] }],
    ['a later date', { a: { $gte: newYear } }, { a: { $date: '2026-02-01T00:00:00.000Z' } }],
    ['the last of a million items', { 'a.b': 1 }, { a: { b: Array.from({ length: 1_000_000 }, (_, at) => at - 999_998) } }],
    ['everything when it is empty', {}, { a: 1 }],
  ])('%s', (_name, filter, document) => {
    expect(compileFilter(filter)(document)).toBe(true)
  })
})

describe('as in MongoDB, a filter does not match', () => {
  it.each<[string, Filter, Document]>([
    ['a value of another type', { a: 1 }, { a: '1' }],
    ['true for 1', { a: 1 }, { a: true }],
    ['a longer array', { a: [] }, { a: [1] }],
    ['an array in another order', { a: [1, 2] }, { a: [2, 1] }],
    ['an object with its fields in another order', { a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } }],
    ['an array without objects by null in a field of theirs', { 'a.b': null }, { a: [1, 2] }],
    ['an empty array by null in a field of its items', { 'a.b': null }, { a: [] }],
    ['an array with an equal item by $ne', { a: { $ne: 1 } }, { a: [1, 2] }],
    ['a missing field by $ne null', { a: { $ne: null } }, {}],
    ['an array with an equal field in one item by $ne', { 'holds.id': { $ne: 'x' } }, { holds: [{ id: 'y' }, { id: 'x' }] }],
    ['a text by $gt with a number', { a: { $gt: 1 } }, { a: 'z' }],
    ['anything by $in with an empty list', { a: { $in: [] } }, { a: 1 }],
    ['an array with a listed item by $nin', { a: { $nin: [1] } }, { a: [1, 2] }],
    ['null by $exists false', { a: { $exists: false } }, { a: null }],
    ['fields of two items by $elemMatch', { a: { $elemMatch: { x: 1, y: 2 } } }, { a: [{ x: 1 }, { y: 2 }] }],
    ['an item of a nested array by $elemMatch', { a: { $elemMatch: { $gt: 1 } } }, { a: [[2]] }],
    ['a field in a nested array by $elemMatch', { a: { $elemMatch: { x: 1 } } }, { a: [[{ x: 1 }]] }],
    ['an object by $elemMatch', { a: { $elemMatch: { x: 1 } } }, { a: { x: 1 } }],
    ['what only one of two operators allows', { a: { $gte: 1, $ne: 2 } }, { a: 2 }],
    ['a text by a range of dates', { a: { $gte: newYear } }, { a: '2026-02-01' }],
    ['a field that is only named like a method', { constructor: { $exists: true } }, {}],
  ])('%s', (_name, filter, document) => {
    expect(compileFilter(filter)(document)).toBe(false)
  })
})

describe('a filter is refused for', () => {
  it.each<[string, unknown, string]>([
    ['a JavaScript date', { a: new Date(0) }, 'data_unsupported'],
    ['a range of objects', { a: { $gt: { x: 1 } } }, 'data_unsupported'],
    ['a range of null', { a: { $gte: null } }, 'data_unsupported'],
    ['$exists by a number', { a: { $exists: 1 } }, 'data_unsupported'],
    ['undefined', { a: undefined }, 'data_invalid'],
    ['undefined as an operand', { a: { $eq: undefined } }, 'data_invalid'],
    ['undefined in a list', { a: { $in: [undefined] } }, 'data_invalid'],
    ['operators mixed with fields', { a: { $gt: 1, b: 2 } }, 'data_invalid'],
    ['$in without a list', { a: { $in: 1 } }, 'data_invalid'],
    ['$and without clauses', { $and: [] }, 'data_invalid'],
    ['$or of a scalar', { $or: 1 }, 'data_invalid'],
    ['an empty $elemMatch', { a: { $elemMatch: {} } }, 'data_invalid'],
    ['a path with an empty part', { 'a..b': 1 }, 'data_invalid'],
    ['not being an object', 'a', 'data_invalid'],
    ['half of a surrogate pair', { a: '\ud800' }, 'data_invalid'],
  ])('%s', (_name, filter, code) => {
    expect(() => compileFilter(filter)).toThrow(expect.objectContaining({ code }))
  })
})
