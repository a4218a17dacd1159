import { Context } from 'mingo/core'
import { $and, $or } from 'mingo/operators/query/logical'
import { Query } from 'mingo/query'
import type { Options } from 'mingo/types'
import type { Document, Filter } from '../../../shared/contracts/data'
import { isElementExpression } from './filter'
import { endsAt, valuesAt } from './path'
import { comparisons, negations, valueTest } from './predicates'
import { isDocument } from './value'

type Operator = (path: string, operand: unknown, options: Options) => (document: unknown) => boolean

/**
 * mingo reads the language; what it judges by are the comparisons of `predicates.ts`, because its own differ from MongoDB's on
 * null inside arrays, arrays in `$in`, the order of fields and items, and `$elemMatch` on nested arrays.
 */
const operators: Record<string, Operator> = {
  ...Object.fromEntries(Object.entries(comparisons).map(([name, compare]) => [name, some(compare)])),
  ...Object.fromEntries(Object.entries(negations).map(([name, positive]) => [name, none(positive)])),
  $exists: (path, wanted) => (document) => valuesAt(document, path).some((value) => value !== undefined) === wanted,
  $elemMatch: (path, criteria, options) => {
    const test = itemTest(criteria as Filter, options)
    return (document) => endsAt(document, path).some((end) => Array.isArray(end) && end.some(test))
  },
}

function some(compare: (operand: unknown) => (value: unknown) => boolean): Operator {
  return (path, operand) => {
    const test = compare(operand)
    return (document) => valuesAt(document, path).some(test)
  }
}

function none(positive: string): Operator {
  return (path, operand, options) => {
    const matches = operators[positive]?.(path, operand, options)
    return (document) => matches?.(document) === false
  }
}

function itemTest(criteria: Filter, options: Options): (item: unknown) => boolean {
  if (isElementExpression(criteria)) return valueTest(criteria)
  const query = new Query(criteria, options)
  // MongoDB takes an array in the array for an object whose fields are positions, which no supported path names: it has none of them.
  return (item) => (isDocument(item) ? query.test(item) : Array.isArray(item) && query.test({}))
}

/** Exactly the operators of the supported language: mingo knows no others here. */
export const mingoContext = Context.init({ query: { $and, $or, ...operators } as never })

/** What every call of mingo gets. */
export const mingoOptions: Partial<Options> = { context: mingoContext, scriptEnabled: false }

/** Whether a document matches a filter that `checkFilter` has passed. */
export function compileFilter(filter: Filter): (document: Document) => boolean {
  const query = new Query(filter, mingoOptions)
  return (document) => query.test(document)
}
