import type { Document } from '../../../shared/contracts/data'
import { type Change, changes } from './changes'
import { checkPath } from './path'
import { fieldOf, invalid, isDocument, unsupported } from './value'

/** Applies an update to a document in place. Returns whether it changed anything. @throws AppError `data_invalid` */
export type Apply = (document: Document) => boolean

/**
 * Reads an update and refuses what MongoDB refuses, before any document is touched. mingo's updater is not used: it stays
 * silent on `$inc` of a string, `$push` to a scalar and `$set` through one, and loses an `$addToSet` into a list with doubles.
 * @throws AppError `data_invalid`, `data_unsupported`
 */
export function compileUpdate(update: unknown): Apply {
  if (Array.isArray(update)) throw unsupported('An update by a pipeline is not supported')
  if (!isDocument(update) || Object.keys(update).length === 0)
    throw invalid('An update must be an object with at least one operator')
  const steps: { path: string; change: Change }[] = []
  for (const [operator, fields] of Object.entries(update)) {
    if (!operator.startsWith('$')) throw invalid(`An update holds operators only, not the field '${operator}'`)
    const compile = changes[operator]
    if (compile === undefined) throw unsupported(`The update operator ${operator} is not supported`)
    if (!isDocument(fields)) throw invalid(`${operator} needs an object of fields`)
    for (const [path, operand] of Object.entries(fields)) {
      if (operand === undefined && operator !== '$unset') continue
      checkPath(path, operator)
      checkIdentity(operator, path)
      steps.push({ path, change: compile(operand, path) })
    }
  }
  checkConflicts(steps.map((step) => step.path))
  return (document) => steps.reduce((changed, { path, change }) => applyAt(document, path, change) || changed, false)
}

function checkIdentity(operator: string, path: string): void {
  if (path.startsWith('_id.') || (path === '_id' && operator !== '$set')) throw invalid(`${operator} cannot change _id`)
}

/** Two changes of one path, or of a path and a part of it, have no order that MongoDB would define. */
function checkConflicts(paths: string[]): void {
  const sorted = [...paths].sort()
  const seen = new Set<string>()
  for (const path of sorted) {
    const parts = path.split('.')
    const prefixes = parts.map((_, at) => parts.slice(0, at + 1).join('.'))
    if (prefixes.some((prefix) => seen.has(prefix))) throw invalid(`The update names '${path}' or a part of it twice`)
    seen.add(path)
  }
}

function applyAt(document: Document, path: string, change: Change): boolean {
  const parts = path.split('.')
  const last = parts.pop() ?? path
  let parent: Document = document
  for (const part of parts) {
    const next = fieldOf(parent, part)
    if (isDocument(next)) {
      parent = next
      continue
    }
    if (change.creates !== true) return false
    if (next !== undefined)
      throw invalid(`Cannot create '${path}': '${part}' is ${Array.isArray(next) ? 'an array' : 'not an object'}`)
    const created: Document = {}
    parent[part] = created
    parent = created
  }
  return change.apply(parent, last)
}
