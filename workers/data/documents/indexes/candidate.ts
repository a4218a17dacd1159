import type { Index, Sort } from '../../../../shared/contracts/data'
import type { Condition, Narrowable } from './conditions'
import { type IndexType, keepsOrder } from './index-type'
import type { Multikey } from './multikey'

/** What planning needs to know about a collection. */
export type Paths = {
  documents: string
  entries: string
  indexes: readonly Index[]
  indexTypes: ReadonlyMap<string, IndexType>
  multikeys: ReadonlyMap<Index, Multikey>
}

/** One way to read: rows of an index that are equal at its first keys and within a range of the next, perhaps in order. */
export type Candidate = {
  index: Index
  /** Walks a multikey index along the rows of this one value of its array. */
  walk: { multikey: Multikey; term: Narrowable } | undefined
  equal: string[]
  next: string | undefined
  sorted: boolean
  score: number
}

const identity: Index = { keys: { _id: 1 } }

/** All indexes as ways to read, with their scores. */
export function candidatesOf(conditions: Map<string, Condition>, sort: Sort, paths: Paths): Candidate[] {
  return [identity, ...paths.indexes].flatMap((index) => {
    const plain = candidateOf(index, undefined, conditions, sort, paths)
    const multikey = paths.multikeys.get(index)
    if (multikey === undefined) return [plain]
    const { equal, also = [] } = conditions.get(multikey.path) ?? {}
    const terms = equal === undefined ? [] : [equal, ...also]
    return [plain, ...terms.map((term) => candidateOf(index, { multikey, term }, conditions, sort, paths))]
  })
}

/** Equalities outweigh the right order, which outweighs a range. */
function candidateOf(
  index: Index,
  walk: Candidate['walk'],
  conditions: Map<string, Condition>,
  sort: Sort,
  { indexTypes }: Paths,
): Candidate {
  const none: Candidate = { index, walk, equal: [], next: undefined, sorted: false, score: 0 }
  if (!impliesPartial(index, conditions)) return none
  const arrays = walk?.multikey.path
  const isClosed = (path: string) => path !== arrays && isMultiple(indexTypes, path)
  const keys = Object.keys(index.keys)
  const firstFree = keys.findIndex((path) => isClosed(path) || conditions.get(path)?.equal === undefined)
  const equal = firstFree === -1 ? keys : keys.slice(0, firstFree)
  if (arrays !== undefined && !equal.includes(arrays)) return none
  const following = keys[equal.length]
  const condition = following === undefined || isClosed(following) ? undefined : conditions.get(following)
  const ranged =
    condition?.oneOf !== undefined || (!index.unique && (condition?.low !== undefined || condition?.high !== undefined))
  // Documents that share a term differ in the other items of their arrays, so a sort by the array is not the order of the index.
  const canSort = !index.unique && !isEmpty(sort) && (arrays === undefined || sort[arrays] === undefined)
  const sorted = canSort && givesOrder(keys.slice(equal.length), remaining(sort, equal), indexTypes)
  const complete = index.unique && equal.length === keys.length
  const certain = complete || index === identity ? equal.length : 0
  const score = equal.length * 8 + certain + (sorted ? 3 : 0) + (ranged ? 2 : 0) + (index.partial === undefined ? 0 : 1)
  return { index, walk, equal, next: ranged ? following : undefined, sorted, score }
}

export function isMultiple(indexTypes: ReadonlyMap<string, IndexType>, path: string): boolean {
  return path !== '_id' && indexTypes.get(path) === 'multiple'
}

function impliesPartial({ partial = {} }: Index, conditions: Map<string, Condition>): boolean {
  return Object.entries(partial).every(([path, wanted]) => {
    const condition = conditions.get(path)
    if (typeof wanted !== 'object') return condition?.equal === wanted
    return condition !== undefined && Object.keys(condition).length > 0
  })
}

/** The rest of a sort when all documents are equal at some paths. */
export function remaining(sort: Sort, equal: readonly string[]): [string, 1 | -1][] {
  return Object.entries(sort).filter(([path]) => !equal.includes(path))
}

/** Whether the further keys of an index give the order of a sort. Each index ends with the id, so a sort may end with `_id`. */
function givesOrder(keys: string[], sort: [string, 1 | -1][], indexTypes: ReadonlyMap<string, IndexType>): boolean {
  const columns = keys.includes('_id') ? keys : [...keys, '_id']
  return sort.every(([path], at) => columns[at] === path && (path === '_id' || keepsOrder(indexTypes.get(path))))
}

export function isEmpty(sort: Sort): boolean {
  return Object.keys(sort).length === 0
}
