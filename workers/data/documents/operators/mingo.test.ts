import { Query } from 'mingo'
import { update as mingoUpdate } from 'mingo/updater'
import { describe, expect, it } from 'vitest'
import type { Document, Filter } from '../../../../shared/contracts/data'
import { AppError } from '../../../../shared/contracts/errors'
import { conditionFrom, documentFrom, type Random, randomOf, seedOf, valueFrom } from '../../testing/random-documents'
import { compileFilter } from './matcher'
import { compileUpdate } from './update'

/**
 * mingo as the second opinion. It runs in tests only, because it differs from MongoDB and does not say so:
 * - it gathers the values of a path through an array of objects into one array, for `$elemMatch` and equality to an array;
 * - it reads fields of items that are no objects in `$elemMatch`;
 * - it enters arrays in arrays, and finds no null there when one item of several lacks a field;
 * - it orders strings by UTF-16 units, and takes `{ $date }` and `{ $oid }` for operators;
 * - it ignores `$inc` of a string and `$push` to a scalar, and loses an `$addToSet` into a list that holds a value twice.
 * These cases are left out here; matcher.test.ts and update.test.ts say what is right.
 */
const values = [0, 1, 2, -1, 3, 'a', 'b', 'Z', 'ab', true, false]
const paths = ['a', 'b', 'c.d', 'e.f']

function isCommon(path: string, condition: unknown): boolean {
  if (JSON.stringify(condition).includes('$elemMatch')) return false
  return !(path.includes('.') && Array.isArray(condition))
}

function filterFrom(random: Random, depth = 0): Filter {
  const filter: Filter = {}
  for (let at = Math.floor(random.next() * 2); at >= 0; at--) {
    const path = random.pick(paths)
    let condition = conditionFrom(random, values)
    while (!isCommon(path, condition)) condition = conditionFrom(random, values)
    filter[path] = condition
  }
  for (const clause of ['$and', '$or'])
    if (depth < 2 && random.chance(0.2)) filter[clause] = [filterFrom(random, depth + 1), filterFrom(random, depth + 1)]
  return filter
}

function updateFrom(random: Random): Document {
  const path = () => random.pick(['a', 'b', 'c.d', 'n', 'l'])
  return random.pick<() => Document>([
    () => ({ $set: { [path()]: random.pick(values) } }),
    () => ({ $unset: { [random.pick(['a', 'b', 'c.d'])]: '' } }),
    () => ({ $inc: { n: random.pick([1, -2, 5]) } }),
    () => ({ $min: { n: random.pick([-2, 0, 4]) } }),
    () => ({ $max: { n: random.pick([-2, 0, 4]) } }),
    () => ({ $push: { l: random.pick(values) } }),
    () => ({ $push: { l: { $each: [random.pick(values), random.pick(values)] } } }),
    () => ({ $pull: { l: random.pick(values) } }),
    () => ({ $addToSet: { l: random.pick(values) } }),
    () => ({ $set: { a: random.pick(values) }, $inc: { n: 1 } }),
  ])()
}

describe.each(['first', 'second', 'third'])('the engine and mingo, round %s', (round) => {
  it('match the same documents', () => {
    const random = randomOf(seedOf(`match ${round}`))
    const documents = Array.from({ length: 90 }, (_, id) => documentFrom(random, id, ['a', 'b', 'e'], values)).filter(
      (document) => !/[[,]\[/.test(JSON.stringify(document)),
    )
    let found = 0
    for (let query = 0; query < 400; query++) {
      const filter = filterFrom(random)
      const [matches, plain] = [compileFilter(filter), new Query(filter)]
      const ids = documents.filter(matches).map(({ _id }) => _id)
      const label = JSON.stringify({ seed: seedOf(`match ${round}`), query, filter })
      expect(ids, label).toEqual(documents.filter((document) => plain.test(document)).map(({ _id }) => _id))
      found += ids.length
    }
    // A test that finds nothing, or everything, proves nothing.
    expect(found).toBeGreaterThan(1000)
    expect(found).toBeLessThan(20_000)
  })

  it('change documents alike, unless the engine refuses', () => {
    const random = randomOf(seedOf(`change ${round}`))
    let changes = 0
    for (let at = 0; at < 1500; at++) {
      const document: Document = { _id: `k${at}`, n: random.pick([0, 3, -7]), l: [1, 'a', 2] }
      for (const field of ['a', 'b']) if (random.chance(0.7)) document[field] = valueFrom(random, false, values)
      if (random.chance(0.5)) document.c = { d: random.pick(values) }
      const update = updateFrom(random)
      const [ours, theirs] = [structuredClone(document), structuredClone(document)]
      try {
        if (compileUpdate(update)(ours)) changes++
      } catch (error) {
        // MongoDB refuses some updates for what the document holds, such as $inc of a text. mingo does nothing, or worse.
        expect(AppError.from(error)?.code).toBe('data_invalid')
        continue
      }
      mingoUpdate(theirs, update as never)
      expect(ours, JSON.stringify({ seed: seedOf(`change ${round}`), at, update, document })).toEqual(theirs)
    }
    expect(changes).toBeGreaterThan(500)
  })
})
