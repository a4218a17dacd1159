import type { Document, Filter } from '../../../shared/contracts/data'
import { isExpression } from './predicates'
import { invalid, isDocument, unsupported } from './value'

/**
 * The document an upsert starts from: what the filter says by equality, at the top level or under `$and`.
 * @throws AppError `data_invalid` when the filter says a path twice, `data_unsupported` where it takes MongoDB's own rules to tell
 */
export function seedOf(filter: Filter): Document {
  const seed: Document = {}
  const seen: string[] = []
  for (const [path, value] of equalities(filter)) {
    if (seen.some((other) => other === path || other.startsWith(`${path}.`) || path.startsWith(`${other}.`))) {
      throw invalid(`The filter of the upsert says '${path}' or a part of it twice`)
    }
    seen.push(path)
    place(seed, path.split('.'), value)
  }
  return seed
}

function* equalities(filter: Filter): Generator<[string, unknown]> {
  for (const [key, condition] of Object.entries(filter)) {
    if (key === '$or') throw unsupported('An upsert with $or in its filter is not supported')
    if (key === '$and') for (const clause of condition) yield* equalities(clause)
    else if (!isExpression(condition)) yield [key, condition]
    else if (Object.hasOwn(condition, '$eq')) yield [key, condition.$eq]
    else if (Array.isArray(condition.$in) && condition.$in.length === 1)
      throw unsupported(`An upsert with one value in the $in of '${key}' is not supported: some engines take it for an equality`)
  }
}

function place(target: Document, [part = '', ...rest]: string[], value: unknown): void {
  if (rest.length === 0) {
    target[part] = value
    return
  }
  const next = isDocument(target[part]) ? target[part] : {}
  target[part] = next
  place(next, rest, value)
}
