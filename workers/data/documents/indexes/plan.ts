import type { Filter, Index, Sort } from '../../../../shared/contracts/data'
import { type Candidate, candidatesOf, isEmpty, isMultiple, type Paths, remaining } from './candidate'
import { type Condition, conditionsOf, type Pushable } from './conditions'
import { among, type EntryTest, entryIds, entryTests, existsSql } from './entry'
import { exactSql, partialSql, valueSql } from './index-sql'
import { type Key, keyOf } from './index-type'
import { OWNER } from './multikey'
import { boundTo, type Clause, rangeOf } from './range'

/** How SQLite reads a superset of the matches, and whether it gives them in the order that was asked for. */
export type Plan = Clause & { from: string; order: string; ordered: boolean; index: Index | undefined }

/** The ids that a plan would read, as a query. */
export type Ids = Clause & { from: string }

/** Whether a query gives so few ids that reading and sorting them beats walking an index in order, and which of some gives fewest. */
export type Statistics = { areFew(ids: Ids): boolean; fewest(queries: readonly Ids[]): number }

type Conditions = Map<string, Condition>

/**
 * How to read. Where an index gives the order that is asked for and another one narrows, statistics decide: a page of many is read
 * in order until it is full, and SQLite drops the rows that fail the other conditions before anybody parses them.
 */
export function planOf(filter: Filter, sort: Sort, paths: Paths, statistics: Statistics): Plan {
  const conditions = conditionsOf(filter)
  const candidates = candidatesOf(conditions, sort, paths)
  const best = bestOf(candidates, conditions, statistics)
  const inOrder = best?.sorted
    ? best
    : bestOf(
        candidates.filter(({ sorted }) => sorted),
        conditions,
        statistics,
      )
  const entries = entryIds(conditions, paths, best === undefined)
  if (inOrder !== undefined) {
    const others = narrowings(candidates, inOrder, conditions, paths, entries)
    const enough = others.length === 0 || (inOrder.equal.length > 0 && statistics.areFew(idsOf(inOrder, conditions)))
    const narrower = enough ? undefined : others.find(({ ids }) => statistics.areFew(ids))
    if (narrower !== undefined) return { ...narrower.plan, order: '', ordered: false }
    return readingOf(inOrder, conditions, sort, paths)
  }
  if (entries !== undefined && (best === undefined || best.equal.length === 0))
    return { from: '', ...among(entries), order: '', ordered: isEmpty(sort), index: undefined }
  if (best === undefined) return { from: '', where: [], bindings: [], order: '', ordered: isEmpty(sort), index: undefined }
  return readingOf(best, conditions, sort, paths)
}

/** The best by score. Between terms of arrays, and what is as good as one, the rarest. */
function bestOf(candidates: readonly Candidate[], conditions: Conditions, statistics: Statistics): Candidate | undefined {
  const score = Math.max(0, ...candidates.map((candidate) => candidate.score))
  const tied = score === 0 ? [] : candidates.filter((candidate) => candidate.score === score)
  const byTerm = tied.length > 1 && tied.some(({ walk }) => walk !== undefined)
  return tied[byTerm ? statistics.fewest(tied.map((candidate) => idsOf(candidate, conditions))) : 0]
}

/** What could be read instead of an index in the right order. */
function narrowings(
  candidates: readonly Candidate[],
  inOrder: Candidate,
  conditions: Conditions,
  paths: Paths,
  entries: Ids | undefined,
): { ids: Ids; plan: Ids & Pick<Plan, 'index'> }[] {
  const others = candidates.filter(
    (other) => other !== inOrder && (other.next !== undefined || other.equal.some((path) => !inOrder.equal.includes(path))),
  )
  return [
    ...entryNarrowings(inOrder, conditions, paths, entries),
    ...others.map((other) => {
      const { from, where, bindings, index } = readingOf({ ...other, sorted: false }, conditions, {}, paths)
      return { ids: idsOf(other, conditions), plan: { from, where, bindings, index } }
    }),
  ]
}

/** Beside a walk along one term, each further thing asked of arrays is looked at by itself: to count where all of them meet has no end. */
function entryNarrowings(inOrder: Candidate, conditions: Conditions, { entries: table, kinds }: Paths, entries: Ids | undefined) {
  if (entries === undefined) return []
  const plan = { from: '', ...among(entries), index: undefined }
  if (inOrder.walk === undefined) return [{ ids: entries, plan }]
  return furtherTests(inOrder, conditions, kinds).map(({ where, bindings }) => ({
    ids: { from: table, where: [where], bindings },
    plan,
  }))
}

