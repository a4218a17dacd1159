import type { Document } from '../../../../shared/contracts/data'
import { sameValue } from '../values/compare'
import { decodeEjson } from '../values/ejson'
import { invalid, unsupported } from '../values/refusal'
import { fieldOf, storable } from '../values/value'
import type { Change } from './change'
import { compilePull, isExpression } from './matcher'

export function $push(operand: unknown, path: string): Change {
  const items = itemsOf('$push', operand, path)
  return {
    creates: true,
    apply: (parent, field) => {
      const previous = listAt(parent, field, '$push', path)
      if (previous !== undefined && items.length === 0) return false
      parent[field] = [...(previous ?? []), ...items]
      return true
    },
  }
}

export function $addToSet(operand: unknown, path: string): Change {
  const items = itemsOf('$addToSet', operand, path)
  return {
    creates: true,
    apply: (parent, field) => {
      const previous = listAt(parent, field, '$addToSet', path)
      const next = [...(previous ?? [])]
      for (const item of items) if (!next.some((present) => sameValue(present, item))) next.push(item)
      if (next.length === previous?.length) return false
      parent[field] = next
      return true
    },
  }
}

export function $pull(operand: unknown, path: string): Change {
  const matches = compilePull(path, decodeEjson(operand))
  return {
    apply: (parent, field) => {
      const previous = listAt(parent, field, '$pull', path)
      const next = previous?.filter((item) => !matches(item))
      if (next === undefined || next.length === previous?.length) return false
      parent[field] = next
      return true
    },
  }
}

/** Modifiers of `$push` that MongoDB has and this engine has not. */
const otherModifiers = new Set(['$position', '$slice', '$sort'])

/** The one value to add, or each of `$each`. */
function itemsOf(operator: string, written: unknown, path: string): unknown[] {
  const operand = decodeEjson(written)
  if (!isExpression(operand)) return [storable(operand, path)]
  const { $each, ...others } = operand
  for (const other of Object.keys(others)) {
    if (operator === '$push' && otherModifiers.has(other))
      throw unsupported(`${other} in the $push to '${path}' is not supported`)
    throw invalid(`${operator} to '${path}' does not know ${other}`)
  }
  if (!Array.isArray($each)) throw invalid(`${operator} to '${path}' needs an array as $each`)
  return $each.map((item) => storable(item ?? null, path))
}

function listAt(parent: Document, field: string, operator: string, path: string): unknown[] | undefined {
  const value = fieldOf(parent, field)
  if (value === undefined || Array.isArray(value)) return value
  throw invalid(`${operator} at '${path}': the field is not an array`)
}
