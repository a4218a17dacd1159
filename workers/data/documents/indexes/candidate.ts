import type { Index, Sort } from '../../../../shared/contracts/data'
import type { Condition, Pushable } from './conditions'
import { isOrderly, type Kind } from './index-type'
import type { Multikey } from './multikey'

/** What planning needs to know of a collection. */
export type Paths = {
  documents: string
  entries: string
  indexes: readonly Index[]
  kinds: ReadonlyMap<string, Kind>
  multikeys: ReadonlyMap<Index, Multikey>
}

/** One way to read: the rows of an index that are equal at its first keys, then within a range of the next, perhaps in order. */
export type Candidate = {
  index: Index
  /** Reads a multikey index, at the rows of this one value of its array. */
  walk: { multikey: Multikey; term: Pushable } | undefined
  equal: string[]
  next: string | undefined
  sorted: boolean
  score: number
}

const identity: Index = { keys: { _id: 1 } }

/** All ways to read that narrow or give the order. */
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

/** Equalities outweigh an order already right, which outweighs a range. */
function candidateOf(
  index: Index,
  walk: Candidate['walk'],
  conditions: Map<string, Condition>,
  sort: Sort,
  { kinds }: Paths,
): Candidate {
  const none: Candidate = { index, walk, equal: [], next: undefined, sorted: false, score: 0 }
  if (!impliesPartial(index, conditions)) return none
  const arrays = walk?.multikey.path
  const isClosed = (path: string) => path !== arrays && isMultiple(kinds, path)
  const keys = Object.keys(index.keys)
  const firstFree = keys.findIndex((path) => isClosed(path) || conditions.get(path)?.equal === undefined)
  const equal = firstFree === -1 ? keys : keys.slice(0, firstFree)
  if (arrays !== undefined && !equal.includes(arrays)) return none
  const following = keys[equal.length]
  const condition = following === undefined || isClosed(following) ? undefined : conditions.get(following)
  const ranged =
    condition?.among !== undefined || (!index.unique && (condition?.low !== undefined || condition?.high !== undefined))
  // Documents of one term differ in the other items of their arrays, and so in what they sort by.
  const canSort = !index.unique && !isEmpty(sort) && (arrays === undefined || sort[arrays] === undefined)
  const sorted = canSort && givesOrder(keys.slice(equal.length), remaining(sort, equal), kinds)
  const complete = index.unique && equal.length === keys.length
  const certain = complete || index === identity ? equal.length : 0
  const score = equal.length * 8 + certain + (sorted ? 3 : 0) + (ranged ? 2 : 0) + (index.partial === undefined ? 0 : 1)
  return { index, walk, equal, next: ranged ? following : undefined, sorted, score }
}

export function isMultiple(kinds: ReadonlyMap<string, Kind>, path: string): boolean {
  return path !== '_id' && kinds.get(path) === 'multiple'
}

function impliesPartial({ partial = {} }: Index, conditions: Map<string, Condition>): boolean {
  return Object.entries(partial).every(([path, wanted]) => {
    const condition = conditions.get(path)
    if (typeof wanted !== 'object') return condition?.equal === wanted
    return condition !== undefined && Object.keys(condition).length > 0
  })
}

/** What is left of a sort when all documents are equal at some paths. */
export function remaining(sort: Sort, equal: readonly string[]): [string, 1 | -1][] {
  return Object.entries(sort).filter(([path]) => !equal.includes(path))
}

/** Whether an index's further keys run through a sort; the id that ends each index settles a last key `_id`. */
function givesOrder(keys: string[], sort: [string, 1 | -1][], kinds: ReadonlyMap<string, Kind>): boolean {
  const columns = keys.includes('_id') ? keys : [...keys, '_id']
  return sort.every(([path], at) => columns[at] === path && (path === '_id' || isOrderly(kinds.get(path))))
}

export function isEmpty(sort: Sort): boolean {
  return Object.keys(sort).length === 0
}
