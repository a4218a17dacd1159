import { Query } from 'mingo'
import { update as mingoUpdate } from 'mingo/updater'
import { describe, expect, it } from 'vitest'
import type { Document, Filter } from '../../../../shared/contracts/data'
import { AppError } from '../../../../shared/contracts/errors'
import { conditionFrom, documentFrom, type Random, randomOf, seedOf, valueFrom } from '../../testing/random-documents'
import { checkFilter } from './filter'
import { compileFilter } from './matcher'
import { compileUpdate } from './update'

/**
 * Plain mingo as the other opinion, where it is not known to differ from MongoDB. It does, and is left out of here, in that it
 * - takes `$all` on a scalar for no match, where MongoDB's documentation makes it an `$and` of equalities;
 * - finds `$mod` in values that are no numbers, and none in decimals, which MongoDB truncates;
 * - asks `$type` of an array alone and not of its items;
 * - gathers the values of a path through an array of objects into one array, for `$size`, `$elemMatch` and equality to an array;
 * - reads fields of items that are no objects in `$elemMatch`;
 * - looks into arrays in arrays, and finds no null there where a field is missing from one item of several;
 * - orders strings by UTF-16 units; and takes `{ $date }` and `{ $oid }` for operators;
 * - loses an `$addToSet` into a list that holds a value twice.
 * filter.test.ts and update.test.ts say what is right in these.
 */
const values = [0, 1, 2, -1, 3, 'a', 'b', 'Z', 'ab', true, false]
const paths = ['a', 'b', 'c.d', 'e.f']

function isCommon(path: string, condition: unknown): boolean {
  const text = JSON.stringify(condition)
  if (/\$(all|mod|type|elemMatch)/.test(text)) return false
  return !path.includes('.') || !(Array.isArray(condition) || text.includes('$size'))
}

function filterFrom(random: Random, depth = 0): Filter {
  const filter: Filter = {}
  for (let at = Math.floor(random.next() * 2); at >= 0; at--) {
    const path = random.pick(paths)
    let condition = conditionFrom(random, values)
    while (!isCommon(path, condition)) condition = conditionFrom(random, values)
    filter[path] = condition
  }
  for (const clause of ['$and', '$or', '$nor'])
    if (depth < 2 && random.chance(0.2)) filter[clause] = [filterFrom(random, depth + 1), filterFrom(random, depth + 1)]
  return filter
}

function updateFrom(random: Random): Document {
  const path = () => random.pick(['a', 'b', 'c.d', 'n', 'l'])
  return random.pick<() => Document>([
    () => ({ $set: { [path()]: random.pick(values) } }),
    () => ({ $unset: { [random.pick(['a', 'b', 'c.d'])]: '' } }),
    () => ({ $inc: { n: random.pick([1, -2, 5]) } }),
    () => ({ $mul: { n: random.pick([2, -3]) } }),
    () => ({ $min: { n: random.pick([-2, 0, 4]) } }),
    () => ({ $max: { n: random.pick([-2, 0, 4]) } }),
    () => ({ $push: { l: random.pick(values) } }),
    () => ({ $push: { l: { $each: [random.pick(values), random.pick(values)], $position: random.pick([0, 1]) } } }),
    () => ({ $push: { l: { $each: [random.pick(values)], $slice: random.pick([-2, 2]) } } }),
    () => ({ $pull: { l: random.pick(values) } }),
    () => ({ $pullAll: { l: [random.pick(values), random.pick(values)] } }),
    () => ({ $addToSet: { l: random.pick(values) } }),
    () => ({ $pop: { l: random.pick([1, -1]) } }),
    () => ({ $rename: { a: 'z' } }),
    () => ({ $set: { a: random.pick(values) }, $inc: { n: 1 } }),
  ])()
}

describe.each(['first', 'second', 'third'])('beside plain mingo, round %s', (round) => {
  it('matches the same documents', () => {
    const random = randomOf(seedOf(`match ${round}`))
    const documents = Array.from({ length: 90 }, (_, id) => documentFrom(random, id, ['a', 'b', 'e'], values)).filter(
      (document) => !/[[,]\[/.test(JSON.stringify(document)),
    )
    let found = 0
    for (let query = 0; query < 400; query++) {
      const filter = filterFrom(random)
      checkFilter(filter)
      const [matches, plain] = [compileFilter(filter), new Query(filter)]
      for (const document of documents) {
        const label = JSON.stringify({ seed: seedOf(`match ${round}`), query, filter, document })
        expect(matches(document), label).toBe(plain.test(document))
        if (matches(document)) found++
      }
    }
    // A test that finds nothing, or everything, tells nothing.
    expect(found).toBeGreaterThan(1000)
    expect(found).toBeLessThan(20_000)
  })

  it('changes documents alike, unless it refuses to', () => {
    const random = randomOf(seedOf(`change ${round}`))
    let changes = 0
    for (let at = 0; at < 1500; at++) {
      const document: Document = { _id: `k${at}`, n: random.pick([0, 3, -7]), l: [1, 'a', 2] }
      for (const field of ['a', 'b']) if (random.chance(0.7)) document[field] = valueFrom(random, false, values)
      if (random.chance(0.5)) document.c = { d: random.pick(values) }
      const update = updateFrom(random)
      const [ours, theirs] = [structuredClone(document), structuredClone(document)]
      try {
        if (compileUpdate(update).apply(ours)) changes++
      } catch (error) {
        // Where MongoDB refuses by the document, such as $inc of text, mingo says nothing and does nothing or worse.
        expect(AppError.from(error)?.code).toBe('data_invalid')
        continue
      }
      mingoUpdate(theirs, update as never)
      expect(ours, JSON.stringify({ seed: seedOf(`change ${round}`), at, update, document })).toEqual(theirs)
    }
    expect(changes).toBeGreaterThan(500)
  })
})
