import { compareValues, sameValue, typeRank } from '../values/compare'
import { isEjson } from '../values/ejson'
import { invalid, unsupported } from '../values/refusal'
import { storable } from '../values/value'

/** Whether a document, or one value in it, satisfies a filter. `undefined` is a missing field. */
export type Predicate = (value: unknown) => boolean

type Compile = (operand: unknown, path: string) => Predicate

/** The operators that compare one value, as MongoDB does: types never mix, and null also matches what is missing. */
export const comparisons: Readonly<Record<string, Compile>> = {
  $eq: (operand, path) => equals(storable(operand, path)),
  $in: (operand, path) => memberOf(listOf(operand, path)),
  $gt: (operand, path) => ordered('$gt', operand, path, (difference) => difference > 0),
  $gte: (operand, path) => ordered('$gte', operand, path, (difference) => difference >= 0),
  $lt: (operand, path) => ordered('$lt', operand, path, (difference) => difference < 0),
  $lte: (operand, path) => ordered('$lte', operand, path, (difference) => difference <= 0),
}

/** The operators that are the negation of another one. */
export const negations: Readonly<Record<string, string>> = { $ne: '$eq', $nin: '$in' }

function equals(operand: unknown): Predicate {
  if (operand === null) return (value) => value === null || value === undefined
  if (typeof operand !== 'object') return (value) => value === operand
  return (value) => value !== undefined && sameValue(value, operand)
}

function listOf(operand: unknown, path: string): unknown[] {
  if (!Array.isArray(operand)) throw invalid(`$in and $nin on '${path}' need an array`)
  return operand.map((item) => {
    if (item === undefined) throw invalid(`The list of values for '${path}' holds undefined`)
    return storable(item, path)
  })
}

function memberOf(list: unknown[]): Predicate {
  const scalars = new Set(list.filter((item) => typeof item !== 'object' || item === null))
  if (scalars.has(null)) scalars.add(undefined)
  const others = list.filter((item) => typeof item === 'object' && item !== null)
  if (others.length === 0) return (value) => scalars.has(value)
  return (value) => scalars.has(value) || (value !== undefined && others.some((item) => sameValue(value, item)))
}

function ordered(operator: string, operand: unknown, path: string, holds: (difference: number) => boolean): Predicate {
  const limit = storable(operand, path)
  if (limit === null || (typeof limit === 'object' && !isEjson(limit)))
    throw unsupported(`${operator} on '${path}' compares with strings, numbers, booleans, dates and ObjectIds only`)
  const rank = typeRank(limit)
  return (value) => value !== undefined && typeRank(value) === rank && holds(compareValues(value, limit))
}
