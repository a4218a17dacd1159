import { expect, it } from 'vitest'
import { expandPulls, needsHelp, onMatches, rephrase, widen } from './ferret'

const holds = { $elemMatch: { order: 'o', quantity: { $gte: 2 }, note: { $ne: 'x' } } }

it('replaces only a $pull by condition and an $elemMatch on fields', () => {
  const update = (change: object, filter: object = {}) => needsHelp({ action: 'updateOne', filter, update: change })
  expect(update({ $pull: { a: 1, b: 'x' } })).toBe(false)
  expect(update({ $pull: { a: { $in: [1] } } })).toBe(true)
  expect(needsHelp({ action: 'find', filter: { a: { $elemMatch: { $gte: 1 } } } })).toBe(false)
  expect(needsHelp({ action: 'find', filter: { $or: [{ a: 1 }, { holds }] } })).toBe(true)
  expect(needsHelp({ action: 'find' })).toBe(false)
})

it('widens a filter to one that matches at least as many documents', () => {
  expect(widen({ _id: 'a', holds })).toEqual({ $and: [{ _id: 'a' }, { 'holds.order': 'o' }, { 'holds.quantity': { $gte: 2 } }] })
  expect(widen({ holds: { $elemMatch: { note: { $ne: 'x' } } } })).toEqual({})
})

it('acts on exactly the documents that the filter matches', () => {
  const candidates = [
    { _id: 'a', holds: [{ order: 'o', quantity: 2 }] },
    {
      _id: 'b',
      holds: [
        { order: 'o', quantity: 1 },
        { order: 'p', quantity: 3 },
      ],
    },
  ]
  const operation = { action: 'deleteMany' as const, filter: { holds } }
  expect(onMatches(operation, candidates)).toEqual({ action: 'deleteMany', filter: { _id: { $in: ['a'] } } })
})

it('pulls the items that a condition matches by their values, and keeps values and other operators as they are', () => {
  const update = { $inc: { n: 1 }, $pull: { holds: { order: { $in: ['o'] } }, list: { $gt: 1 }, tags: 'x', missing: { $gt: 1 } } }
  const document = { holds: [{ order: 'o', at: 1 }, { order: 'p' }], list: [1, 2, 3] }
  expect(expandPulls(update, document)).toEqual({
    $inc: { n: 1 },
    $pull: { tags: 'x' },
    $pullAll: { holds: [{ order: 'o', at: 1 }], list: [2, 3], missing: [] },
  })
})

it('replaces a negation on elements by $nor, also under $and and $or, and keeps other negations as they are', () => {
  const filter = {
    _id: 'a',
    n: { $ne: 1 },
    'holds.order': { $ne: 'o', $exists: true },
    $or: [{ 'x.y': { $nin: [1] } }, { b: 1 }],
  }
  expect(needsHelp({ action: 'find', filter })).toBe(true)
  expect(needsHelp({ action: 'find', filter: { n: { $ne: 1 }, 'a.b': 1 } })).toBe(false)
  expect(rephrase(filter)).toEqual({
    _id: 'a',
    n: { $ne: 1 },
    'holds.order': { $exists: true },
    $or: [{ $nor: [{ 'x.y': { $in: [1] } }] }, { b: 1 }],
    $nor: [{ 'holds.order': 'o' }],
  })
})
