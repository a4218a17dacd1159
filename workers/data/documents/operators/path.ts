import { invalid, unsupported } from '../values/refusal'
import { fieldOf, isObject } from '../values/value'

/**
 * Refuses a dotted path that this engine does not follow as MongoDB does.
 * @throws AppError `data_invalid` for an empty part or a part that starts with $, `data_unsupported` for a position in an array
 */
export function checkPath(path: string, where: string): void {
  for (const part of path.split('.')) {
    if (part === '') throw invalid(`${where}: the path '${path}' has an empty part`)
    if (isPosition(part)) throw unsupported(`${where}: '${path}' names a position in an array (${part}), which is not supported`)
    if (part.startsWith('$')) throw invalid(`${where}: the path '${path}' has a part that starts with $`)
    if (part === '__proto__' || part.includes('\0') || !part.isWellFormed())
      throw unsupported(`${where}: '${path}' is not a usable path`)
  }
}

/** Whether a part of a path is a position in MongoDB's notation: `0`, `$`, `$[]` or `$[name]`. */
function isPosition(part: string): boolean {
  return part === '$' || part.startsWith('$[') || /^(0|[1-9]\d*)$/.test(part)
}

/**
 * The values that a path reaches in a document. As in MongoDB, it enters every object of an array on the way. `undefined` stands for a
 * missing field; an array without objects on the way reaches nothing. An array at the end gives its items and then itself.
 */
export function valuesAt(document: unknown, path: string): unknown[] {
  const values: unknown[] = []
  reach(document, path, (end) => {
    // Not by a spread: arguments go on the stack, and an array may have a million items.
    if (Array.isArray(end)) for (const item of end) values.push(item)
    values.push(end)
  })
  return values
}

/** As `valuesAt`, but an array at the end of the path is given whole. */
export function endsAt(document: unknown, path: string): unknown[] {
  const ends: unknown[] = []
  reach(document, path, (end) => ends.push(end))
  return ends
}

function reach(value: unknown, path: string, found: (end: unknown) => void): void {
  const dot = path.indexOf('.')
  const next = isObject(value) ? fieldOf(value, dot === -1 ? path : path.slice(0, dot)) : undefined
  if (dot === -1 || next === undefined) found(next)
  else if (!Array.isArray(next)) reach(next, path.slice(dot + 1), found)
  else for (const item of next) if (isObject(item)) reach(item, path.slice(dot + 1), found)
}
