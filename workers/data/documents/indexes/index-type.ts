import type { Document } from '../../../../shared/contracts/data'
import { valuesAt } from '../operators/path'
import { isSpecial } from '../values/ejson'
import { fieldOf, isObject } from '../values/value'

/**
 * What the documents of a collection have held at an indexed path so far. It only ever rises.
 * `empty`: nothing but null. `plain`: also strings and safe integers; `dates` and `objectIds`: nothing else but null. All these SQLite
 * orders exactly as MongoDB does. `odd`: a mixture of them, booleans, objects or other numbers, which it still finds but orders or
 * rounds otherwise. `multiple`: an array at the path or on the way, so that one document has several values there and an expression
 * index cannot find it.
 */
export type Kind = 'empty' | 'plain' | 'dates' | 'objectIds' | 'odd' | 'multiple'

/** A value as SQLite holds it in a key: true and false as 1 and 0, what is no scalar as its JSON. */
export type Key = string | number

export function kindOf(document: Document, path: string): Kind {
  let value: unknown = document
  for (const part of path.split('.')) {
    if (!isObject(value)) return 'empty'
    value = fieldOf(value, part)
    if (Array.isArray(value)) return 'multiple'
  }
  if (value === undefined || value === null) return 'empty'
  if (typeof value === 'string' || Number.isSafeInteger(value)) return 'plain'
  if (typeof value !== 'object' || !isSpecial(value)) return 'odd'
  return '$oid' in value ? 'objectIds' : 'dates'
}

export function higher(left: Kind, right: Kind): Kind {
  if (left === right || right === 'empty') return left
  if (left === 'empty') return right
  return left === 'multiple' || right === 'multiple' ? 'multiple' : 'odd'
}

/** Whether SQLite orders what a path has held as MongoDB does. */
export function isOrderly(kind: Kind | undefined): boolean {
  return kind !== undefined && kind !== 'odd' && kind !== 'multiple'
}

/** The scalars a document has at a path of several values, each once: what MongoDB's multikey index would hold of it. */
export function keysAt(document: Document, path: string): Key[] {
  return [...new Set(valuesAt(document, path).flatMap(keysOf))]
}

function keysOf(value: unknown): Key[] {
  const isKey = value !== undefined && value !== null && (typeof value !== 'object' || isSpecial(value))
  return isKey ? [keyOf(value)] : []
}

/** A value that is not missing, as `Key` says. */
export function keyOf(value: unknown): Key {
  if (typeof value === 'string' || typeof value === 'number') return value
  return typeof value === 'boolean' ? Number(value) : JSON.stringify(value)
}
