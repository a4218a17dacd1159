import type { Document, Sort } from '../../../../shared/contracts/data'
import { compareValues } from '../values/compare'
import { invalid, unsupported } from '../values/refusal'
import { isObject } from '../values/value'
import { checkPath, endsAt } from './path'

/** @throws AppError `data_invalid` unless every direction is 1 or -1 */
export function checkSort(sort: unknown): asserts sort is Sort {
  if (!isObject(sort)) throw invalid('A sort must be an object')
  for (const [path, direction] of Object.entries(sort)) {
    checkPath(path, 'sort')
    if (direction !== 1 && direction !== -1) throw invalid(`The sort on '${path}' must be 1 or -1`)
  }
}

/**
 * Documents in the order of a sort. An array sorts by its smallest item upwards and by its largest downwards.
 * @throws AppError `data_unsupported` when two keys of one document are arrays
 */
export function sortDocuments<T extends Document>(documents: T[], sort: Sort): T[] {
  const keys = Object.entries(sort)
  const rows = documents.map((document) => ({ document, values: keyOf(document, keys) }))
  rows.sort((left, right) => {
    for (const [at, [, direction]] of keys.entries()) {
      const difference = compareKeys(left.values[at], right.values[at])
      if (difference !== 0) return difference * direction
    }
    return 0
  })
  return rows.map((row) => row.document)
}

/** An empty array sorts before everything, even before null. */
const nothing = Symbol('empty array')

function compareKeys(left: unknown, right: unknown): number {
  if (left === nothing || right === nothing) return Number(right === nothing) - Number(left === nothing)
  return compareValues(left, right)
}

function keyOf(document: Document, keys: [string, 1 | -1][]): unknown[] {
  let arrays = 0
  return keys.map(([path, direction]) => {
    const ends = endsAt(document, path)
    if (ends.length === 1 && !Array.isArray(ends[0])) return ends[0]
    if (++arrays > 1) throw unsupported('A sort by two arrays of one document is not supported')
    const values = ends.flatMap((end) => (Array.isArray(end) && end.length === 0 ? [nothing] : end))
    const [first, ...rest] = values.length === 0 ? [undefined] : values
    return rest.reduce((best, value) => (compareKeys(value, best) * direction < 0 ? value : best), first)
  })
}
