import type { Document } from '../../../../shared/contracts/data'
import { valuesAt } from '../operators/path'
import { isEjson } from '../values/ejson'
import { fieldOf, isObject } from '../values/value'

/**
 * The types that documents of a collection have held at an indexed path so far. It only ever widens.
 * `empty`: only null. `plain`: strings, safe integers and null. `dates`, `objectIds`: only these and null. SQLite orders all of them
 * exactly as MongoDB does. `odd`: several of these, booleans, objects or other numbers: SQLite finds them, but orders or rounds them
 * otherwise. `multiple`: an array at the path or on the way, so that a document has several values and an expression index misses it.
 */
export type IndexType = 'empty' | 'plain' | 'dates' | 'objectIds' | 'odd' | 'multiple'

/** A value in the form of an index key: true and false are 1 and 0, and a value that is no scalar is its JSON. */
export type Key = string | number

export function indexTypeOf(document: Document, path: string): IndexType {
  let value: unknown = document
  for (const part of path.split('.')) {
    if (!isObject(value)) return 'empty'
    value = fieldOf(value, part)
    if (Array.isArray(value)) return 'multiple'
  }
  if (value === undefined || value === null) return 'empty'
  if (typeof value === 'string' || Number.isSafeInteger(value)) return 'plain'
  if (typeof value !== 'object' || !isEjson(value)) return 'odd'
  return '$oid' in value ? 'objectIds' : 'dates'
}

export function widerType(left: IndexType, right: IndexType): IndexType {
  if (left === right || right === 'empty') return left
  if (left === 'empty') return right
  return left === 'multiple' || right === 'multiple' ? 'multiple' : 'odd'
}

/** Whether SQLite orders values of these types as MongoDB does. */
export function keepsOrder(type: IndexType | undefined): boolean {
  return type !== undefined && type !== 'odd' && type !== 'multiple'
}

/** The scalars that a document has at a path of several values, each once: the keys of MongoDB's multikey index. */
export function keysAt(document: Document, path: string): Key[] {
  return [...new Set(valuesAt(document, path).flatMap(keysOf))]
}

function keysOf(value: unknown): Key[] {
  const isKey = value !== undefined && value !== null && (typeof value !== 'object' || isEjson(value))
  return isKey ? [keyOf(value)] : []
}

/** The key of a value that is not missing. */
export function keyOf(value: unknown): Key {
  if (typeof value === 'string' || typeof value === 'number') return value
  return typeof value === 'boolean' ? Number(value) : JSON.stringify(value)
}
