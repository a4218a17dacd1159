import { idSpan, storedId } from '../values/id'
import type { Condition, Narrowable } from './conditions'
import { type Key, keyOf } from './index-type'

/** A condition in SQL with its bound values. */
export type Clause = { where: string[]; bindings: Key[] }

/** The ids that a plan would read, as a query. */
export type Ids = Clause & { from: string }

/** A value of a filter in the form in which it is bound, to be compared with an expression index, a key column or the id. */
export function boundTo(path: string, value: Narrowable): Key {
  return path === '_id' ? storedId(value) : keyOf(value)
}

/**
 * A `$in` or a range over a column. The bounds are inclusive even when the filter's are not, because SQLite may round a fraction to a
 * bound. An open end stays within the type of the other bound: MongoDB compares no string with a number.
 */
export function rangeOf(path: string, column: string, { oneOf, low, high }: Condition): Clause {
  if (oneOf !== undefined) {
    const list = JSON.stringify(oneOf.map((value) => boundTo(path, value)))
    return { where: [`${column} IN (SELECT value FROM json_each(?))`], bindings: [list] }
  }
  const value = low ?? high ?? ''
  const { first, last } = path === '_id' ? idSpan(value) : spanOf(value)
  const where: string[] = []
  const bindings: Key[] = []
  if (low !== undefined) add('>=', boundTo(path, low))
  else if (first === undefined) where.push(`${column} IS NOT NULL`)
  else if (first === '') where.push(`${column} >= ''`)
  else add('>=', first)
  if (high !== undefined) add('<=', boundTo(path, high))
  else if (last === '') where.push(`${column} < ''`)
  else if (last !== undefined) add('<', last)
  return { where, bindings }

  function add(comparison: string, bound: Key): void {
    where.push(`${column} ${comparison} ?`)
    bindings.push(bound)
  }
}

/** The bounds of the keys of a value's type. Texts come after all numbers. */
function spanOf(value: Narrowable): { first?: string; last?: string } {
  if (typeof value === 'string') return { first: '' }
  if (typeof value !== 'object') return { last: '' }
  const type = `{"${'$oid' in value ? '$oid' : '$date'}":"`
  return { first: type, last: `${type}~` }
}
