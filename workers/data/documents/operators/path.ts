import { invalid, unsupported } from '../values/refusal'
import { fieldOf, isObject } from '../values/value'

/**
 * Refuses a dotted path that this engine does not walk as MongoDB does. Positions in arrays (`items.0`) are walked by filters, and by
 * updates, which also know `$[]` and `$[name]`; sorts, projections, groups and indexes name fields alone.
 * @throws AppError `data_invalid` for an empty part or a part that starts with $, `data_unsupported` for a position elsewhere
 */
export function checkPath(path: string, what: string, allow?: 'positions' | 'updates'): void {
  for (const part of path.split('.')) {
    if (part === '') throw invalid(`${what}: the path '${path}' has an empty part`)
    if (part.startsWith('$')) checkDollar(part, path, what, allow)
    if (allow === undefined && isPosition(part))
      throw unsupported(`${what}: '${path}' names a position in an array, which is not supported`)
    if (part === '__proto__' || part.includes('\0') || !part.isWellFormed())
      throw unsupported(`${what}: '${path}' is not a usable path`)
  }
}

function checkDollar(part: string, path: string, what: string, allow?: 'positions' | 'updates'): void {
  const positional = part === '$' || part.startsWith('$[')
  if (!positional) throw invalid(`${what}: the path '${path}' has a part that starts with $`)
  if (allow !== 'updates' || part === '$' || path.startsWith(part))
    throw unsupported(`${what}: positional paths such as '${path}' are not supported`)
  if (!/^\$\[([a-z][A-Za-z0-9]*)?\]$/.test(part)) throw invalid(`${what}: '${part}' is no array filter's name`)
}

/** Whether a part of a path is written as a position in an array; in an object it is a field's name. */
export function isPosition(part: string): boolean {
  return /^(0|[1-9]\d*)$/.test(part)
}

/**
 * What a path reaches in a document, walking into every object of an array on the way as MongoDB does. `undefined` stands for a
 * place where the field is missing; an array with no objects on the way reaches nothing at all.
 * An array at the end gives its items and then itself.
 */
export function valuesAt(document: unknown, path: string): unknown[] {
  if (!path.includes('.')) {
    const value = isObject(document) ? fieldOf(document, path) : undefined
    return Array.isArray(value) ? [...value, value] : [value]
  }
  return reach(document, path, true)
}

/** As `valuesAt`, but an array at the end of the path is given whole. */
export function endsAt(document: unknown, path: string): unknown[] {
  return reach(document, path, false)
}

function reach(document: unknown, path: string, spread: boolean): unknown[] {
  const reached: unknown[] = []
  const parts = path.split('.')
  walk(document, 0)
  return reached

  function walk(value: unknown, at: number): void {
    const part = parts[at]
    if (part === undefined) {
      if (spread && Array.isArray(value)) reached.push(...value, value)
      else reached.push(value)
      return
    }
    if (!isObject(value)) {
      reached.push(undefined)
      return
    }
    const next = fieldOf(value, part)
    if (Array.isArray(next) && at + 1 < parts.length) walkItems(next, at + 1)
    else walk(next, at + 1)
  }

  function walkItems(items: unknown[], at: number): void {
    const part = parts[at] ?? ''
    const position = isPosition(part) ? Number(part) : -1
    for (const [index, item] of items.entries()) {
      // An object may have the position as a field's name, and MongoDB looks there too.
      if (isObject(item)) walk(item, at)
      if (index !== position) continue
      // What a position at the end of a path names is one value, even when it is an array.
      if (at + 1 === parts.length) reached.push(item)
      else if (Array.isArray(item)) walkItems(item, at + 1)
      else if (isObject(item)) walk(item, at + 1)
    }
  }
}
