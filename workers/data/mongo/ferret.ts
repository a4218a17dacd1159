import type { Document, Filter, Operation, Update } from '../../../shared/contracts/data'
import { compileFilter, compilePull, isElementExpression, isExpression } from '../documents/operators/matcher'
import { unsupported } from '../documents/values/refusal'
import { fieldOf, isDocument } from '../documents/values/value'

/**
 * Three operators that the Workers use and FerretDB 1.24 implements in another way: a `$pull` by condition, which it silently treats as
 * a value to equal; an `$elemMatch` on fields, which it refuses; and `$ne` and `$nin` on fields of an array's elements, which match
 * there when any element differs, not when none is equal (update_array_operators.go and filter.go in internal/handler/common). For such
 * a server they are replaced here, the first two after reading the documents. Over one connection that is as safe as the server's own
 * updates, which are not transactions.
 */
export const needsHelp = (operation: Operation): boolean =>
  ('filter' in operation && (matchesFields(operation.filter) || negates(operation.filter))) ||
  ('update' in operation && pullsByCondition(operation.update))

/** Whether a filter has a negation on a path that may lead through arrays. */
function negates(filter: unknown): boolean {
  if (!isDocument(filter)) return false
  return Object.entries(filter).some(([key, condition]) =>
    isClauses(key)
      ? Array.isArray(condition) && condition.some(negates)
      : key.includes('.') && isDocument(condition) && ('$ne' in condition || '$nin' in condition),
  )
}

/**
 * The same filter with each such negation as a `$nor`, which FerretDB implements as MongoDB does. Equalities stay at the top level, the
 * only place where FerretDB looks for what an upsert starts from.
 */
export function rephrase(filter: Filter): Filter {
  if (!negates(filter)) return filter
  const kept: Filter = {}
  const none: Filter[] = [...(filter.$nor ?? [])]
  for (const [key, condition] of Object.entries(filter)) {
    if (isClauses(key)) kept[key] = condition.map(rephrase)
    else if (!negates({ [key]: condition })) kept[key] = condition
    else {
      const { $ne, $nin, ...others } = condition
      if (Object.keys(others).length > 0) kept[key] = others
      if ('$ne' in condition) none.push({ [key]: $ne })
      if ('$nin' in condition) none.push({ [key]: { $in: $nin } })
    }
  }
  // All negations may be in clauses, and a $nor may not be empty.
  return none.length > 0 ? { ...kept, $nor: none } : kept
}

const isClauses = (key: string) => key === '$and' || key === '$or'

export const pullsByCondition = (update: unknown): boolean =>
  isDocument(update) && isDocument(update.$pull) && Object.values(update.$pull).some(isDocument)

export function matchesFields(filter: unknown): boolean {
  if (!isDocument(filter)) return false
  return Object.entries(filter).some(([key, condition]) =>
    isClauses(key)
      ? Array.isArray(condition) && condition.some(matchesFields)
      : isDocument(condition) && isDocument(condition.$elemMatch) && !isElementExpression(condition.$elemMatch),
  )
}

/** A filter that FerretDB supports and that matches at least what `filter` matches: fields of one element become fields of any element. */
export function widen(filter: Filter): Filter {
  const parts = Object.entries(filter).flatMap(([key, condition]): Filter[] => {
    if (isClauses(key)) return [{ [key]: condition.map(widen) }]
    if (!matchesFields({ [key]: condition })) return [{ [key]: condition }]
    const { $elemMatch, ...others } = condition
    const fields = Object.entries($elemMatch).filter(([field, wanted]) => !field.startsWith('$') && isPositive(wanted))
    return [
      ...(Object.keys(others).length > 0 ? [{ [key]: others }] : []),
      ...fields.map(([field, wanted]) => ({ [`${key}.${field}`]: wanted })),
    ]
  })
  return parts.length === 0 ? {} : { $and: parts }
}

const positive = new Set(['$eq', '$in', '$gt', '$gte', '$lt', '$lte'])
const isPositive = (wanted: unknown) => !isExpression(wanted) || Object.keys(wanted).every((operator) => positive.has(operator))

/** The operation on exactly those candidates that its filter matches. @throws AppError `data_unsupported` */
export function onMatches<O extends Operation & { filter?: Filter }>(operation: O, candidates: readonly Document[]): O {
  const matches = compileFilter(operation.filter ?? {})
  const ids = candidates.filter(matches).map(({ _id }) => _id)
  if (ids.length === 0 && 'upsert' in operation && operation.upsert)
    throw unsupported('An upsert by $elemMatch on fields is not supported on this server')
  return { ...operation, filter: { _id: { $in: ids } } }
}

/** The update with a `$pullAll` of the items of `document` that the conditions of its `$pull` match. */
export function expandPulls(update: Update, document: Document): Update {
  const { $pull, ...others } = update
  const operands = Object.entries($pull as Document)
  const values = operands.filter(([, operand]) => !isDocument(operand))
  const lists = operands
    .filter(([, operand]) => isDocument(operand))
    .map(([path, operand]): [string, unknown[]] => {
      const items = at(document, path)
      // The server refuses a field that is no list.
      return [path, Array.isArray(items) ? items.filter(compilePull(path, operand)) : []]
    })
  return {
    ...others,
    ...(values.length > 0 ? { $pull: Object.fromEntries(values) } : {}),
    $pullAll: { ...others.$pullAll, ...Object.fromEntries(lists) },
  }
}

const at = (document: Document, path: string): unknown =>
  path.split('.').reduce<unknown>((value, field) => (isDocument(value) ? fieldOf(value, field) : undefined), document)
