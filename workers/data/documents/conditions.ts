import type { Filter } from '../../../shared/contracts/data'
import { isElementExpression } from './filter'
import { isExpression } from './predicates'
import { isDocument } from './value'

export type Pushable = string | number | boolean

/** What every match of a filter satisfies at one path. Each part alone is true of it; at an array, each by some item of it. */
export type Condition = { equal?: Pushable; among?: Pushable[]; low?: Pushable; high?: Pushable; exists?: true }

/**
 * What SQLite may narrow by: equality, `$in` and ranges of scalars that stand at the top level or under `$and`. Never null, which
 * matches missing fields, nor a negation.
 */
export function conditionsOf(filter: Filter): Map<string, Condition> {
  const found = new Map<string, Condition>()
  collect(filter, '', found)
  return found
}

function collect(filter: Filter, prefix: string, found: Map<string, Condition>): void {
  for (const [key, condition] of Object.entries(filter)) {
    if (key === '$and') for (const clause of condition) collect(clause, prefix, found)
    else if (!key.startsWith('$')) narrow(`${prefix}${key}`, condition, found)
  }
}

function narrow(path: string, condition: unknown, found: Map<string, Condition>): void {
  const known = found.get(path) ?? {}
  found.set(path, known)
  if (!isExpression(condition)) {
    if (isPushable(condition)) known.equal ??= condition
    return
  }
  for (const [operator, operand] of Object.entries(condition)) {
    if (operator === '$eq' && isPushable(operand)) known.equal ??= operand
    if (operator === '$in' && Array.isArray(operand) && operand.every(isPushable)) known.among ??= operand
    if ((operator === '$gt' || operator === '$gte') && isPushable(operand)) known.low ??= operand
    if ((operator === '$lt' || operator === '$lte') && isPushable(operand)) known.high ??= operand
    if (operator === '$exists' && operand === true) known.exists = true
    if (operator === '$elemMatch' && isDocument(operand) && !isElementExpression(operand)) collect(operand, `${path}.`, found)
  }
}

/** SQLite reads a decimal or a huge integer to a slightly different number now and then, so only exact ones are compared there. */
function isPushable(value: unknown): value is Pushable {
  if (typeof value === 'string') return true
  return typeof value === 'boolean' || Number.isSafeInteger(value)
}
