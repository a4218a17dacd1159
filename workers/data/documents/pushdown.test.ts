import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import type { Document, Index, Sort, Target } from '../../../shared/contracts/data'
import { AppError } from '../../../shared/contracts/errors'
import { documentFrom, filterFrom, type Random, randomOf, scalars, seedOf, valueFrom } from '../testing/random-documents'
import { act } from './actions'
import { Catalog } from './catalog'
import { compileFilter } from './operators/matcher'
import { sortDocuments } from './operators/sort'
import { compileUpdate } from './operators/update'
import { Table } from './table'
import { compareValues } from './values/compare'

const paths = ['a', 'b', 'c.d', 'c', 'e.f', '_id']

function sortFrom(random: Random, most: number): Sort {
  const sort: Sort = {}
  if (random.chance(0.3)) return sort
  for (const probability of [0.8, 0.3].slice(0, most))
    if (random.chance(probability)) sort[random.pick(['a', 'b', 'c.d'])] = random.pick([1, -1])
  sort._id = random.pick([1, -1])
  return sort
}

const indexSets: Index[][] = [
  [{ keys: { a: 1 } }, { keys: { b: -1 } }],
  [{ keys: { a: 1, b: -1, _id: -1 } }, { keys: { 'c.d': 1 } }, { keys: { a: 1, 'c.d': 1 } }, { keys: { a: 1, _id: 1 } }],
  [{ keys: { b: 1, a: 1 } }, { keys: { 'e.f': 1, a: 1 } }, { keys: { 'c.d': 1, b: 1 } }],
]
const partialSets: Index[][] = [
  [
    { keys: { b: -1 }, partial: { a: 'a' } },
    { keys: { 'c.d': 1 }, partial: { b: { $exists: true } } },
    { keys: { a: 1 }, partial: { a: true } },
  ],
]
/** Values that SQLite orders as MongoDB does. They are few, so that documents share terms. */
const orderly = ['a', 'b', 'c', 1, 2, null]
const dates = ['2024', '2025', '2026'].map((year) => ({ $date: `${year}-01-01T00:00:00.000Z` }))

const rounds = [
  ...[...indexSets, ...partialSets].map((indexes, at) => ({ name: `scalars${at}`, arrays: [], indexes, values: undefined })),
  ...indexSets.map((indexes, at) => ({ name: `arrays${at}`, arrays: ['a', 'b', 'c', 'e'], indexes, values: undefined })),
  // With arrays in one field alone, compound indexes over it are multikey.
  ...['a', 'b', 'c', 'e'].flatMap((field) =>
    indexSets.slice(1).map((indexes, at) => ({ name: `multikey-${field}${at}`, arrays: [field], indexes, values: orderly })),
  ),
  { name: 'dates', arrays: ['a'], indexes: indexSets[1] ?? [], values: dates },
]

/** Makes one random write, in the engine and in the plain list of documents. */
function changeOne(
  random: Random,
  catalog: Catalog,
  target: Target,
  documents: Document[],
  round: (typeof rounds)[number],
): void {
  const at = Math.floor(random.next() * documents.length)
  const document = documents[at] ?? {}
  const filter = { _id: document._id }
  if (random.chance(0.2)) {
    documents.splice(at, 1)
    act(catalog, target, { action: 'deleteOne', filter })
    return
  }
  const path = random.pick(['a', 'b', 'c'])
  const value = valueFrom(random, round.arrays.includes(path), round.values)
  const update = random.chance(0.2) ? { $unset: { [path]: '' } } : { $set: { [path]: value } }
  try {
    act(catalog, target, { action: 'updateOne', filter, update })
  } catch (error) {
    // The document would have two arrays in one index; it stays as it was.
    expect(AppError.from(error)).toMatchObject({ code: 'data_invalid', message: expect.stringContaining('parallel arrays') })
    return
  }
  compileUpdate(update)(document)
}

const byId = (documents: Document[]) => [...documents].sort((left, right) => compareValues(left._id, right._id))

/** Compares texts first: to compare thousands of equal lists value by value is what takes time. */
function expectSame(found: Document[], expected: Document[], label: () => string): void {
  if (JSON.stringify(found) !== JSON.stringify(expected)) expect(found, label()).toEqual(expected)
}

describe('an operation that SQLite narrows', () => {
  // The number of queries makes this test long on a slow machine.
  it.each(rounds)('finds the same documents as a test of every document, round $name', { timeout: 60_000 }, async (round) => {
    const { name, indexes, arrays, values } = round
    const random = randomOf(seedOf(name))
    const documents = Array.from({ length: 100 }, (_, id) => documentFrom(random, id, arrays, values))
    for (const [at, document] of documents.entries()) {
      if (at % 10 === 0) document._id = at % 20 === 0 ? at : { $oid: at.toString(16).padStart(24, '0') }
    }
    await runInDurableObject(env.DATABASE.getByName(name), (_instance, { storage }) => {
      const catalog = new Catalog(storage)
      const target = { database: 'property', collection: 'things', indexes }
      // Half of the documents come before the indexes and half after them: these are the two ways into an index.
      act(catalog, { ...target, indexes: [] }, { action: 'insertMany', documents: documents.slice(0, 50) })
      act(catalog, target, { action: 'insertMany', documents: documents.slice(50) })
      const areFew = vi.spyOn(Table.prototype, 'areFew')
      const fewest = vi.spyOn(Table.prototype, 'fewest')
      const countsWalks = ['multikey-a0', 'multikey-b1', 'dates'].includes(name)
      let walks = 0
      for (let query = 0; query < 400; query++) {
        // The answer is the same whichever plan the statistics choose.
        const choice = random.chance(0.5)
        areFew.mockImplementation(() => choice)
        fewest.mockImplementation((ids) => (choice ? 0 : ids.length - 1))
        if (query >= 200) changeOne(random, catalog, target, documents, round)
        // This engine refuses to sort by two arrays of one document.
        const [filter, sort] = [filterFrom(random, paths, values), sortFrom(random, arrays.length > 1 ? 1 : 2)]
        const [field] = arrays
        // A multikey index is read for an equality at the array.
        if (arrays.length === 1 && random.chance(0.5))
          filter[field === 'e' ? 'e.f' : `${field}`] = random.pick<unknown>(values ?? scalars)
        const matches = compileFilter(filter)
        const expected = sortDocuments(documents.filter(matches), { ...sort, _id: sort._id ?? 1 })
        const found = (act(catalog, target, { action: 'find', filter, sort }) as { documents: Document[] }).documents
        const label = () => JSON.stringify({ seed: seedOf(name), query, filter, sort, indexes })
        expectSame(Object.keys(sort).length === 0 ? byId(found) : found, expected, label)
        const page = (
          act(catalog, target, { action: 'find', filter, sort: { ...sort, _id: sort._id ?? 1 }, skip: 1, limit: 3 }) as {
            documents: Document[]
          }
        ).documents
        expectSame(page, expected.slice(1, 4), label)
        if (!countsWalks) continue
        const { plan } = act(catalog, target, { action: 'explain', filter, sort }) as { plan: Document }
        if (plan.source === 'multikey index' && plan.ordered && plan.order !== '') walks++
      }
      // Without enough reads in order from a multikey index, this test would prove nothing about it.
      if (countsWalks) expect(walks).toBeGreaterThan(25)
    })
  })
})
