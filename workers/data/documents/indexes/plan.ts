import type { Filter, Index, Sort } from '../../../../shared/contracts/data'
import { type Candidate, candidatesOf, isEmpty, isMultiple, type Paths, remaining } from './candidate'
import { type Condition, conditionsOf, type Narrowable } from './conditions'
import { among, type EntryTest, entryIds, entryTests, existsSql } from './entry'
import { exactSql, partialSql, valueSql } from './index-sql'
import { type Key, keyOf } from './index-type'
import { OWNER } from './multikey'
import { boundTo, type Clause, type Ids, rangeOf } from './range'

/** How SQLite reads a superset of the matches, and whether it gives them in the requested order. */
export type Plan = Clause & { from: string; order: string; ordered: boolean; index: Index | undefined }

/** Whether a query gives so few ids that reading and sorting them beats walking an index in order, and which query gives the fewest. */
export type Statistics = { areFew(ids: Ids): boolean; fewest(queries: readonly Ids[]): number }

type Conditions = Map<string, Condition>

/**
 * Chooses how to read. When one index gives the requested order and another one narrows, statistics decide: a page of many is read in
 * order until it is full, and SQLite drops the rows that fail the other conditions before they are parsed.
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

/** The candidate with the best score. Among terms of arrays, and candidates of the same score, the rarest. */
function bestOf(candidates: readonly Candidate[], conditions: Conditions, statistics: Statistics): Candidate | undefined {
  const score = Math.max(0, ...candidates.map((candidate) => candidate.score))
  const tied = score === 0 ? [] : candidates.filter((candidate) => candidate.score === score)
  const byTerm = tied.length > 1 && tied.some(({ walk }) => walk !== undefined)
  return tied[byTerm ? statistics.fewest(tied.map((candidate) => idsOf(candidate, conditions))) : 0]
}

/** The ways to read that narrow instead of giving the right order. */
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

/** Beside a walk along one term, each further condition on arrays is counted by itself: counting where all of them meet takes too long. */
function entryNarrowings(
  inOrder: Candidate,
  conditions: Conditions,
  { entries: table, indexTypes }: Paths,
  entries: Ids | undefined,
) {
  if (entries === undefined) return []
  const plan = { from: '', ...among(entries), index: undefined }
  if (inOrder.walk === undefined) return [{ ids: entries, plan }]
  return furtherTests(inOrder, conditions, indexTypes).map(({ where, bindings }) => ({
    ids: { from: table, where: [where], bindings },
    plan,
  }))
}

/** A query for the ids of a candidate, without their documents. */
function idsOf(candidate: Candidate, conditions: Conditions): Ids {
  const from = candidate.walk === undefined ? '' : `${candidate.walk.multikey.table} AS walk`
  return { from, ...clauseOf(candidate, conditions) }
}

/** The plan of a candidate. When it reads in order or from a multikey index, SQLite also tests the conditions that it leaves. */
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
    const value: Narrowable = (path === walk?.multikey.path ? walk.term : conditions.get(path)?.equal) ?? ''
    where.push(`${columnOf(candidate, path)} = ?`)
    bindings.push(isExact ? JSON.stringify(value) : boundTo(path, value))
  }
  const condition = next === undefined ? undefined : conditions.get(next)
  if (next === undefined || condition === undefined) return { where, bindings }
  const range = isExact ? exactAmong(next, condition) : rangeOf(next, columnOf(candidate, next), condition)
  return { where: [...where, ...range.where], bindings: [...bindings, ...range.bindings] }
}

/** A `$in` over a unique index, whose keys are the JSON of values. */
function exactAmong(path: string, { oneOf: values = [] }: Condition): Clause {
  const list = JSON.stringify(values.map((value) => JSON.stringify(value)))
  return { where: [`${exactSql(path)} IN (SELECT value FROM json_each(?))`], bindings: [list] }
}

/** The conditions that a plan has not used. The `+` keeps SQLite from choosing another index, and so another order, for them. */
function remainder(conditions: Conditions, candidate: Candidate, { entries, indexTypes }: Paths): Clause {
  const where: string[] = []
  const bindings: Key[] = []
  for (const [path, condition] of conditions) {
    if (candidate.equal.includes(path) || path === candidate.next) continue
    if (isMultiple(indexTypes, path) || !(path === '_id' || indexTypes.has(path))) continue
    const column = `+${valueSql(path)}`
    if (condition.equal !== undefined) {
      where.push(`${column} = ?`)
      bindings.push(boundTo(path, condition.equal))
    } else if (condition.oneOf !== undefined || condition.low !== undefined || condition.high !== undefined) {
      const range = rangeOf(path, column, condition)
      where.push(...range.where)
      bindings.push(...range.bindings)
    }
  }
  for (const test of furtherTests(candidate, conditions, indexTypes)) {
    where.push(existsSql(entries, test.where, '+document.id'))
    bindings.push(...test.bindings)
  }
  return { where, bindings }
}

/** The conditions on arrays besides the term that a candidate walks along. */
function furtherTests({ walk }: Candidate, conditions: Conditions, indexTypes: Paths['indexTypes']): EntryTest[] {
  const term = walk === undefined ? undefined : keyOf(walk.term)
  return entryTests(conditions, indexTypes).filter(
    ({ path, value }) => path !== walk?.multikey.path || value === undefined || value !== term,
  )
}
