import type { Document } from '../../../../shared/contracts/data'
import { invalid, unsupported } from '../values/refusal'
import { fieldOf, isObject } from '../values/value'
import { compileArrayFilters, type ItemTests } from './array-filters'
import { type Change, type Parent, put } from './change'
import { changes } from './changes'
import { checkConflicts } from './conflicts'
import { checkPath, isPosition } from './path'
import { compileRename } from './rename'

/** Changes a document in place, and returns whether it changed anything. `isNew` is said of the seed of an upsert. */
export type Update = { apply: (document: Document, isNew?: boolean) => boolean }

/** What an update may depend on besides itself. `now` is milliseconds since 1970. */
type Surroundings = { arrayFilters?: unknown; now?: number }

type Step = {
  path: string
  onInsert: boolean
  /** The change to make in a document, undefined for none. @throws AppError `data_invalid` */
  changeOf: (document: Document) => Change | undefined
}

/** MongoDB pads an array by no more items than these to reach a position. */
const MAX_PADDING = 1_500_000

/**
 * Reads an update and refuses what MongoDB refuses, before any document is touched. mingo's updater is not used: it stays
 * silent on `$inc` of a string, `$push` to a scalar and `$set` through one, and loses an `$addToSet` into a list with doubles.
 * @throws AppError `data_invalid`, `data_unsupported`; `apply` throws `data_invalid` for what it meets in a document
 */
export function compileUpdate(update: unknown, { arrayFilters = [], now = 0 }: Surroundings = {}): Update {
  if (Array.isArray(update)) throw unsupported('An update by a pipeline is not supported')
  if (!isObject(update) || Object.keys(update).length === 0)
    throw invalid('An update must be an object with at least one operator')
  const steps: Step[] = []
  const renamed: string[] = []
  for (const [operator, fields] of Object.entries(update)) {
    if (!operator.startsWith('$')) throw invalid(`An update holds operators only, not the field '${operator}'`)
    const compile = operator === '$rename' ? undefined : changes[operator]
    if (compile === undefined && operator !== '$rename') throw unsupported(`The update operator ${operator} is not supported`)
    if (!isObject(fields)) throw invalid(`${operator} needs an object of fields`)
    for (const [path, operand] of Object.entries(fields)) {
      if (operand === undefined && operator !== '$unset') continue
      checkPath(path, operator, 'updates')
      checkIdentity(operator, path)
      if (compile === undefined) {
        const { to, changeOf } = compileRename(path, operand)
        checkIdentity(operator, to)
        renamed.push(path)
        steps.push({ path: to, onInsert: false, changeOf })
      } else {
        const change = compile(operand, path, now)
        steps.push({ path, onInsert: operator === '$setOnInsert', changeOf: () => change })
      }
    }
  }
  const paths = [...renamed, ...steps.map(({ path }) => path)]
  checkConflicts(paths)
  const used = new Set(
    paths.flatMap((path) => (path.includes('$[') ? path.split('.').filter((part) => part.startsWith('$[')) : [])),
  )
  const items = compileArrayFilters(arrayFilters, used)
  if (steps.length > 1) steps.sort((left, right) => comparePaths(left.path, right.path))
  return { apply: (document, isNew = false) => applyAll(steps, document, isNew, used.size > 0 ? items : undefined) }
}

function checkIdentity(operator: string, path: string): void {
  const isSet = operator === '$set' || operator === '$setOnInsert'
  if (path.startsWith('_id.') || (path === '_id' && !isSet)) throw invalid(`${operator} cannot change _id`)
}

/** MongoDB applies an update in the order of its paths, numbers by their value: new fields come in that order. */
function comparePaths(left: string, right: string): number {
  if (left === right) return 0
  if (!left.includes('.') && !right.includes('.') && !isPosition(left)) return left < right ? -1 : 1
  const [lefts, rights] = [left.split('.'), right.split('.')]
  const at = lefts.findIndex((part, index) => part !== rights[index])
  const [one = '', other] = [lefts[at], rights[at]]
  if (at === -1 || other === undefined) return lefts.length - rights.length
  return isPosition(one) && isPosition(other) ? Number(one) - Number(other) : one < other ? -1 : 1
}

function applyAll(steps: readonly Step[], document: Document, isNew: boolean, items: ItemTests | undefined): boolean {
  let changed = false
  const touched: string[] = []
  for (const { path, onInsert, changeOf } of steps) {
    const change = onInsert && !isNew ? undefined : changeOf(document)
    if (change === undefined) continue
    if (applyAt(document, path, change, items, items && touched)) changed = true
  }
  // Two names may mean the same item, which only the document tells.
  checkConflicts(touched)
  return changed
}

function applyAt(document: Document, path: string, change: Change, items?: ItemTests, touched?: string[]): boolean {
  const parts = path.split('.')
  return enter(document, 0, '')

  function enter(parent: Parent, at: number, way: string): boolean {
    const part = parts[at] ?? ''
    const test = items?.get(part)
    if (!Array.isArray(parent)) {
      if (test !== undefined) throw invalid(`'${path}' means the items of what is no array`)
      return changeField(parent, part, at, way)
    }
    if (test !== undefined) {
      // All that match are found before any is changed.
      const matching = [...parent.keys()].filter((index) => test(parent[index]))
      return matching.map((index) => changeField(parent, String(index), at, way)).some((changed) => changed)
    }
    if (!isPosition(part)) {
      if (change.creates !== true) return false
      throw invalid(`Cannot create '${path}': '${parts[at - 1]}' is an array`)
    }
    if (Number(part) >= parent.length) {
      if (change.creates !== true) return false
      pad(parent, Number(part), path)
    }
    return changeField(parent, part, at, way)
  }

  function changeField(parent: Parent, field: string, at: number, way: string): boolean {
    const here = way === '' ? field : `${way}.${field}`
    if (at === parts.length - 1) {
      touched?.push(here)
      return change.apply(parent, field)
    }
    const next = fieldOf(parent, field)
    if (isObject(next) || Array.isArray(next)) return enter(next, at + 1, here)
    if (items?.has(parts[at + 1] ?? '')) throw invalid(`'${path}' means the items of '${here}', which is no array`)
    if (change.creates !== true) return false
    if (next !== undefined) throw invalid(`Cannot create '${path}': '${here}' is not an object`)
    const created: Document = {}
    put(parent, field, created)
    return enter(created, at + 1, here)
  }
}

function pad(items: unknown[], position: number, path: string): void {
  if (position - items.length > MAX_PADDING) throw invalid(`'${path}' is too far behind the end of the array`)
  while (items.length < position) items.push(null)
}
