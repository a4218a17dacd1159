import type { Document, Filter } from '../../../shared/contracts/data'
import { seeded } from '../../../shared/testing/interleaving'

/** Random values by a seed, so that a failure can be repeated. */
export function randomOf(seed: number) {
  const next = seeded(seed)
  const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)] as T
  return { next, pick, chance: (probability: number) => next() < probability }
}

export type Random = ReturnType<typeof randomOf>

/** The seed of a round, from its name; the message of a failure contains it. */
export const seedOf = (round: string) => [...round].reduce((sum, character) => Math.imul(sum, 31) + character.charCodeAt(0), 7919)

export const scalars = [
  ...[0, 1, 2, -1, 1.5, 0.1, 2 ** 60, 1e21, 'a', 'b', '', 'Z', '1', 'é', '😀', '\uffee', '{"x":1}', true, false, null],
  ...[{ $date: '2026-01-01T00:00:00.000Z' }, { $date: '2025-06-01T12:00:00.000Z' }, { $oid: '65f000000000000000000001' }],
] as const

/** A random document with an array in at most one of the given fields, since one index may not hold two arrays. */
export function documentFrom(
  random: Random,
  id: number,
  arrays: readonly string[],
  values: readonly unknown[] = scalars,
): Document {
  const document: Document = { _id: `${random.pick(['k', 'm', 'Z'])}${id}` }
  const array = arrays.length === 0 ? '' : random.pick(arrays)
  for (const field of ['a', 'b']) if (random.chance(0.85)) document[field] = valueFrom(random, array === field, values)
  if (random.chance(0.8)) {
    const value = valueFrom(random, array === 'c', values)
    document.c = random.chance(0.7) ? { d: value } : value
  }
  if (random.chance(0.7)) {
    const item = () => ({ f: random.pick(values), g: random.pick(values) })
    document.e = array === 'e' ? Array.from({ length: Math.floor(random.next() * 3) }, item) : { f: random.pick(values) }
  }
  return document
}

export function valueFrom(random: Random, arrays: boolean, values: readonly unknown[] = scalars, depth = 0): unknown {
  const kind = random.next()
  if (arrays && kind < (depth === 0 ? 0.6 : 0.15)) {
    return Array.from({ length: Math.floor(random.next() * 4) }, () => valueFrom(random, arrays, values, depth + 1))
  }
  // SQLite has no order for objects, so there are none among values that it must order.
  if (values === scalars && depth < 2 && kind > 0.9) return { x: random.pick(values) }
  return random.pick(values)
}

/** A random condition on a path that compares with some of the values. */
export function conditionFrom(random: Random, values: readonly unknown[] = scalars): unknown {
  const some = () => random.pick(values)
  const bound = () => random.pick(values.filter((value) => value !== null))
  const range = () => ({
    [random.pick(['$gt', '$gte'])]: bound(),
    ...(random.chance(0.5) ? { [random.pick(['$lt', '$lte'])]: bound() } : {}),
  })
  return random.pick([
    some,
    some,
    () => ({ $eq: some() }),
    () => ({ $ne: some() }),
    () => ({ $in: [some(), some()] }),
    () => ({ $nin: [some()] }),
    () => ({ $exists: random.chance(0.5) }),
    () => ({ $lt: bound() }),
    range,
    range,
    () => [],
    () => [some()],
    () => ({ $elemMatch: range() }),
    () => ({ $elemMatch: { f: some() } }),
  ])()
}

export function filterFrom(random: Random, paths: readonly string[], values: readonly unknown[] = scalars, depth = 0): Filter {
  const filter: Filter = {}
  for (let at = Math.floor(random.next() * 3); at >= 0; at--) {
    const path = random.pick(paths)
    filter[path] =
      path === '_id'
        ? random.pick([{ $gt: 'k3' }, { $in: ['k1', 'm2', 'Z3', 5] }, 'k1', { $lte: 'm5' }, { $ne: 'k1' }, { $gte: 3 }])
        : conditionFrom(random, values)
  }
  for (const [clause, probability] of [
    ['$and', 0.2],
    ['$or', 0.15],
  ] as const) {
    if (depth >= 2 || !random.chance(probability)) continue
    filter[clause] = [filterFrom(random, paths, values, depth + 1), filterFrom(random, paths, values, depth + 1)]
  }
  return filter
}
