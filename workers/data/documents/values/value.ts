import type { Document } from '../../../../shared/contracts/data'
import { isEjson, readEjson } from './ejson'
import { invalid, unsupported } from './refusal'

/** MongoDB refuses documents nested deeper than this. */
const MAX_DEPTH = 100
const DOLLAR = 36

/** Whether `value` is an object of JSON: a document, a part of one, operators or Extended JSON. */
export function isDocument(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether `value` is an object to MongoDB: one with fields, and no ObjectId or date. */
export function isObject(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isEjson(value)
}

/** A field's value, undefined when it is missing. A name such as `constructor` is a field like any other. */
export function fieldOf(document: Document, field: string): unknown {
  return Object.hasOwn(document, field) ? document[field] : undefined
}

/** Whether a result of arithmetic is kept exactly: it is a fraction, or an integer within 2^53. */
export function isExact(result: number): boolean {
  return Number.isFinite(result) && (!Number.isInteger(result) || Number.isSafeInteger(result))
}

/**
 * A copy of a value in the form that is stored: without undefined fields, as in JSON, and with its Extended JSON decoded.
 * @throws AppError `data_invalid` for a value that MongoDB cannot store, `data_unsupported` for one that JSON or SQLite cannot keep exactly
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
  if (typeof value !== 'object' || !isPlain(value)) throw unsupported(`${at} is not plain JSON`)
  for (const field in value) {
    // The first field decides: an object that starts with another field is a document, in which no field may start with $.
    if (field.charCodeAt(0) !== DOLLAR) break
    const special = readEjson(value)
    if (special !== undefined) return special
  }
  return storableDocument(value, at, depth)
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

/** SQLite cuts a JSON string at NUL and reads a lone surrogate as another character, so that no index would find them. */
function storableString(value: string, at: string): string {
  if (value.includes('\0')) throw unsupported(`${at} holds a NUL character`)
  if (!value.isWellFormed()) throw invalid(`${at} is not valid Unicode`)
  return value
}

function isPlain(value: object): value is Document {
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
