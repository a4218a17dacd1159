import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import type { Document, Filter, Index, Sort, Target } from '../../../shared/contracts/data'
import { act } from './actions'
import { Catalog } from './catalog'
import { compareValues } from './compare'
import { compileFilter } from './language'
import { sortDocuments } from './sort'
import { Table } from './table'
import { compileUpdate } from './update'

/** mulberry32: the same numbers for the same seed, so that a failure can be met again. */
function randomOf(seed: number) {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)] as T
  return { next, pick, chance: (probability: number) => next() < probability }
}

type Random = ReturnType<typeof randomOf>

const scalars = [
  0,
  1,
  2,
  -1,
  1.5,
  0.1,
  2 ** 60,
  1e21,
  'a',
  'b',
  '',
  'Z',
  '1',
  'é',
  '😀',
  '\uffee',
  '{"x":1}',
  true,
  false,
  null,
] as const
const paths = ['a', 'b', 'c.d', 'c', 'e.f', '_id']

function valueFrom(random: Random, arrays: boolean, depth = 0): unknown {
  const kind = random.next()
  if (arrays && kind < 0.15)
    return Array.from({ length: Math.floor(random.next() * 3) }, () => valueFrom(random, arrays, depth + 1))
  if (depth < 2 && kind < 0.25) return { x: random.pick(scalars) }
  return random.pick(scalars)
}

function documentFrom(random: Random, id: number, arrays: boolean): Document {
  const document: Document = { _id: `${random.pick(['k', 'm', 'Z'])}${id}` }
  for (const field of ['a', 'b']) if (random.chance(0.85)) document[field] = valueFrom(random, arrays)
  if (random.chance(0.8)) document.c = random.chance(0.7) ? { d: valueFrom(random, arrays) } : valueFrom(random, arrays)
  const items = Array.from({ length: Math.floor(random.next() * 3) }, () => ({
    f: random.pick(scalars),
    g: random.pick(scalars),
  }))
  if (random.chance(0.7)) document.e = arrays ? items : { f: random.pick(scalars) }
  return document
}

function conditionFrom(random: Random): unknown {
  const range = () => ({
    [random.pick(['$gt', '$gte'])]: random.pick([1, 'a', 0, 'Z', true]),
    ...(random.chance(0.5) ? { [random.pick(['$lt', '$lte'])]: random.pick([2, 'b', 1.5]) } : {}),
  })
  return random.pick([
    () => random.pick(scalars),
    () => random.pick(scalars),
    () => ({ $eq: random.pick(scalars) }),
    () => ({ $ne: random.pick(scalars) }),
    () => ({ $in: [random.pick(scalars), random.pick(scalars)] }),
    () => ({ $in: ['a', 1, 'k3', 'm4'] }),
    () => ({ $nin: [random.pick(scalars)] }),
    () => ({ $exists: random.chance(0.5) }),
    () => ({ $lt: random.pick([1, 'b', 'm', 2 ** 40]) }),
    range,
    range,
    () => [],
    () => [random.pick(scalars)],
    () => ({ $elemMatch: { $gte: random.pick([0, 'a']) } }),
    () => ({ $elemMatch: { f: random.pick(scalars) } }),
  ])()
}

function filterFrom(random: Random, depth = 0): Filter {
  const filter: Filter = {}
  const count = Math.floor(random.next() * 3)
  for (let at = 0; at <= count; at++) {
    const path = random.pick(paths)
    filter[path] =
      path === '_id'
        ? random.pick([{ $gt: 'k3' }, { $in: ['k1', 'm2', 'Z3'] }, 'k1', { $lte: 'm5' }, { $ne: 'k1' }])
        : conditionFrom(random)
  }
  if (depth < 2 && random.chance(0.2)) filter.$and = [filterFrom(random, depth + 1), filterFrom(random, depth + 1)]
  if (depth < 2 && random.chance(0.15)) filter.$or = [filterFrom(random, depth + 1), filterFrom(random, depth + 1)]
  return filter
}

