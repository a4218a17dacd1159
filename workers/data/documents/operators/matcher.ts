import { Context } from 'mingo/core'
import { $and, $nor, $or } from 'mingo/operators/query/logical'
import { Query } from 'mingo/query'
import type { Options } from 'mingo/types'
import type { Document, Filter } from '../../../../shared/contracts/data'
import { isObject } from '../values/value'
import { isElementExpression, isElementMatch } from './filter'
import { endsAt, valuesAt } from './path'
import { comparisons, isExpression, negations, type Test, valueTest } from './predicates'

type Judge = (document: unknown) => boolean
type Operator = (path: string, operand: unknown, expression: Record<string, unknown>) => Judge

/**
 * The operators on what a path reaches. They are judged by `predicates.ts`, because mingo's own differ from MongoDB's on null inside
 * arrays, arrays in `$in`, the order of fields and items, `$elemMatch` on nested arrays, and know no dates of Extended JSON.
 */
const operators: Record<string, Operator> = {
  ...Object.fromEntries(Object.entries(comparisons).map(([name, compare]) => [name, some(compare)])),
  ...Object.fromEntries(Object.entries(negations).map(([name, positive]) => [name, none(positive)])),
  $exists: (path, wanted) => (document) => endsAt(document, path).some((value) => value !== undefined) === wanted,
  $size: (path, size) => (document) => endsAt(document, path).some((end) => Array.isArray(end) && end.length === size),
  $elemMatch: (path, criteria) => {
    const test = itemTest(criteria as Filter)
    return (document) => endsAt(document, path).some((end) => Array.isArray(end) && end.some(test))
  },
  $all: (path, operands) => {
    const judges = (operands as unknown[]).map((operand) =>
      compileCondition(path, isElementMatch(operand) ? operand : { $eq: operand }),
    )
    return (document) => judges.length > 0 && judges.every((judge) => judge(document))
  },
  $not: (path, expression) => {
    const judge = compileCondition(path, expression as Record<string, unknown>)
    return (document) => !judge(document)
  },
}

function some(compare: (operand: unknown, expression: Record<string, unknown>) => Test): Operator {
  return (path, operand, expression) => {
    const test = compare(operand, expression)
    return (document) => valuesAt(document, path).some(test)
  }
}

function none(positive: string): Operator {
  return (path, operand, expression) => {
    const matches = operators[positive]?.(path, operand, expression)
    return (document) => matches?.(document) === false
  }
}

/** The judge of one path by operators that `checkFilter` has passed. */
function compileCondition(path: string, expression: Record<string, unknown>): Judge {
  const judges = Object.entries(expression).flatMap(
    ([operator, operand]) => operators[operator]?.(path, operand, expression) ?? [],
  )
  return (document) => judges.every((judge) => judge(document))
}

function itemTest(criteria: Filter): Judge {
  if (isElementExpression(criteria)) return valueTest(criteria)
  const query = new Query(readable(criteria), mingoOptions)
  // MongoDB takes an array in the array for an object whose fields are positions, which few paths name: it has none of the others.
  return (item) => (isObject(item) ? query.test(item) : Array.isArray(item) && query.test({ ...item }))
}

/** The one operator on a path that mingo knows: by a judge already made. It reads the logic between them. */
const $judge = (_path: string, judge: unknown) => judge as Judge

const mingoOptions: Partial<Options> = {
  context: Context.init({ query: { $and, $or, $nor, $judge } as never }),
  scriptEnabled: false,
}

/** A filter with a judge in the place of each condition: mingo would take a date of Extended JSON for an operator. */
function readable(filter: Filter): Filter {
  return Object.fromEntries(
    Object.entries(filter).map(([key, condition]) => {
      if (key.startsWith('$')) return [key, condition.map(readable)]
      const judge = compileCondition(key, isExpression(condition) ? condition : { $eq: condition })
      return [key, { $judge: judge }]
    }),
  )
}

/** Whether a document matches a filter that `checkFilter` has passed. */
export function compileFilter(filter: Filter): (document: Document) => boolean {
  const query = new Query(readable(filter), mingoOptions)
  return (document) => query.test(document)
}
