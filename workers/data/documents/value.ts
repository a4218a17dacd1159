import type { Document } from '../../../shared/contracts/data'
import { AppError } from '../../../shared/contracts/errors'

/** MongoDB refuses documents nested deeper than this. */
const MAX_DEPTH = 100

/** Whether `value` is a plain object, which is what a document or a part of one is. */
export function isDocument(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A field's value, undefined when it is missing; names such as `constructor` are fields like any other. */
export function fieldOf(document: Document, field: string): unknown {
  return Object.hasOwn(document, field) ? document[field] : undefined
}

/** The refusal of an operation that MongoDB refuses too. */
export function invalid(detail: string): AppError {
  return new AppError('data_invalid', detail)
}

/** The refusal of an operation that MongoDB would do and this engine does not. */
export function unsupported(detail: string): AppError {
  return new AppError('data_unsupported', detail)
}

/**
 * A copy of a value to be stored, with undefined fields left out as JSON does.
 * @throws AppError `data_invalid` for what MongoDB cannot store, `data_unsupported` for what JSON or SQLite cannot keep exactly
 */
export function storable(value: unknown, at: string, depth = 0): unknown {
  if (depth > MAX_DEPTH) throw invalid(`${at} is nested deeper than ${MAX_DEPTH} levels`)
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'string') return storableString(value, at)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw unsupported(`${at} is ${value}, which JSON cannot carry`)
    return value
  }
  if (Array.isArray(value)) return value.map((item) => storable(item ?? null, at, depth + 1))
  if (isDocument(value) && isPlain(value)) return storableDocument(value, at, depth)
  throw unsupported(`${at} is not plain JSON`)
}

/** `storable` for a whole document. */
export function storableDocument(value: unknown, at: string, depth = 0): Document {
  if (!isDocument(value) || !isPlain(value)) throw invalid(`${at} must be an object`)
  const copy: Document = {}
  for (const [field, item] of Object.entries(value)) {
    if (item === undefined) continue
    checkField(field, at)
    copy[field] = storable(item, field, depth + 1)
  }
  return copy
}

function checkField(field: string, at: string): void {
  if (field.startsWith('$')) throw invalid(`${at} has a field that starts with $: ${field}`)
  if (field.includes('\0')) throw invalid(`${at} has a field with a NUL in its name`)
  if (field === '' || field.includes('.') || field === '__proto__' || !field.isWellFormed()) {
    throw unsupported(`${at} has a field that no path can name: '${field}'`)
  }
}

/** SQLite cuts a JSON string at NUL and reads a lone surrogate as another character, so an index would miss either. */
function storableString(value: string, at: string): string {
  if (value.includes('\0')) throw unsupported(`${at} holds a NUL character`)
  if (!value.isWellFormed()) throw invalid(`${at} is not valid Unicode`)
  return value
}

function isPlain(value: Document): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