function sortFrom(random: Random): Sort {
  const sort: Sort = {}
  if (random.chance(0.4)) return sort
  if (random.chance(0.8)) sort[random.pick(['a', 'b', 'c.d'])] = random.pick([1, -1])
  sort._id = random.pick([1, -1])
  return sort
}

const indexSets: Index[][] = [
  [{ keys: { a: 1 } }, { keys: { b: -1 } }],
  [{ keys: { a: 1, b: -1, _id: -1 } }, { keys: { 'c.d': 1 } }],
  [{ keys: { b: 1, a: 1 } }, { keys: { 'e.f': 1, a: 1 } }, { keys: { 'c.d': 1, b: 1 } }],
]
const partialSets: Index[][] = [
  [
    { keys: { b: -1 }, partial: { a: 'a' } },
    { keys: { 'c.d': 1 }, partial: { b: { $exists: true } } },
    { keys: { a: 1 }, partial: { a: true } },
  ],
]

/** One random write, done both in the engine and to the plain list beside it. */
function changeOne(random: Random, catalog: Catalog, target: Target, documents: Document[], arrays: boolean): void {
  const at = Math.floor(random.next() * documents.length)
  const document = documents[at] ?? {}
  if (random.chance(0.2)) {
    documents.splice(at, 1)
    act(catalog, target, { action: 'deleteOne', filter: { _id: document._id } })
    return
  }
  const path = random.pick(['a', 'b'])
  const update = random.chance(0.2) ? { $unset: { [path]: '' } } : { $set: { [path]: valueFrom(random, arrays) } }
  compileUpdate(update)(document)
  act(catalog, target, { action: 'updateOne', filter: { _id: document._id }, update })
}

const byId = (documents: Document[]) => [...documents].sort((left, right) => compareValues(left._id, right._id))

describe('narrowing by SQLite', () => {
  const rounds = [
    ...[...indexSets, ...partialSets].map((indexes, round) => ({ name: `scalars${round}`, arrays: false, indexes })),
    ...indexSets.map((indexes, round) => ({ name: `arrays${round}`, arrays: true, indexes })),
  ]
  // A slow machine gets its time: it is the number of queries that makes this test long.
  it.each(rounds)('finds what judging every document finds: $name', { timeout: 60_000 }, async ({ name, arrays, indexes }) => {
    const random = randomOf(name.length * 7919 + (arrays ? 1 : 2) + name.charCodeAt(name.length - 1))
    const documents = Array.from({ length: 300 }, (_, id) => documentFrom(random, id, arrays))
    await runInDurableObject(env.DATABASE.getByName(name), (_instance, { storage }) => {
      const catalog = new Catalog(storage)
      const target = { database: 'property', collection: 'things', indexes }
      // Half before and half after the indexes are there: both ways into an index.
      act(catalog, { ...target, indexes: [] }, { action: 'insertMany', documents: documents.slice(0, 150) })
      act(catalog, target, { action: 'insertMany', documents: documents.slice(150) })
      const areFew = vi.spyOn(Table.prototype, 'areFew')
      for (let query = 0; query < 400; query++) {
        // Whichever way is taken, the answer is the same.
        const choice = random.chance(0.5)
        areFew.mockImplementation(() => choice)
        if (query >= 200) changeOne(random, catalog, target, documents, arrays)
        const [filter, sort] = [filterFrom(random), sortFrom(random)]
        const matches = compileFilter(filter)
        const expected = sortDocuments(documents.filter(matches), { ...sort, _id: sort._id ?? 1 })
        const found = (act(catalog, target, { action: 'find', filter, sort }) as { documents: Document[] }).documents
        const label = JSON.stringify({ filter, sort, indexes })
        expect(Object.keys(sort).length === 0 ? byId(found) : found, label).toEqual(expected)
        const page = (
          act(catalog, target, { action: 'find', filter, sort: { ...sort, _id: sort._id ?? 1 }, skip: 1, limit: 3 }) as {
            documents: Document[]
          }
        ).documents
        expect(page, label).toEqual(expected.slice(1, 4))
      }
    })
  })
})
