import type { Document } from '../../../../shared/contracts/data'
import { invalid, unsupported } from '../values/refusal'
import { fieldOf, isObject, storable } from '../values/value'
import { evaluate, isFieldPath } from './expression'
import { checkPath } from './path'
import { projectDocuments } from './projection'

/** @throws AppError `data_invalid` for what is no field path, such as `'$seller.id'` */
export function checkFieldPath(path: unknown, stage: string): asserts path is string {
  if (!isFieldPath(path)) throw invalid(`${stage} needs a field such as '$total'`)
  checkPath(path.slice(1), stage)
}

type Unwinding = { path: string; includeArrayIndex?: string; preserveNullAndEmptyArrays?: boolean }

/** @throws AppError `data_invalid`, `data_unsupported` for a part of a field */
export function checkUnwind(operand: unknown): void {
  const { path, includeArrayIndex, preserveNullAndEmptyArrays, ...others } = isObject(operand) ? operand : { path: operand }
  checkFieldPath(path, '$unwind')
  for (const other of Object.keys(others)) throw invalid(`$unwind does not know ${other}`)
  if (path.includes('.')) throw unsupported(`$unwind of '${path}' is of a part of a field`)
  if (includeArrayIndex !== undefined) checkName(includeArrayIndex, '$unwind')
  if (![undefined, true, false].includes(preserveNullAndEmptyArrays)) throw invalid('$unwind keeps what is empty, true or false')
}

/** One document per item of an array. What is no array counts as one item, and what is missing, null or empty as none. */
export function unwind(documents: Document[], operand: string | Unwinding): Document[] {
  const {
    path,
    includeArrayIndex,
    preserveNullAndEmptyArrays = false,
  } = typeof operand === 'string' ? { path: operand } : operand
  const field = path.slice(1)
  const indexed = (index: number | null) => (includeArrayIndex === undefined ? {} : { [includeArrayIndex]: index })
  return documents.flatMap((document) => {
    const value = fieldOf(document, field)
    if (Array.isArray(value) && value.length > 0) return value.map((item, at) => ({ ...document, [field]: item, ...indexed(at) }))
    const isNothing = value === undefined || value === null || Array.isArray(value)
    if (isNothing && !preserveNullAndEmptyArrays) return []
    const { [field]: _empty, ...rest } = document
    return [{ ...(Array.isArray(value) ? rest : document), ...indexed(null) }]
  })
}

/** @throws AppError `data_invalid`, `data_unsupported` for expressions and parts of fields */
export function checkAddFields(fields: unknown): void {
  if (!isObject(fields) || Object.keys(fields).length === 0) throw invalid('$addFields needs at least one field')
  for (const [name, value] of Object.entries(fields)) {
    checkName(name, '$addFields')
    if (isFieldPath(value)) checkFieldPath(value, '$addFields')
    else if (isObject(value) && Object.keys(value).join() === '$literal') storable(value.$literal, name)
    else if (typeof value === 'object' && value !== null)
      throw unsupported(`$addFields: '${name}' takes a field, a value or $literal`)
    else if (typeof value === 'string' && value.startsWith('$')) throw unsupported(`$addFields: '${value}' is not supported`)
    else storable(value, name)
  }
}

/** Documents with fields of other fields' values; a field that is set from a missing one is taken away. */
export function addFields(documents: Document[], fields: Document): Document[] {
  return documents.map((document) => {
    const result = { ...document }
    for (const [name, value] of Object.entries(fields)) {
      const computed = isObject(value) ? value.$literal : evaluate(document, value)
      if (computed === undefined) delete result[name]
      else result[name] = computed
    }
    return result
  })
}

/** @throws AppError `data_invalid` */
export function checkUnset(operand: unknown): void {
  const paths = Array.isArray(operand) ? operand : [operand]
  if (paths.length === 0) throw invalid('$unset needs at least one field')
  for (const path of paths) {
    if (typeof path !== 'string' || path.startsWith('$')) throw invalid('$unset needs names of fields')
    checkPath(path, '$unset')
    if (paths.some((other) => other !== path && `${other}.`.startsWith(`${path}.`)))
      throw invalid(`$unset names a part of '${path}' too`)
  }
}

export function unset(documents: Document[], operand: string | string[]): Document[] {
  const paths = Array.isArray(operand) ? operand : [operand]
  return projectDocuments(documents, Object.fromEntries(paths.map((path) => [path, 0 as const])))
}

/** The objects at a field, in the place of their documents. @throws AppError `data_invalid` where there is none */
export function replaceRoot(documents: Document[], path: string): Document[] {
  return documents.map((document) => {
    const root = evaluate(document, path)
    if (!isObject(root)) throw invalid(`$replaceRoot: '${path}' is not an object in every document`)
    return root
  })
}

function checkName(name: unknown, stage: string): void {
  if (typeof name !== 'string' || name === '' || name.startsWith('$'))
    throw invalid(`${stage}: '${String(name)}' is not a field name`)
  if (name.includes('.')) throw unsupported(`${stage}: '${name}' is a part of a field`)
}
