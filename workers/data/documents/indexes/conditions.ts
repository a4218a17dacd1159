import type { Document, Filter } from '../../../../shared/contracts/data'
import { isElementExpression, isExpression } from '../operators/matcher'
import { sameValue } from '../values/compare'
import { type EjsonValue, isEjson } from '../values/ejson'
import { idText } from '../values/id'
import { isObject } from '../values/value'

export type Narrowable = string | number | boolean | EjsonValue

/** What every match of a filter satisfies at one path. Each part holds by itself; in an array, each holds for some item. */
export type Condition = {
  equal?: Narrowable
  /** Further values that some item of an array must equal. */
  also?: Narrowable[]
  oneOf?: Narrowable[]
  low?: Narrowable
  high?: Narrowable
  /** Bounds that one single item of an array satisfies. */
  between?: { low: Narrowable; high: Narrowable }
  exists?: true
}

/**
 * The conditions by which SQLite may narrow: equality, `$in` and ranges of scalars at the top level or under `$and`. Never null,
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
  const isUsable = path === '_id' ? isId : isNarrowable
  if (!isExpression(condition)) {
    if (isUsable(condition)) equate(known, condition)
    return
  }
  for (const [operator, operand] of Object.entries(condition)) {
    if (operator === '$eq' && isUsable(operand)) equate(known, operand)
    if (operator === '$in' && Array.isArray(operand) && operand.every(isUsable)) known.oneOf ??= operand
    if ((operator === '$gt' || operator === '$gte') && isUsable(operand)) known.low ??= operand
    if ((operator === '$lt' || operator === '$lte') && isUsable(operand)) known.high ??= operand
    if (operator === '$exists' && operand === true) known.exists = true
    if (operator !== '$elemMatch' || !isObject(operand)) continue
    if (isElementExpression(operand)) bind(known, operand)
    else collect(operand, `${path}.`, found)
  }
}

function equate(known: Condition, value: Narrowable): void {
  if (known.equal === undefined) known.equal = value
  else if (!sameValue(known.equal, value)) known.also = [...(known.also ?? []), value]
}

function bind(known: Condition, { $gt, $gte = $gt, $lt, $lte = $lt }: Document): void {
  if (isNarrowable($gte) && isNarrowable($lte) && typeof $gte === typeof $lte) known.between ??= { low: $gte, high: $lte }
}

/** SQLite reads some fractions and huge integers as a slightly different number, so it only compares safe integers. */
function isNarrowable(value: unknown): value is Narrowable {
  if (typeof value === 'string' || typeof value === 'boolean') return true
  return typeof value === 'object' ? value !== null && isEjson(value) : Number.isSafeInteger(value)
}

function isId(value: unknown): value is Narrowable {
  return idText(value) !== undefined
}
