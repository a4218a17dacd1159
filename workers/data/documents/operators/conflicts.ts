import { invalid } from '../values/refusal'

/**
 * Two changes of one path, or of a path and a part of it, have no order that MongoDB would define; nor have a change of fields or
 * positions and one of `$[]` at the same place.
 * @throws AppError `data_invalid`
 */
export function checkConflicts(paths: readonly string[]): void {
  if (paths.length < 2) return
  const seen = new Set<string>()
  const kinds = new Map<string, boolean>()
  for (const path of [...paths].sort()) {
    let prefix = ''
    for (const part of path.split('.')) {
      if (seen.has(prefix)) throw twice(path)
      const isArrayUpdate = part.startsWith('$[')
      if ((kinds.get(prefix) ?? isArrayUpdate) !== isArrayUpdate) throw twice(path)
      kinds.set(prefix, isArrayUpdate)
      prefix = prefix === '' ? part : `${prefix}.${part}`
    }
    // What sorts before a path may also go on from it: 'a-b' stands between 'a' and 'a.b'.
    if (seen.has(prefix) || kinds.has(prefix)) throw twice(path)
    seen.add(prefix)
  }
}

const twice = (path: string) => invalid(`The update names '${path}' or a part of it twice`)
