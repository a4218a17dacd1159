import type { Document, Filter } from '../../../../shared/contracts/data'
import { invalid, unsupported } from '../values/refusal'
import { isObject, storable } from '../values/value'
import { isExpression } from './matcher'

/**
 * The document that an upsert starts from: the equalities of the filter, at the top level, under `$and` or under an `$or` of one filter.
 * Other clauses of `$or` and all negations add nothing.
 * @throws AppError `data_invalid` when the filter names a path twice, `data_unsupported` where MongoDB and compatible servers differ
 */
export function seedOf(filter: Filter): Document {
  const seed: Document = {}
  const seen: string[] = []
  for (const [path, value] of equalities(filter)) {
    if (seen.some((other) => other === path || other.startsWith(`${path}.`) || path.startsWith(`${other}.`))) {
      throw invalid(`The filter of the upsert names '${path}' or a part of it twice`)
    }
    seen.push(path)
    place(seed, path.split('.'), storable(value, path))
  }
  return seed
}

function* equalities(filter: Filter): Generator<[string, unknown]> {
  for (const [key, condition] of Object.entries(filter)) {
    if (key === '$and' || (key === '$or' && condition.length === 1)) {
      for (const clause of condition) yield* equalities(clause)
    } else if (key.startsWith('$')) continue
    else if (!isExpression(condition)) yield [key, condition]
    else yield* equalitiesOf(key, condition)
  }
}

function* equalitiesOf(path: string, { $eq, $in }: Record<string, unknown>): Generator<[string, unknown]> {
  if ($eq !== undefined) yield [path, $eq]
  if (Array.isArray($in) && $in.length === 1)
    throw unsupported(`An upsert with one value in the $in of '${path}' is not supported: some engines take it for an equality`)
}

function place(target: Document, [part = '', ...rest]: string[], value: unknown): void {
  if (rest.length === 0) {
    target[part] = value
    return
  }
  const next = isObject(target[part]) ? target[part] : {}
  target[part] = next
  place(next, rest, value)
}
