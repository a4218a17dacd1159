import { describe, expect, it } from 'vitest'
import type { Document, Filter, Operation, Update } from '../../../shared/contracts/data'
import { collectionOf, refusal } from '../testing/collection'

const find = (filter: Filter): Operation => ({ action: 'find', filter })
const update = (change: Update): Operation => ({ action: 'updateOne', filter: { _id: 'a' }, update: change })
const aggregate = (...pipeline: Document[]): Operation => ({ action: 'aggregate', pipeline })
const insert = (value: unknown): Operation => ({ action: 'insertOne', document: { _id: 'b', value } })

/** What MongoDB does and the embedded engine does not, with the word that its refusal must hold. */
const refused: [string, Operation][] = [
  ['$all', find({ a: { $all: [1] } })],
  ['$nor', find({ $nor: [{ a: 1 }] })],
  ['$not', find({ a: { $not: { $gt: 1 } } })],
  ['$size', find({ a: { $size: 1 } })],
  ['$mod', find({ a: { $mod: [2, 0] } })],
  ['$type', find({ a: { $type: 'string' } })],
  // This pattern keeps JavaScript's own matcher busy for seconds on a text of 25 letters.
  ['$regex', find({ text: { $regex: '^(a+)+$' } })],
  ['$regex', update({ $pull: { list: { $regex: '^(a+)+$' } } })],
  ['$regex', aggregate({ $match: { text: { $regex: '^(a+)+$' } } })],
  ['$options', find({ a: { $options: 'i', $regex: 'a' } })],
  ['$near', find({ a: { $near: [2, 0] } })],
  ['$near', find({ $or: [{ a: { $elemMatch: { b: { $near: [2, 0] } } } }] })],
  ['$near', update({ $pull: { list: { $near: 1 } } })],
  ['$exists', find({ a: { $elemMatch: { $exists: true } } })],
  ['$where', find({ $where: 'true' })],
  ['$expr', find({ $expr: { $gt: ['$a', 1] } })],
  ['$jsonSchema', find({ $jsonSchema: {} })],
  ['$text', find({ $text: { $search: 'a' } })],
  ['a position in an array', find({ 'list.0': 1 })],
  ['$[]', find({ 'list.$[].b': 1 })],

  ['$mul', update({ $mul: { n: 2 } })],
  ['$pop', update({ $pop: { list: 1 } })],
  ['$pullAll', update({ $pullAll: { list: [1] } })],
  ['$rename', update({ $rename: { n: 'm' } })],
  ['$currentDate', update({ $currentDate: { at: true } })],
  ['$bit', update({ $bit: { n: { and: 1 } } })],
  ['$position', update({ $push: { list: { $each: [1], $position: 0 } } })],
  ['$slice', update({ $push: { list: { $each: [1], $slice: -2 } } })],
  ['$sort', update({ $push: { list: { $each: [1], $sort: 1 } } })],
  ['a position in an array', update({ $set: { 'list.0': 1 } })],
  ['list.$', update({ $set: { 'list.$': 1 } })],
  ['$[]', update({ $inc: { 'list.$[]': 1 } })],
  ['$[item]', update({ $set: { 'list.$[item]': 1 } })],
  ['arrayFilters', { action: 'updateOne', filter: {}, update: { $set: { n: 1 } }, arrayFilters: [{ item: 1 }] }],
  ['pipeline', update([{ $set: { n: 2 } }])],

  ['$unwind', aggregate({ $unwind: '$list' })],
  ['$addFields', aggregate({ $addFields: { m: '$n' } })],
  ['$set', aggregate({ $set: { m: '$n' } })],
  ['$unset', aggregate({ $unset: 'n' })],
  ['$replaceRoot', aggregate({ $replaceRoot: { newRoot: '$o' } })],
  ['$replaceWith', aggregate({ $replaceWith: '$o' })],
  ['$sortByCount', aggregate({ $sortByCount: '$n' })],
  ['$lookup', aggregate({ $lookup: { from: 'x' } })],
  ['$out', aggregate({ $out: 'x' })],
  ['constructor', aggregate({ constructor: 1 })],
  ['$avg', aggregate({ $group: { _id: null, m: { $avg: '$n' } } })],
  ['$min', aggregate({ $group: { _id: null, m: { $min: '$n' } } })],
  ['$push', aggregate({ $group: { _id: null, m: { $push: '$n' } } })],
  ['$accumulator', aggregate({ $group: { _id: null, m: { $accumulator: {} } } })],
  ['$multiply', aggregate({ $group: { _id: null, m: { $sum: { $multiply: ['$n', 2] } } } })],
  ['$dateToString', aggregate({ $group: { _id: { $dateToString: { date: '$at' } }, m: { $sum: 1 } } })],
  ['$slice', { action: 'find', projection: { list: { $slice: 1 } } as never }],
  ['$n', aggregate({ $project: { m: '$n' } })],
  ['$add', aggregate({ $project: { m: { $add: ['$n', 1] } } })],

  ['$numberLong', insert({ $numberLong: '9007199254740993' })],
  ['$numberLong', update({ $inc: { n: { $numberLong: '1' } } })],
  ['$numberDecimal', insert({ $numberDecimal: '1.5' })],
  ['$binary', insert({ $binary: { base64: 'AQI=', subType: '00' } })],
  ['$uuid', insert({ $uuid: '00000000-0000-4000-8000-000000000000' })],
  ['$timestamp', insert({ $timestamp: { t: 1, i: 1 } })],
  ['$minKey', insert({ $minKey: 1 })],
  ['$regularExpression', find({ a: { $regularExpression: { pattern: '^(a+)+$', options: '' } } })],
  ['Infinity', insert({ $numberDouble: 'Infinity' })],
  ['2^53', update({ $inc: { n: Number.MAX_SAFE_INTEGER } })],
  ['2^53', aggregate({ $group: { _id: null, m: { $sum: Number.MAX_SAFE_INTEGER } } })],
]

