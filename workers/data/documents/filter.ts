import type { Filter } from '../../../shared/contracts/data'
import { checkPath } from './path'
import { isExpression } from './predicates'
import { invalid, isDocument, storable, unsupported } from './value'

const known = new Set(['$eq', '$ne', '$gt', '$gte', '$lt', '$lte', '$in', '$nin', '$exists', '$elemMatch'])
const ranges = new Set(['$gt', '$gte', '$lt', '$lte'])

/**
 * Refuses a filter before anything is read, when it is not wholly within the supported language.
 * @throws AppError `data_invalid` where MongoDB refuses too, `data_unsupported` for the rest of MongoDB's language
 */
export function checkFilter(filter: unknown): asserts filter is Filter {
  if (!isDocument(filter)) throw invalid('A filter must be an object')
  for (const [key, condition] of Object.entries(filter)) {
    if (condition === undefined) throw invalid(`The filter on '${key}' is undefined`)
    if (key === '$and' || key === '$or') checkClauses(key, condition)
    else if (key.startsWith('$')) throw unsupported(`The query operator ${key} is not supported`)
    else {
      checkPath(key, 'filter')
      checkCondition(key, condition)
    }
  }
}

function checkClauses(operator: string, clauses: unknown): void {
  if (!Array.isArray(clauses) || clauses.length === 0) throw invalid(`${operator} needs a list of filters with at least one`)
  for (const clause of clauses) checkFilter(clause)
}

function checkCondition(path: string, condition: unknown): void {
  if (!isExpression(condition)) {
    storable(condition, path)
    return
  }
  for (const [operator, operand] of Object.entries(condition)) {
    if (!operator.startsWith('$')) throw invalid(`The filter on '${path}' mixes operators and fields`)
    if (!known.has(operator)) throw unsupported(`The query operator ${operator} is not supported`)
    checkOperand(path, operator, operand)
  }
}

function checkOperand(path: string, operator: string, operand: unknown): void {
  if (operand === undefined) throw invalid(`${operator} on '${path}' is undefined`)
  if (operator === '$elemMatch') checkElement(path, operand)
  else if (operator === '$exists') {
    if (typeof operand !== 'boolean') throw unsupported(`$exists on '${path}' takes true or false`)
  } else if (operator === '$in' || operator === '$nin') {
    if (!Array.isArray(operand)) throw invalid(`${operator} on '${path}' needs an array`)
    for (const item of operand) {
      if (item === undefined) throw invalid(`${operator} on '${path}' holds undefined`)
      storable(item, path)
    }
  } else if (ranges.has(operator) && !['string', 'number', 'boolean'].includes(typeof operand)) {
    throw unsupported(`${operator} on '${path}' compares with strings, numbers and booleans only`)
  } else storable(operand, path)
}

function checkElement(path: string, operand: unknown): void {
  if (!isDocument(operand) || Object.keys(operand).length === 0) throw invalid(`$elemMatch on '${path}' needs conditions`)
  if (!isElementExpression(operand)) {
    checkFilter(operand)
    return
  }
  for (const operator of ['$exists', '$elemMatch']) {
    if (operator in operand) throw unsupported(`${operator} directly in the $elemMatch on '${path}' is not supported`)
  }
  checkCondition(path, operand)
}

/** Whether an `$elemMatch` is about the items themselves, such as `{ $gt: 1 }`, and not about fields of theirs. */
export function isElementExpression(criteria: object): boolean {
  const first = Object.keys(criteria)[0]
  return first?.startsWith('$') === true && first !== '$and' && first !== '$or'
}
