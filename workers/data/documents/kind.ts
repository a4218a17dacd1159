import type { Document } from '../../../shared/contracts/data'
import { valuesAt } from './path'
import { fieldOf, isDocument } from './value'

/**
 * What the documents of a collection have held at an indexed path so far. It only ever rises.
 * `plain`: nothing, null, strings and safe integers, which SQLite orders exactly as MongoDB does. `odd`: also booleans, objects or
 * other numbers, which it still finds but orders or rounds otherwise. `multiple`: an array at the path or on the way, so that
 * one document has several values there and an expression index cannot find it.
 */
export const kinds = ['plain', 'odd', 'multiple'] as const
export type Kind = (typeof kinds)[number]

export type Entry = { path: string; value: string | number }

export function kindOf(document: Document, path: string): Kind {
  let value: unknown = document
  for (const part of path.split('.')) {
    if (!isDocument(value)) return 'plain'
    value = fieldOf(value, part)
    if (Array.isArray(value)) return 'multiple'
  }
  const plain = value === undefined || value === null || typeof value === 'string' || Number.isSafeInteger(value)
  return plain ? 'plain' : 'odd'
}

export function higher(left: Kind, right: Kind): Kind {
  return kinds.indexOf(left) > kinds.indexOf(right) ? left : right
}

/** The scalars a document has at paths of several values, each once: what MongoDB's multikey index would hold of it. */
export function entriesOf(document: Document, paths: readonly string[]): Entry[] {
  return paths.flatMap((path) => [...new Set(valuesAt(document, path).flatMap(scalarOf))].map((value) => ({ path, value })))
}

function scalarOf(value: unknown): (string | number)[] {
  if (typeof value === 'string' || typeof value === 'number') return [value]
  return typeof value === 'boolean' ? [Number(value)] : []
}
