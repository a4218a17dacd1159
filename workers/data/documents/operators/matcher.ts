import type { Filter } from '../../../../shared/contracts/data'
import { invalid, unsupported } from '../values/refusal'
import { isObject } from '../values/value'
import { comparisons, negations, type Predicate } from './comparisons'
import { checkPath, endsAt, valuesAt } from './path'

/**
 * Compiles a filter, so that it is refused before any document is read.
 * @throws AppError `data_invalid` where MongoDB refuses too, `data_unsupported` for MongoDB's other operators, by name
 */
export function compileFilter(filter: unknown): Predicate {
  if (!isObject(filter)) throw invalid('A filter must be an object')
  return allOf(
    Object.entries(filter).map(([key, condition]): Predicate => {
      if (condition === undefined) throw invalid(`The filter on '${key}' is undefined`)
      if (isClause(key)) return compileClauses(key, condition)
      if (key.startsWith('$')) throw unsupported(`The query operator ${key} is not supported`)
      checkPath(key, 'filter')
      return compileCondition(key, isExpression(condition) ? condition : { $eq: condition })
    }),
  )
}

/** Refuses a filter as `compileFilter` does. */
export function checkFilter(filter: unknown): asserts filter is Filter {
  compileFilter(filter)
}

const isClause = (key: string) => key === '$and' || key === '$or'

function compileClauses(operator: string, list: unknown): Predicate {
  if (!Array.isArray(list) || list.length === 0) throw invalid(`${operator} needs a list of filters with at least one`)
  const clauses = list.map(compileFilter)
  return operator === '$and' ? allOf(clauses) : (document) => clauses.some((matches) => matches(document))
}

function allOf(predicates: readonly Predicate[]): Predicate {
  const [first, second] = predicates
  if (first !== undefined && second === undefined) return first
  return (value) => predicates.every((matches) => matches(value))
}

/** A condition on a path. Any value that the path reaches may satisfy it; `$exists` and `$elemMatch` test an array as a whole. */
function compileCondition(path: string, expression: Record<string, unknown>): Predicate {
  return compileOperators(path, expression, (operator, operand) => {
    if (operator === '$exists') {
      if (typeof operand !== 'boolean') throw unsupported(`$exists on '${path}' takes true or false`)
      return (document) => endsAt(document, path).some((end) => end !== undefined) === operand
    }
    if (operator === '$elemMatch') {
      const matches = compileElement(path, operand)
      return (document) => endsAt(document, path).some((end) => Array.isArray(end) && end.some(matches))
    }
    const test = compare(operator, operand, path)
    return test && ((document) => valuesAt(document, path).some(test))
  })
}

/** Compiles operators on one value, such as `{ $gt: 1, $ne: 5 }`; the path is for messages. */
function compileExpression(path: string, expression: Record<string, unknown>): Predicate {
  return compileOperators(path, expression, (operator, operand) => compare(operator, operand, path))
}

const compare = (operator: string, operand: unknown, path: string): Predicate | undefined =>
  comparisons[operator]?.(operand, path)

function compileOperators(
  path: string,
  expression: Record<string, unknown>,
  compile: (operator: string, operand: unknown) => Predicate | undefined,
): Predicate {
  return allOf(
    Object.entries(expression).map(([operator, operand]): Predicate => {
      if (!operator.startsWith('$')) throw invalid(`The filter on '${path}' mixes operators and fields`)
      if (operand === undefined) throw invalid(`${operator} on '${path}' is undefined`)
      const positive = negations[operator]
      const matches = compile(positive ?? operator, operand)
      if (matches === undefined) throw unsupported(`The query operator ${operator} on '${path}' is not supported`)
      return positive === undefined ? matches : (value) => !matches(value)
    }),
  )
}

function compileElement(path: string, criteria: unknown): Predicate {
  if (!isObject(criteria) || Object.keys(criteria).length === 0) throw invalid(`$elemMatch on '${path}' needs conditions`)
  if (isElementExpression(criteria)) return compileExpression(path, criteria)
  const matches = compileFilter(criteria)
  // MongoDB treats an array in the array as an object whose fields are positions, so it has none of the named fields.
  return (item) => (isObject(item) ? matches(item) : Array.isArray(item) && matches({}))
}

/** Compiles the operand of a `$pull`: a filter on items that are objects, operators on the item itself, or a value to equal. */
export function compilePull(path: string, operand: unknown): Predicate {
  if (!isObject(operand)) return compileExpression(path, { $eq: operand })
  if (isElementExpression(operand)) return compileExpression(path, operand)
  const matches = compileFilter(operand)
  return (item) => isObject(item) && matches(item)
}

/** Whether a condition consists of operators, such as `{ $gt: 1 }`, and is not a value to equal. */
export function isExpression(condition: unknown): condition is Record<string, unknown> {
  return isObject(condition) && Object.keys(condition).some((key) => key.startsWith('$'))
}

/** Whether an `$elemMatch` tests the items themselves, as `{ $gt: 1 }` does, and not their fields. */
export function isElementExpression(criteria: object): criteria is Record<string, unknown> {
  const [first = ''] = Object.keys(criteria)
  return first.startsWith('$') && !isClause(first)
}