/** Where a candidate's rows are, without their documents. */
function idsOf(candidate: Candidate, conditions: Conditions): Ids {
  const from = candidate.walk === undefined ? '' : `${candidate.walk.multikey.table} AS walk`
  return { from, ...clauseOf(candidate, conditions) }
}

/** How a candidate is read, with what it leaves of the conditions where its order makes SQLite stop early or it reads a multikey index. */
function readingOf(candidate: Candidate, conditions: Conditions, sort: Sort, paths: Paths): Plan {
  const { index, sorted, equal, walk } = candidate
  const { where, bindings } = clauseOf(candidate, conditions)
  const rest = sorted || walk !== undefined ? remainder(conditions, candidate, paths) : { where: [], bindings: [] }
  const keys = sorted ? remaining(sort, equal) : []
  return {
    from:
      walk === undefined
        ? ''
        : `${walk.multikey.table} AS walk CROSS JOIN ${paths.documents} AS document ON document.id = walk.${OWNER}`,
    where: [...where, ...rest.where],
    bindings: [...bindings, ...rest.bindings],
    order: keys.map(([path, direction]) => `${columnOf(candidate, path)} ${direction === 1 ? 'ASC' : 'DESC'}`).join(', '),
    ordered: sorted || isEmpty(sort),
    index,
  }
}

function columnOf({ index, walk }: Candidate, path: string): string {
  if (walk !== undefined) return `walk.${walk.multikey.columns.get(path) ?? OWNER}`
  return index.unique ? exactSql(path) : valueSql(path)
}

function clauseOf(candidate: Candidate, conditions: Conditions): Clause {
  const { index, walk, equal, next } = candidate
  const where = walk === undefined ? partialSql(index) : []
  const bindings: Key[] = []
  const isExact = index.unique === true && walk === undefined
  for (const path of equal) {
    const value: Pushable = (path === walk?.multikey.path ? walk.term : conditions.get(path)?.equal) ?? ''
    where.push(`${columnOf(candidate, path)} = ?`)
    bindings.push(isExact ? JSON.stringify(value) : boundTo(path, value))
  }
  const condition = next === undefined ? undefined : conditions.get(next)
  if (next === undefined || condition === undefined) return { where, bindings }
  const range = isExact ? exactAmong(next, condition) : rangeOf(next, columnOf(candidate, next), condition)
  return { where: [...where, ...range.where], bindings: [...bindings, ...range.bindings] }
}

/** A `$in` over a unique index, which is by the JSON of values. */
function exactAmong(path: string, { among: values = [] }: Condition): Clause {
  const list = JSON.stringify(values.map((value) => JSON.stringify(value)))
  return { where: [`${exactSql(path)} IN (SELECT value FROM json_each(?))`], bindings: [list] }
}

/** The conditions a plan has not used; the `+` keeps SQLite from choosing an index, and so another order, for them. */
function remainder(conditions: Conditions, candidate: Candidate, { entries, kinds }: Paths): Clause {
  const where: string[] = []
  const bindings: Key[] = []
  for (const [path, condition] of conditions) {
    if (candidate.equal.includes(path) || path === candidate.next) continue
    if (isMultiple(kinds, path) || !(path === '_id' || kinds.has(path))) continue
    const column = `+${valueSql(path)}`
    if (condition.equal !== undefined) {
      where.push(`${column} = ?`)
      bindings.push(boundTo(path, condition.equal))
    } else if (condition.among !== undefined || condition.low !== undefined || condition.high !== undefined) {
      const range = rangeOf(path, column, condition)
      where.push(...range.where)
      bindings.push(...range.bindings)
    }
  }
  for (const test of furtherTests(candidate, conditions, kinds)) {
    where.push(existsSql(entries, test.where, '+document.id'))
    bindings.push(...test.bindings)
  }
  return { where, bindings }
}

/** What is asked of arrays besides the term that a candidate walks along. */
function furtherTests({ walk }: Candidate, conditions: Conditions, kinds: Paths['kinds']): EntryTest[] {
  const term = walk === undefined ? undefined : keyOf(walk.term)
  return entryTests(conditions, kinds).filter(
    ({ path, value }) => path !== walk?.multikey.path || value === undefined || value !== term,
  )
}
