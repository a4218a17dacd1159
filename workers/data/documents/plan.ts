import type { Filter, Index, Sort } from '../../../shared/contracts/data'
import { type Condition, conditionsOf, type Pushable } from './conditions'
import { exactSql, partialSql, valueSql } from './index-sql'
import type { Kind } from './kind'

/** How SQLite reads a superset of the matches, and whether it gives them in the order that was asked for. */
export type Plan = { where: string[]; bindings: (string | number)[]; order: string; ordered: boolean }

/** What planning needs to know of a collection. */
export type Paths = { entries: string; indexes: readonly Index[]; kinds: ReadonlyMap<string, Kind> }

/** The ids that a narrower plan would read, as a query. */
export type Ids = { from: string; where: string[]; bindings: (string | number)[] }
/** Whether a query gives so few ids that reading and sorting them beats walking an index in the right order. */
export type AreFew = (ids: Ids) => boolean

type Candidate = { index: Index; equal: string[]; next: string | undefined; sorted: boolean; score: number }
type Narrowing = Pick<Plan, 'where' | 'bindings'>

const identity: Index = { keys: { _id: 1 } }

/**
 * How to read. Where an index gives the order that is asked for and another one narrows, `areFew` decides: a page of many is read
 * in order until it is full, and SQLite drops the rows that fail the other conditions before anybody parses them.
 */
export function planOf(filter: Filter, sort: Sort, paths: Paths, areFew: AreFew): Plan {
  const conditions = conditionsOf(filter)
  const candidates = [identity, ...paths.indexes].map((index) => candidateOf(index, conditions, sort, paths))
  const best = bestOf(candidates)
  const inOrder = bestOf(candidates.filter(({ sorted }) => sorted))
  const entries = entryIds(conditions, paths, best === undefined)
  if (inOrder !== undefined) {
    const plan = indexPlan(inOrder, conditions, sort)
    const others = narrowings(candidates, inOrder, conditions, entries)
    const enough = others.length === 0 || (inOrder.equal.length > 0 && areFew({ from: '', ...plan }))
    const narrower = enough ? undefined : others.find(({ ids }) => areFew(ids))
    if (narrower !== undefined) return { ...narrower.plan, order: '', ordered: false }
    const rest = remainder(conditions, inOrder, paths)
    return { ...plan, where: [...plan.where, ...rest.where], bindings: [...plan.bindings, ...rest.bindings] }
  }
  if (entries !== undefined && (best === undefined || best.equal.length === 0))
    return { ...among(entries), order: '', ordered: isEmpty(sort) }
  if (best === undefined) return { where: [], bindings: [], order: '', ordered: isEmpty(sort) }
  return indexPlan(best, conditions, sort)
}

function bestOf(candidates: readonly Candidate[]): Candidate | undefined {
  return candidates.reduce<Candidate | undefined>(
    (winner, next) => (next.score > (winner?.score ?? 0) ? next : winner),
    undefined,
  )
}

/** What could be read instead of an index in the right order. */
function narrowings(
  candidates: readonly Candidate[],
  inOrder: Candidate,
  conditions: Map<string, Condition>,
  entries: Ids | undefined,
): { ids: Ids; plan: Narrowing }[] {
  const others = candidates.filter(
    (other) => other !== inOrder && (other.next !== undefined || other.equal.some((path) => !inOrder.equal.includes(path))),
  )
  return [
    ...(entries === undefined ? [] : [{ ids: entries, plan: among(entries) }]),
    ...others.map((other) => {
      const { where, bindings } = indexPlan({ ...other, sorted: false }, conditions, {})
      return { ids: { from: '', where, bindings }, plan: { where, bindings } }
    }),
  ]
}

const among = ({ from, where, bindings }: Ids): Narrowing => ({
  where: [`id IN (SELECT id FROM ${from} WHERE ${where.join(' AND ')})`],
  bindings,
})

/** Equalities outweigh an order already right, which outweighs a range. */
function candidateOf(index: Index, conditions: Map<string, Condition>, sort: Sort, { kinds }: Paths): Candidate {
  const none: Candidate = { index, equal: [], next: undefined, sorted: false, score: 0 }
  if (!impliesPartial(index, conditions)) return none
  const keys = Object.keys(index.keys)
  const firstFree = keys.findIndex((path) => isMultiple(kinds, path) || conditions.get(path)?.equal === undefined)
  const equal = firstFree === -1 ? keys : keys.slice(0, firstFree)
  const following = keys[equal.length]
  const condition = following === undefined || isMultiple(kinds, following) ? undefined : conditions.get(following)
  const ranged =
    condition?.among !== undefined || (!index.unique && (condition?.low !== undefined || condition?.high !== undefined))
  const sorted = !index.unique && !isEmpty(sort) && givesOrder(keys.slice(equal.length), remaining(sort, equal), kinds)
  const complete = index.unique && equal.length === keys.length
  const certain = complete || index === identity ? equal.length : 0
  const score = equal.length * 8 + certain + (sorted ? 3 : 0) + (ranged ? 2 : 0) + (index.partial === undefined ? 0 : 1)
  return { index, equal, next: ranged ? following : undefined, sorted, score }
}

function isMultiple(kinds: ReadonlyMap<string, Kind>, path: string): boolean {
  return path !== '_id' && kinds.get(path) === 'multiple'
}

function impliesPartial({ partial = {} }: Index, conditions: Map<string, Condition>): boolean {
  return Object.entries(partial).every(([path, wanted]) => {
    const condition = conditions.get(path)
    if (typeof wanted !== 'object') return condition?.equal === wanted
    return condition !== undefined && Object.keys(condition).length > 0
  })
}

