import { compareValues, sameValue } from '../values/compare'
import { decodeEjson } from '../values/ejson'
import { invalid, unsupported } from '../values/refusal'
import { fieldOf, isExact, storable } from '../values/value'
import { $addToSet, $pull, $push } from './array-changes'
import type { Change, Compile } from './change'

export const changes: Readonly<Record<string, Compile>> = {
  $set,
  $setOnInsert: $set,
  $unset,
  $inc,
  $min: (operand, path) => extreme(operand, path, -1),
  $max: (operand, path) => extreme(operand, path, 1),
  $push,
  $addToSet,
  $pull,
}

function $set(operand: unknown, path: string): Change {
  const value = storable(operand, path)
  return {
    creates: true,
    apply: (parent, field) => {
      const previous = fieldOf(parent, field)
      if (previous !== undefined && sameValue(previous, value)) return false
      if (path === '_id' && previous !== undefined) throw invalid('$set cannot change _id')
      parent[field] = value
      return true
    },
  }
}

function $unset(): Change {
  return { apply: (parent, field) => Object.hasOwn(parent, field) && delete parent[field] }
}

function $inc(operand: unknown, path: string): Change {
  const by = decodeEjson(operand)
  if (typeof by !== 'number' || !Number.isFinite(by)) throw invalid(`$inc of '${path}' needs a number`)
  return {
    creates: true,
    apply: (parent, field) => {
      const previous = fieldOf(parent, field)
      if (previous !== undefined && typeof previous !== 'number') throw invalid(`$inc of '${path}': the field is not a number`)
      const result = (previous ?? 0) + by
      if (!isExact(result)) throw unsupported(`$inc of '${path}' goes beyond the integers that are kept exactly (2^53)`)
      parent[field] = result
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
      parent[field] = value
      return true
    },
  }
}
