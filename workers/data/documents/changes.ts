import type { Document } from '../../../shared/contracts/data'
import { sameValue } from './compare'
import { checkFilter } from './filter'
import { compileFilter } from './language'
import { isExpression, valueTest } from './predicates'
import { fieldOf, invalid, isDocument, storable, unsupported } from './value'

/** One operator at work on one field of its parent object. `apply` returns whether the field changed. */
export type Change = {
  /** Whether missing objects on the way to the field are made, as `$set` does; otherwise a missing way changes nothing. */
  creates?: boolean
  apply: (parent: Document, field: string) => boolean
}

/** Reads an operator's operand. @throws AppError `data_invalid`, `data_unsupported` */
type Compile = (operand: unknown, path: string) => Change

export const changes: Record<string, Compile> = { $set, $unset, $inc, $push, $pull, $addToSet }

function $set(operand: unknown, path: string): Change {
  const value = storable(operand, path)
  return {
    creates: true,
    apply: (parent, field) => {
      const previous = fieldOf(parent, field)
      if (previous !== undefined && sameValue(previous, value)) return false
      if (field === '_id' && previous !== undefined) throw invalid('$set cannot change _id')
      parent[field] = value
      return true
    },
  }
}

function $unset(): Change {
  return {
    apply: (parent, field) => {
      if (!Object.hasOwn(parent, field)) return false
      delete parent[field]
      return true
    },
  }
}

function $inc(operand: unknown, path: string): Change {
  if (typeof operand !== 'number' || !Number.isFinite(operand)) throw invalid(`$inc of '${path}' needs a number`)
  return {
    creates: true,
    apply: (parent, field) => {
      const previous = fieldOf(parent, field)
      if (previous !== undefined && typeof previous !== 'number') throw invalid(`$inc of '${path}': the field is not a number`)
      const sum = (previous ?? 0) + operand
      const exact = !Number.isInteger(sum) || Number.isSafeInteger(sum)
      if (!exact) throw unsupported(`$inc of '${path}' goes beyond the integers JSON keeps exactly`)
      parent[field] = sum
      return sum !== previous
    },
  }
}

function $push(operand: unknown, path: string): Change {
  const { items, slice } = pushOf(operand, path)
  return {
    creates: true,
    apply: (parent, field) => {
      const previous = list(parent, field, '$push', path)
      const pushed = [...(previous ?? []), ...items]
      const next = slice === undefined ? pushed : slice < 0 ? pushed.slice(slice) : pushed.slice(0, slice)
      if (previous !== undefined && sameValue(previous, next)) return false
      parent[field] = next
      return true
    },
  }
}

function pushOf(operand: unknown, path: string): { items: unknown[]; slice?: number } {
  if (!isExpression(operand)) return { items: [storable(operand, path)] }
  const { $each, $slice, ...others } = operand
  for (const other of Object.keys(others)) {
    if (['$position', '$sort'].includes(other)) throw unsupported(`$push with ${other} is not supported`)
    throw invalid(`$push to '${path}' does not know ${other}`)
  }
  const items = eachOf($each, '$push', path)
  if ($slice === undefined) return { items }
  if (!Number.isSafeInteger($slice)) throw invalid(`$slice of '${path}' needs an integer`)
  return { items, slice: $slice as number }
}

function eachOf(each: unknown, operator: string, path: string): unknown[] {
  if (!Array.isArray(each)) throw invalid(`${operator} to '${path}' needs an array as $each`)
  return each.map((item) => storable(item ?? null, path))
}

function $addToSet(operand: unknown, path: string): Change {
  if (isExpression(operand) && Object.keys(operand).some((key) => key !== '$each'))
    throw invalid(`$addToSet to '${path}' takes $each only`)
  const items = isExpression(operand) ? eachOf(operand.$each, '$addToSet', path) : [storable(operand, path)]
  return {
    creates: true,
    apply: (parent, field) => {
      const previous = list(parent, field, '$addToSet', path)
      const next = [...(previous ?? [])]
      for (const item of items) if (!next.some((present) => sameValue(present, item))) next.push(item)
      if (next.length === previous?.length) return false
      parent[field] = next
      return true
    },
  }
}

function $pull(operand: unknown, path: string): Change {
  const goes = pullTest(operand, path)
  return {
    apply: (parent, field) => {
      const previous = list(parent, field, '$pull', path)
      const next = previous?.filter((item) => !goes(item))
      if (next === undefined || next.length === previous?.length) return false
      parent[field] = next
      return true
    },
  }
}

/** An object is a filter on items that are objects, an expression a condition on the item, anything else a value to equal. */
function pullTest(operand: unknown, path: string): (item: unknown) => boolean {
  if (!isDocument(operand)) {
    const value = storable(operand, path)
    return (item) => sameValue(item, value)
  }
  if (isExpression(operand) && !('$and' in operand || '$or' in operand)) {
    checkFilter({ [path]: operand })
    if ('$exists' in operand || '$elemMatch' in operand) throw unsupported(`$pull from '${path}' takes comparisons only`)
    return valueTest(operand)
  }
  checkFilter(operand)
  const matches = compileFilter(operand)
  return (item) => isDocument(item) && matches(item)
}

function list(parent: Document, field: string, operator: string, path: string): unknown[] | undefined {
  const value = fieldOf(parent, field)
  if (value === undefined || Array.isArray(value)) return value
  throw invalid(`${operator} at '${path}': the field is not an array`)
}
