import type { Document, Index } from '../../../../shared/contracts/data'
import { invalid } from '../values/refusal'
import { fieldOf, isObject } from '../values/value'
import type { IndexType } from './index-type'

/** @throws AppError `data_invalid` for a document with two arrays in one index, which would need a key for each combination */
export function checkParallelArrays(index: Index, document: Document, indexTypes?: ReadonlyMap<string, IndexType>): void {
  const paths = Object.keys(index.keys).filter((path) => indexTypes === undefined || indexTypes.get(path) === 'multiple')
  if (paths.length > 1)
    check(
      document,
      paths.map((path) => path.split('.')),
    )
}

function check(value: unknown, paths: string[][]): void {
  const found = new Map<string, { items: unknown[]; rest: string[][] }>()
  for (const path of paths) {
    const [prefix, items, rest] = firstArray(value, path)
    if (items === undefined) continue
    const present = found.get(prefix)
    if (present === undefined) found.set(prefix, { items, rest: [rest] })
    else present.rest.push(rest)
  }
  if (found.size > 1) throw invalid(`An index cannot hold the parallel arrays ${[...found.keys()].join(' and ')}`)
  for (const { items, rest } of found.values()) {
    const deeper = rest.filter((path) => path.length > 0)
    if (deeper.length > 1) for (const item of items) check(item, deeper)
  }
}

/** The first array on a path: its own path, its items, and the rest of the path. */
function firstArray(value: unknown, path: string[]): [string, unknown[] | undefined, string[]] {
  let current = value
  for (const [at, part] of path.entries()) {
    if (!isObject(current)) break
    current = fieldOf(current, part)
    if (Array.isArray(current)) return [path.slice(0, at + 1).join('.'), current, path.slice(at + 1)]
  }
  return ['', undefined, []]
}
