import type { Document } from '../../../../shared/contracts/data'
import { invalid, unsupported } from '../values/refusal'
import { fieldOf, isObject } from '../values/value'
import type { Change } from './change'
import { changes } from './changes'
import { checkPath } from './path'

/** Changes a document in place, and returns whether it changed anything. `isNew` is true for the document of an upsert. */
export type Update = (document: Document, isNew?: boolean) => boolean

type Step = { path: string; parts: readonly string[]; onlyOnInsert: boolean; change: Change }

/**
 * Compiles an update, so that it is refused before any document is read.
 * @throws AppError `data_invalid` where MongoDB refuses too, `data_unsupported` for MongoDB's other operators, by name. The compiled
 *   update throws `data_invalid` for a document that it cannot change
 */
export function compileUpdate(update: unknown): Update {
  if (Array.isArray(update)) throw unsupported('An update by a pipeline is not supported')
  if (!isObject(update) || Object.keys(update).length === 0)
    throw invalid('An update must be an object with at least one operator')
  const steps = inOrder(Object.entries(update).flatMap(([operator, fields]) => compileOperator(operator, fields)))
  return (document, isNew = false) => {
    let changed = false
    for (const step of steps) if ((isNew || !step.onlyOnInsert) && applyStep(document, step)) changed = true
    return changed
  }
}

function compileOperator(operator: string, fields: unknown): Step[] {
  if (!operator.startsWith('$')) throw invalid(`An update holds operators only, not the field '${operator}'`)
  const compile = changes[operator]
  if (compile === undefined) throw unsupported(`The update operator ${operator} is not supported`)
  if (!isObject(fields)) throw invalid(`${operator} needs an object of fields`)
  return Object.entries(fields).flatMap(([path, operand]): Step[] => {
    if (operand === undefined && operator !== '$unset') return []
    checkPath(path, operator)
    const sets = operator === '$set' || operator === '$setOnInsert'
    if (path.startsWith('_id.') || (path === '_id' && !sets)) throw invalid(`${operator} cannot change _id`)
    return [{ path, parts: path.split('.'), onlyOnInsert: operator === '$setOnInsert', change: compile(operand, path) }]
  })
}

/**
 * The steps in the order of their paths, as MongoDB applies them: this is the order of new fields.
 * @throws AppError `data_invalid` for two changes of one path, or of a path and a part of it, whose order MongoDB does not define
 */
function inOrder(steps: Step[]): Step[] {
  if (steps.length < 2) return steps
  // The separator sorts before all other characters, so that the parts of a path directly follow that path.
  const keyed = steps.map((step) => ({ step, key: `${step.parts.join('\0')}\0` }))
  keyed.sort((left, right) => (left.key < right.key ? -1 : 1))
  for (const [at, { key, step }] of keyed.entries()) {
    const before = keyed[at - 1]
    if (before !== undefined && key.startsWith(before.key)) throw invalid(`The update names '${step.path}' or a part of it twice`)
  }
  return keyed.map(({ step }) => step)
}

function applyStep(document: Document, { path, parts, change }: Step): boolean {
  let parent = document
  for (const part of parts.slice(0, -1)) {
    const next = fieldOf(parent, part)
    if (!isObject(next)) {
      if (change.creates !== true) return false
      if (next !== undefined) throw invalid(`Cannot create '${path}': '${part}' is not an object`)
      parent[part] = {}
    }
    parent = parent[part]
  }
  return change.apply(parent, parts.at(-1) ?? path)
}
