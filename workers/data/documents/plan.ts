import type { Filter, Index, Sort } from '../../../shared/contracts/data'
import { type Condition, conditionsOf, type Pushable } from './conditions'
import { exactSql, partialSql, valueSql } from './index-sql'
import type { Kind } from './kind'

/** How SQLite reads a superset of the matches, and whether it gives them in the order that was asked for. */
export type Plan = { where: string[]; bindings: (string | number)[]; order: string; ordered: boolean }

/** What planning needs to know of a collection. */
export type Paths = { entries: string; indexes: readonly Index[]; kinds: ReadonlyMap<string, Kind> }

type Candidate = { index: Index; equal: string[]; next: string | undefined; sorted: boolean; score: number }

const identity: Index = { keys: { _id: 1 } }

export function planOf(filter: Filter, sort: Sort, paths: Paths): Plan {
  const conditions = conditionsOf(filter)
  const best = [identity, ...paths.indexes]
    .map((index) => candidateOf(index, conditions, sort, paths))
    .reduce<Candidate | undefined>((winner, next) => (next.score > (winner?.score ?? 0) ? next : winner), undefined)
  if (best === undefined || best.equal.length === 0) {
    const entries = entriesPlan(conditions, paths, best === undefined)
    if (entries !== undefined) return { ...entries, order: '', ordered: isEmpty(sort) }
  }
  if (best === undefined) return { where: [], bindings: [], order: '', ordered: isEmpty(sort) }
  return indexPlan(best, conditions, sort)
}

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

/** Reads through the table of entries, where a document stands once per value; a range by one bound only, since another item may meet the other. */
function entriesPlan(
  conditions: Map<string, Condition>,
  { entries, kinds }: Paths,
  rangeToo: boolean,
): Pick<Plan, 'where' | 'bindings'> | undefined {
  for (const [path, { equal, among, low, high }] of conditions) {
    if (kinds.get(path) !== 'multiple') continue
    const values = equal !== undefined ? [equal] : among
    if (values !== undefined) {
      const where = `id IN (SELECT id FROM ${entries} WHERE path = ? AND value IN (SELECT value FROM json_each(?)))`
      return { where: [where], bindings: [path, JSON.stringify(values.map(bound))] }
    }
    const limit = low ?? high
    if (!rangeToo || limit === undefined) continue
    const where = `id IN (SELECT id FROM ${entries} WHERE path = ? AND value ${low === undefined ? '<=' : '>='} ?)`
    return { where: [where], bindings: [path, bound(limit)] }
  }
  return undefined
}

function bound(value: Pushable): string | number {
  return typeof value === 'boolean' ? Number(value) : value
}

function isEmpty(sort: Sort): boolean {
  return Object.keys(sort).length === 0
}
