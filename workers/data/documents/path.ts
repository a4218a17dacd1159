import { fieldOf, invalid, isDocument, unsupported } from './value'

/**
 * Refuses a dotted path that this engine does not walk as MongoDB does.
 * @throws AppError `data_invalid` for an empty part or a part that starts with $, `data_unsupported` for a position in an array
 */
export function checkPath(path: string, what: string): void {
  for (const part of path.split('.')) {
    if (part === '') throw invalid(`${what}: the path '${path}' has an empty part`)
    if (part === '$' || part.startsWith('$[')) throw unsupported(`${what}: positional paths such as '${path}' are not supported`)
    if (part.startsWith('$')) throw invalid(`${what}: the path '${path}' has a part that starts with $`)
    if (/^\d+$/.test(part)) throw unsupported(`${what}: '${path}' names a position in an array, which is not supported`)
    if (part === '__proto__' || part.includes('\0') || !part.isWellFormed())
      throw unsupported(`${what}: '${path}' is not a usable path`)
  }
}

/**
 * What a path reaches in a document, walking into every object of an array on the way as MongoDB does. `undefined` stands for a
 * place where the field is missing; an array with no objects on the way reaches nothing at all.
 * An array at the end gives its items and then itself.
 */
export function valuesAt(document: unknown, path: string): unknown[] {
  if (!path.includes('.')) {
    const value = isDocument(document) ? fieldOf(document, path) : undefined
    return Array.isArray(value) ? [...value, value] : [value]
  }
  const reached: unknown[] = []
  for (const end of endsAt(document, path)) {
    if (Array.isArray(end)) reached.push(...end, end)
    else reached.push(end)
  }
  return reached
}

/** As `valuesAt`, but an array at the end of the path is given whole. */
export function endsAt(document: unknown, path: string): unknown[] {
  const reached: unknown[] = []
  walk(document, path.split('.'), 0, reached)
  return reached
}

function walk(value: unknown, parts: string[], at: number, reached: unknown[]): void {
  const part = parts[at]
  if (part === undefined) {
    reached.push(value)
    return
  }
  if (!isDocument(value)) {
    reached.push(undefined)
    return
  }
  const next = fieldOf(value, part)
  if (at === parts.length - 1 || !Array.isArray(next)) walk(next, parts, at + 1, reached)
  else for (const item of next) if (isDocument(item)) walk(item, parts, at + 1, reached)
}
