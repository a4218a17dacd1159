import { compareValues, sameValue } from '../values/compare'
import { decoded } from '../values/ejson'
import { invalid, unsupported } from '../values/refusal'
import { fieldOf, isObject, storable } from '../values/value'
import { type Change, type Compile, type Parent, put } from './change'
import { checkFilter, checkOfOne, isElementExpression } from './filter'
import { compileFilter } from './matcher'
import { isExpression, valueTest } from './predicates'
import { checkSort, sortDocuments } from './sort'

/** The operators on arrays. */
export const arrayChanges: Record<string, Compile> = { $push, $addToSet, $pull, $pullAll, $pop }

type Modifiers = { items: unknown[]; position: number | undefined; slice: number | undefined; sort: Sorter | undefined }
type Sorter = (items: unknown[]) => unknown[]

function $push(operand: unknown, path: string): Change {
  const { items, position, slice, sort = (all) => all } = modifiersOf(decoded(operand), path)
  return {
    creates: true,
    apply: (parent, field) => {
      const previous = list(parent, field, '$push', path)
      const pushed = [...(previous ?? [])]
      pushed.splice(position ?? pushed.length, 0, ...items)
      const sorted = sort(pushed)
      const next = slice === undefined ? sorted : slice < 0 ? sorted.slice(slice) : sorted.slice(0, slice)
      if (previous !== undefined && sameValue(previous, next)) return false
      put(parent, field, next)
      return true
    },
  }
}

/** MongoDB puts the items in their position, then sorts, then slices, in whatever order the modifiers are written. */
function modifiersOf(operand: unknown, path: string): Modifiers {
  if (!isExpression(operand)) return { items: [storable(operand, path)], position: undefined, slice: undefined, sort: undefined }
  const { $each, $position, $slice, $sort, ...others } = operand
  for (const other of Object.keys(others)) throw invalid(`$push to '${path}' does not know ${other}`)
  const items = eachOf($each, '$push', path)
  return {
    items,
    position: integerOf($position, '$position', path),
    slice: integerOf($slice, '$slice', path),
    sort: $sort === undefined ? undefined : sorterOf($sort, path),
  }
}

function integerOf(value: unknown, modifier: string, path: string): number | undefined {
  if (value !== undefined && !Number.isSafeInteger(value)) throw invalid(`${modifier} of '${path}' needs an integer`)
  return value as number | undefined
}

function sorterOf(sort: unknown, path: string): Sorter {
  if (sort === 1 || sort === -1) return (items) => [...items].sort((left, right) => compareValues(left, right) * sort)
  checkSort(sort)
  if (Object.keys(sort).length === 0) throw invalid(`$sort of '${path}' needs a field`)
  return (items) => {
    if (!items.every(isObject)) throw unsupported(`$sort of '${path}' by fields meets items that are no objects`)
    return sortDocuments(items, sort)
  }
}

function eachOf(each: unknown, operator: string, path: string): unknown[] {
  if (!Array.isArray(each)) throw invalid(`${operator} to '${path}' needs an array as $each`)
  return each.map((item) => storable(item ?? null, path))
}

function $addToSet(written: unknown, path: string): Change {
  const operand = decoded(written)
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
      put(parent, field, next)
      return true
    },
  }
}

function $pull(operand: unknown, path: string): Change {
  return without('$pull', path, pullTest(decoded(operand), path))
}

function $pullAll(operand: unknown, path: string): Change {
  if (!Array.isArray(operand)) throw invalid(`$pullAll from '${path}' needs an array`)
  const values = operand.map((item) => storable(item ?? null, path))
  return without('$pullAll', path, (item) => values.some((value) => sameValue(item, value)))
}

function without(operator: string, path: string, goes: (item: unknown) => boolean): Change {
  return {
    apply: (parent, field) => {
      const previous = list(parent, field, operator, path)
      const next = previous?.filter((item) => !goes(item))
      if (next === undefined || next.length === previous?.length) return false
      put(parent, field, next)
      return true
    },
  }
}

/** An object is a filter on items that are objects, an expression a condition on the item, anything else a value to equal. */
function pullTest(operand: unknown, path: string): (item: unknown) => boolean {
  if (!isObject(operand)) {
    const value = storable(operand, path)
    return (item) => sameValue(item, value)
  }
  if (isElementExpression(operand)) {
    checkFilter({ item: operand })
    checkOfOne(path, operand, '$pull')
    return valueTest(operand)
  }
  checkFilter(operand)
  const matches = compileFilter(operand)
  return (item) => isObject(item) && matches(item)
}

function $pop(written: unknown, path: string): Change {
  const end = decoded(written)
  if (end !== 1 && end !== -1) throw invalid(`$pop of '${path}' takes 1 or -1`)
  return {
    apply: (parent, field) => {
      const previous = list(parent, field, '$pop', path)
      if (previous === undefined || previous.length === 0) return false
      put(parent, field, end === 1 ? previous.slice(0, -1) : previous.slice(1))
      return true
    },
  }
}

function list(parent: Parent, field: string, operator: string, path: string): unknown[] | undefined {
  const value = fieldOf(parent, field)
  if (value === undefined || Array.isArray(value)) return value
  throw invalid(`${operator} at '${path}': the field is not an array`)
}
