import { compareValues, sameValue } from '../values/compare'
import { dateAt, decoded } from '../values/ejson'
import { invalid, unsupported } from '../values/refusal'
import { fieldOf, isObject, storable } from '../values/value'
import { arrayChanges } from './array-changes'
import { type Change, type Compile, put } from './change'

export const changes: Record<string, Compile> = {
  $set,
  $setOnInsert: $set,
  $unset,
  $inc: (operand, path) => calculation('$inc', operand, path, (value, by) => value + by),
  $mul: (operand, path) => calculation('$mul', operand, path, (value, by) => value * by),
  $min: (operand, path) => extreme(operand, path, -1),
  $max: (operand, path) => extreme(operand, path, 1),
  $currentDate,
  ...arrayChanges,
}

function $set(operand: unknown, path: string): Change {
  const value = storable(operand, path)
  return {
    creates: true,
    apply: (parent, field) => {
      const previous = fieldOf(parent, field)
      if (previous !== undefined && sameValue(previous, value)) return false
      if (path === '_id' && previous !== undefined) throw invalid('$set cannot change _id')
      put(parent, field, value)
      return true
    },
  }
}

/** An item that is unset leaves null in its place. */
function $unset(): Change {
  return {
    apply: (parent, field) => {
      const previous = fieldOf(parent, field)
      if (previous === undefined || (Array.isArray(parent) && previous === null)) return false
      if (Array.isArray(parent)) put(parent, field, null)
      else delete parent[field]
      return true
    },
  }
}

function calculation(operator: string, operand: unknown, path: string, calculate: (value: number, by: number) => number): Change {
  const by = decoded(operand)
  if (typeof by !== 'number' || !Number.isFinite(by)) throw invalid(`${operator} of '${path}' needs a number`)
  return {
    creates: true,
    apply: (parent, field) => {
      const previous = fieldOf(parent, field)
      if (previous !== undefined && typeof previous !== 'number')
        throw invalid(`${operator} of '${path}': the field is not a number`)
      const result = calculate(previous ?? 0, by)
      const exact = Number.isFinite(result) && (!Number.isInteger(result) || Number.isSafeInteger(result))
      if (!exact) throw unsupported(`${operator} of '${path}' goes beyond the numbers JSON keeps exactly`)
      put(parent, field, result)
      return result !== previous
    },
  }
}

function extreme(operand: unknown, path: string, direction: 1 | -1): Change {
  const value = storable(operand, path)
  return {
    creates: true,
    apply: (parent, field) => {
      const previous = fieldOf(parent, field)
      if (previous !== undefined && compareValues(value, previous) * direction <= 0) return false
      put(parent, field, value)
      return true
    },
  }
}

function $currentDate(operand: unknown, path: string, now: number): Change {
  const type = isObject(operand) && Object.keys(operand).length === 1 ? operand.$type : undefined
  if (type === 'timestamp') throw unsupported(`$currentDate of '${path}' gives dates, and no timestamps`)
  if (typeof operand !== 'boolean' && type !== 'date') throw invalid(`$currentDate of '${path}' takes true or { $type: 'date' }`)
  return $set(dateAt(now), path)
}
