import type { Document, Filter } from '../../../../shared/contracts/data'
import { isElementExpression, isExpression } from '../operators/matcher'
import { sameValue } from '../values/compare'
import { isSpecial, type Special } from '../values/ejson'
import { idText } from '../values/id'
import { isObject } from '../values/value'

export type Pushable = string | number | boolean | Special

/** What every match of a filter satisfies at one path. Each part alone is true of it; at an array, each by some item of it. */
export type Condition = {
  equal?: Pushable
  /** Further values that some item of an array must equal. */
  also?: Pushable[]
  among?: Pushable[]
  low?: Pushable
  high?: Pushable
  /** Bounds that one and the same item of an array meets. */
  within?: { low: Pushable; high: Pushable }
  exists?: true
}

/**
 * What SQLite may narrow by: equality, `$in` and ranges of scalars that stand at the top level or under `$and`. Never null,
 * which matches missing fields, nor a negation.
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
  const isUsable = path === '_id' ? isId : isPushable
  if (!isExpression(condition)) {
    if (isUsable(condition)) equate(known, condition)
    return
  }
  for (const [operator, operand] of Object.entries(condition)) {
    if (operator === '$eq' && isUsable(operand)) equate(known, operand)
    if (operator === '$in' && Array.isArray(operand) && operand.every(isUsable)) known.among ??= operand
    if ((operator === '$gt' || operator === '$gte') && isUsable(operand)) known.low ??= operand
    if ((operator === '$lt' || operator === '$lte') && isUsable(operand)) known.high ??= operand
    if (operator === '$exists' && operand === true) known.exists = true
    if (operator !== '$elemMatch' || !isObject(operand)) continue
    if (isElementExpression(operand)) bind(known, operand)
    else collect(operand, `${path}.`, found)
  }
}

function equate(known: Condition, value: Pushable): void {
  if (known.equal === undefined) known.equal = value
  else if (!sameValue(known.equal, value)) known.also = [...(known.also ?? []), value]
}

function bind(known: Condition, { $gt, $gte = $gt, $lt, $lte = $lt }: Document): void {
  if (isPushable($gte) && isPushable($lte) && typeof $gte === typeof $lte) known.within ??= { low: $gte, high: $lte }
}

/** SQLite reads a decimal or a huge integer to a slightly different number now and then, so only exact ones are compared there. */
function isPushable(value: unknown): value is Pushable {
  if (typeof value === 'string' || typeof value === 'boolean') return true
  return typeof value === 'object' ? value !== null && isSpecial(value) : Number.isSafeInteger(value)
}

function isId(value: unknown): value is Pushable {
  return idText(value) !== undefined
}