/** What is left of a sort when all documents are equal at some paths. */
function remaining(sort: Sort, equal: string[]): [string, 1 | -1][] {
  return Object.entries(sort).filter(([path]) => !equal.includes(path))
}

/** Whether an index's further keys run through a sort; the id that ends each index settles a last key `_id`. */
function givesOrder(keys: string[], sort: [string, 1 | -1][], kinds: ReadonlyMap<string, Kind>): boolean {
  const columns = keys.includes('_id') ? keys : [...keys, '_id']
  return sort.every(([path], at) => columns[at] === path && (path === '_id' || kinds.get(path) === 'plain'))
}

function indexPlan({ index, equal, next, sorted }: Candidate, conditions: Map<string, Condition>, sort: Sort): Plan {
  const where = partialSql(index)
  const bindings: (string | number)[] = []
  const column = index.unique ? exactSql : valueSql
  const bind = index.unique ? (value: Pushable) => JSON.stringify(value) : bound
  for (const path of equal) {
    where.push(`${column(path)} = ?`)
    bindings.push(bind(conditions.get(path)?.equal ?? ''))
  }
  const condition = next === undefined ? undefined : conditions.get(next)
  if (next !== undefined && condition !== undefined) addRange(column(next), condition, bind, where, bindings)
  const keys = sorted ? remaining(sort, equal) : []
  const order = keys.map(([path, direction]) => `${valueSql(path)} ${direction === 1 ? 'ASC' : 'DESC'}`).join(', ')
  return { where, bindings, order, ordered: sorted || isEmpty(sort) }
}

function addRange(
  column: string,
  { among, low, high }: Condition,
  bind: (value: Pushable) => string | number,
  where: string[],
  bindings: (string | number)[],
): void {
  if (among !== undefined) {
    where.push(`${column} IN (SELECT value FROM json_each(?))`)
    bindings.push(JSON.stringify(among.map(bind)))
    return
  }
  // Inclusive even where the filter is not: SQLite may round a decimal onto the bound. Strings sort after all numbers there.
  where.push(low !== undefined ? `${column} >= ?` : typeof high === 'string' ? `${column} >= ''` : `${column} IS NOT NULL`)
  if (low !== undefined) bindings.push(bind(low))
  if (high !== undefined) {
    where.push(`${column} <= ?`)
    bindings.push(bind(high))
  } else if (typeof low !== 'string') where.push(`${column} < ''`)
}

/**
 * The ids behind all that is asked of arrays, by the table of entries, where a document stands once per value. The longest text comes
 * first, being the rarest most of the time. A range by one bound only, since another item may meet the other.
 */
function entryIds(conditions: Map<string, Condition>, { entries, kinds }: Paths, rangeToo: boolean): Ids | undefined {
  const [first, ...others] = entryTests(conditions, kinds).sort((left, right) => right.length - left.length)
  if (first !== undefined) {
    return {
      from: `${entries} AS entry`,
      where: [first.where, ...others.map(({ where }) => `EXISTS (SELECT 1 FROM ${entries} WHERE ${where} AND id = entry.id)`)],
      bindings: [first, ...others].flatMap(({ bindings }) => bindings),
    }
  }
  for (const [path, { low, high }] of rangeToo ? conditions : []) {
    const limit = low ?? high
    if (limit === undefined || !isMultiple(kinds, path)) continue
    return {
      from: `${entries} AS entry`,
      where: [`path = ? AND value ${low === undefined ? '<=' : '>='} ?`],
      bindings: [path, bound(limit)],
    }
  }
  return undefined
}

type EntryTest = { where: string; bindings: (string | number)[]; length: number }

/** Each thing that some item of an array must be, as a condition on its entry. */
function entryTests(conditions: Map<string, Condition>, kinds: ReadonlyMap<string, Kind>): EntryTest[] {
  return [...conditions].flatMap(([path, { equal, also = [], among: any, within }]) => {
    if (!isMultiple(kinds, path)) return []
    const tests = [equal, ...also].flatMap((value): EntryTest[] =>
      value === undefined
        ? []
        : [{ where: 'path = ? AND value = ?', bindings: [path, bound(value)], length: String(value).length }],
    )
    if (within !== undefined) {
      const { low, high } = within
      const bindings = [path, bound(low), bound(high)]
      tests.push({ where: 'path = ? AND value >= ? AND value <= ?', bindings, length: String(low).length })
    }
    if (equal === undefined && any !== undefined) {
      const where = 'path = ? AND value IN (SELECT value FROM json_each(?))'
      tests.push({ where, bindings: [path, JSON.stringify(any.map(bound))], length: 0 })
    }
    return tests
  })
}

/** The conditions an ordered plan has not used; the `+` keeps SQLite from choosing an index, and so another order, for them. */
function remainder(conditions: Map<string, Condition>, { equal, next }: Candidate, { entries, kinds }: Paths): Narrowing {
  const where: string[] = []
  const bindings: (string | number)[] = []
  for (const [path, condition] of conditions) {
    if (equal.includes(path) || path === next || isMultiple(kinds, path) || !(path === '_id' || kinds.has(path))) continue
    const column = `+${valueSql(path)}`
    if (condition.equal !== undefined) {
      where.push(`${column} = ?`)
      bindings.push(bound(condition.equal))
    } else if (condition.among !== undefined || condition.low !== undefined || condition.high !== undefined)
      addRange(column, condition, bound, where, bindings)
  }
  for (const test of entryTests(conditions, kinds)) {
    where.push(`EXISTS (SELECT 1 FROM ${entries} WHERE ${test.where} AND id = +document.id)`)
    bindings.push(...test.bindings)
  }
  return { where, bindings }
}

function bound(value: Pushable): string | number {
  return typeof value === 'boolean' ? Number(value) : value
}

function isEmpty(sort: Sort): boolean {
  return Object.keys(sort).length === 0
}