/** What MongoDB refuses too, at least in some of its versions: a name that starts with $ is never stored as a field. */
const wrong: [string, Operation][] = [
  ['$a', insert({ $a: 1 })],
  ['$a', insert({ b: { c: [{ $a: 1 }] } })],
  ['$oid', insert({ a: 1, $oid: '65f000000000000000000001' })],
  ['$oid', insert({ $oid: '65f000000000000000000001', a: 1 })],
  ['$date', { action: 'insertOne', document: { $date: '2026-01-01T00:00:00Z' } }],
  ['$a', update({ $set: { o: { $a: 1 } } })],
  ['$a', update({ $set: { 'o.$a': 1 } })],
  ['$a', { action: 'replaceOne', filter: {}, replacement: { $a: 1 } }],
]

describe('the embedded engine', () => {
  const { run, insert: insertAll, find: findAll } = collectionOf('refused')
  const documents = [
    { _id: 'a', text: `${'a'.repeat(25)}b`, n: 1, list: ['a'.repeat(25), 1], o: { p: 1 } },
    { _id: 'c', n: 2 },
  ]

  it.each([
    ...refused.map((each) => [...each, 'data_unsupported'] as const),
    ...wrong.map((each) => [...each, 'data_invalid'] as const),
  ])('refuses %s by name and changes nothing: %j', async (name, operation, code) => {
    if ((await findAll()).length === 0) await insertAll(...documents)
    const { code: given, message } = await refusal(run(operation as never))
    expect([given, message]).toEqual([code, expect.stringContaining(name)])
    expect(await findAll()).toEqual(documents)
  })

  it('answers a short refusal, however long the name is', async () => {
    const { message } = await refusal(run(find({ [`$${'x'.repeat(100_000)}`]: 1 }) as never))
    expect(message.length).toBeLessThan(600)
  })
})
