import type { Filter } from '../../../../shared/contracts/data'
import { isSpecial } from '../values/ejson'
import { invalid, unsupported } from '../values/refusal'
import { isObject, storable } from '../values/value'
import { checkPath } from './path'
import { comparisons, isExpression, negations } from './predicates'
import { compileRegex } from './regex'
import { typeTest } from './type'

const clauses = new Set(['$and', '$or', '$nor'])
/** What is judged of all that a path reaches, and so of no single item of an array. */
const ofPaths = ['$exists', '$elemMatch', '$all', '$size']
const known = new Set([...Object.keys(comparisons), ...Object.keys(negations), ...ofPaths, '$not', '$options'])
const ranges = new Set(['$gt', '$gte', '$lt', '$lte'])

/**
 * Refuses a filter before anything is read, when it is not wholly within the supported language.
 * @throws AppError `data_invalid` where MongoDB refuses too, `data_unsupported` for the rest of MongoDB's language
 */
export function checkFilter(filter: unknown): asserts filter is Filter {
  if (!isObject(filter)) throw invalid('A filter must be an object')
  for (const [key, condition] of Object.entries(filter)) {
    if (condition === undefined) throw invalid(`The filter on '${key}' is undefined`)
    if (clauses.has(key)) checkClauses(key, condition)
    else if (key.startsWith('$')) throw unsupported(`The query operator ${key} is not supported`)
    else {
      checkPath(key, 'filter', 'positions')
      checkCondition(key, condition)
    }
  }
}

function checkClauses(operator: string, list: unknown): void {
  if (!Array.isArray(list) || list.length === 0) throw invalid(`${operator} needs a list of filters with at least one`)
  for (const clause of list) checkFilter(clause)
}

function checkCondition(path: string, condition: unknown): void {
  if (!isExpression(condition)) {
    storable(condition, path)
    return
  }
  for (const [operator, operand] of Object.entries(condition)) {
    if (!operator.startsWith('$')) throw invalid(`The filter on '${path}' mixes operators and fields`)
    if (!known.has(operator)) throw unsupported(`The query operator ${operator} is not supported`)
    if (operand === undefined) throw invalid(`${operator} on '${path}' is undefined`)
    checkOperand(path, operator, operand, condition)
  }
}

function checkOperand(path: string, operator: string, operand: unknown, condition: Record<string, unknown>): void {
  const check = Object.hasOwn(checks, operator) ? checks[operator] : undefined
  if (check !== undefined) check(operand, path, condition)
  else if (ranges.has(operator) && !isOrdered(operand)) {
    throw unsupported(`${operator} on '${path}' compares with strings, numbers, booleans, dates and ObjectIds only`)
  } else storable(operand, path)
}

function isOrdered(operand: unknown): boolean {
  if (typeof operand === 'object') return operand !== null && isSpecial(operand)
  return true
}

type Check = (operand: unknown, path: string, condition: Record<string, unknown>) => void

const checks: Record<string, Check> = {
  $in: (operand, path) => checkList('$in', operand, path),
  $nin: (operand, path) => checkList('$nin', operand, path),
  $all: checkAll,
  $elemMatch: (operand, path) => checkElement(path, operand),
  $exists: (operand, path) => {
    if (typeof operand !== 'boolean') throw unsupported(`$exists on '${path}' takes true or false`)
  },
  $size: (operand, path) => {
    if (!Number.isSafeInteger(operand) || (operand as number) < 0)
      throw invalid(`$size on '${path}' needs an integer of at least 0`)
  },
  $not: (operand, path) => {
    if (!isExpression(operand)) throw invalid(`$not on '${path}' needs operators`)
    checkCondition(path, operand)
  },
  $regex: (operand, _path, { $options }) => {
    compileRegex(operand, $options)
  },
  $options: (_operand, path, { $regex }) => {
    if ($regex === undefined) throw invalid(`$options on '${path}' stands without $regex`)
  },
  $mod: (operand, path) => {
    const numbers = Array.isArray(operand) && operand.length === 2 && operand.every((item) => Number.isFinite(item))
    if (!numbers || Math.trunc(operand[0]) === 0) throw invalid(`$mod on '${path}' needs a divisor other than 0 and a rest`)
  },
  $type: (operand, path) => {
    if (Array.isArray(operand) && operand.length === 0) throw invalid(`$type on '${path}' needs a type`)
    typeTest(operand)
  },
}

function checkList(operator: string, operand: unknown, path: string): asserts operand is unknown[] {
  if (!Array.isArray(operand)) throw invalid(`${operator} on '${path}' needs an array`)
  for (const item of operand) {
    if (item === undefined) throw invalid(`${operator} on '${path}' holds undefined`)
    storable(item, path)
  }
}

function checkAll(operand: unknown, path: string): void {
  if (!Array.isArray(operand)) throw invalid(`$all on '${path}' needs an array`)
  const elements = operand.filter(isElementMatch)
  if (elements.length === 0) checkList('$all', operand, path)
  else if (elements.length < operand.length) throw invalid(`$all on '${path}' mixes values and $elemMatch`)
  for (const element of elements) checkCondition(path, element)
}

export function isElementMatch(item: unknown): item is { $elemMatch: Filter } {
  return isObject(item) && Object.hasOwn(item, '$elemMatch')
}

function checkElement(path: string, operand: unknown): void {
  if (!isObject(operand) || Object.keys(operand).length === 0) throw invalid(`$elemMatch on '${path}' needs conditions`)
  if (!isElementExpression(operand)) {
    checkFilter(operand)
    return
  }
  checkOfOne(path, operand, '$elemMatch')
  checkCondition(path, operand)
}

/** @throws AppError `data_unsupported` where an expression on one item asks what is only answered of a path */
export function checkOfOne(path: string, expression: Record<string, unknown>, within: string): void {
  for (const operator of ofPaths) {
    if (operator in expression) throw unsupported(`${operator} directly in the ${within} on '${path}' is not supported`)
  }
  if (isObject(expression.$not)) checkOfOne(path, expression.$not, within)
}

/** Whether an `$elemMatch` is about the items themselves, such as `{ $gt: 1 }`, and not about fields of theirs. */
export function isElementExpression(criteria: object): criteria is Record<string, unknown> {
  const first = Object.keys(criteria)[0]
  return first?.startsWith('$') === true && !clauses.has(first)
}
