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
  const ends = endsAt(document, path)
  return ends.some(Array.isArray) ? ends.flatMap((end) => (Array.isArray(end) ? [...end, end] : [end])) : ends
}

/** As `valuesAt`, but an array at the end of the path is given whole. */
export function endsAt(document: unknown, path: string): unknown[] {
  if (!path.includes('.')) return [isObject(document) ? fieldOf(document, path) : undefined]
  const reached: unknown[] = []
  const parts = path.split('.')
  walk(document, 0)
  return reached

  function walk(value: unknown, at: number): void {
    const next = isObject(value) ? fieldOf(value, parts[at] ?? '') : undefined
    if (next === undefined || at + 1 === parts.length) reached.push(next)
    else if (!Array.isArray(next)) walk(next, at + 1)
    else for (const item of next) if (isObject(item)) walk(item, at + 1)
  }
}
