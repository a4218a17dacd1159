import type { Document } from '../../../../shared/contracts/data'
import { invalid, unsupported } from '../values/refusal'
import { fieldOf, isExact, isObject } from '../values/value'
import { checkPath } from './path'

/** The value of an expression in a document; undefined when the field is missing. */
type Expression = (document: Document) => unknown
/** The value of an accumulator over the documents of a group. */
type Accumulator = (documents: Document[]) => unknown

/**
 * Groups documents by their `_id`, in the order of their first documents.
 * @throws AppError `data_invalid`, `data_unsupported`
 */
export function compileGroup(group: unknown): (documents: Document[]) => Document[] {
  if (!isObject(group) || group._id === undefined) throw invalid('$group needs an _id')
  const { _id, ...fields } = group
  if (_id !== null && !isFieldPath(_id))
    throw unsupported(`$group by ${JSON.stringify(_id)} is not supported: it takes null or a field such as '$seller'`)
  const keyOf = _id === null ? () => null : compileField(_id, '$group')
  const accumulators = Object.entries(fields).map(([name, operand]) => [name, compileAccumulator(name, operand)] as const)
  return (documents) => {
    const groups = new Map<string, { _id: unknown; members: Document[] }>()
    for (const document of documents) {
      const key = keyOf(document) ?? null
      const text = JSON.stringify(key)
      const present = groups.get(text)
      if (present === undefined) groups.set(text, { _id: key, members: [document] })
      else present.members.push(document)
    }
    return [...groups.values()].map(({ _id: key, members }) => ({
      _id: key,
      ...Object.fromEntries(accumulators.map(([name, accumulate]) => [name, accumulate(members)])),
    }))
  }
}

function compileAccumulator(name: string, accumulator: unknown): Accumulator {
  if (name === '' || name.includes('.') || name.startsWith('$')) throw invalid(`$group: '${name}' is not a field name`)
  const [entry, ...more] = isObject(accumulator) ? Object.entries(accumulator) : []
  if (entry === undefined || more.length > 0) throw invalid(`$group: '${name}' needs exactly one accumulator`)
  const [operator, operand] = entry
  if (operator === '$count') {
    if (!isObject(operand) || Object.keys(operand).length > 0) throw invalid('$count takes an empty object')
    return (documents) => documents.length
  }
  if (operator !== '$sum') throw unsupported(`The accumulator ${operator} is not supported`)
  if (!isFieldPath(operand) && !Number.isFinite(operand))
    throw unsupported(`$sum of ${JSON.stringify(operand)} is not supported: it takes a number or a field such as '$total'`)
  const termOf = isFieldPath(operand) ? compileField(operand, '$sum') : () => operand
  return (documents) => sumOf(name, documents.map(termOf))
}

/** The sum of all numbers. As MongoDB does, it adds at the end what each addition has rounded away. */
function sumOf(name: string, values: unknown[]): number {
  let sum = 0
  let lost = 0
  for (const value of values) {
    if (typeof value !== 'number') continue
    const next = sum + value
    if (!isExact(next)) throw unsupported(`$sum of '${name}' goes beyond the integers that are kept exactly (2^53)`)
    const added = next - sum
    lost += sum - (next - added) + (value - added)
    sum = next
  }
  return sum + lost
}

/** Whether an expression is a plain field path such as `'$seller.id'`. */
function isFieldPath(value: unknown): value is string {
  return typeof value === 'string' && /^\$[^$]/.test(value)
}

function compileField(expression: string, where: string): Expression {
  checkPath(expression.slice(1), where)
  const parts = expression.slice(1).split('.')
  return (document) => read(document, parts)
}

/** A field as aggregation reads it: an array on the way gives an array of its objects' values, and arrays in it give nothing. */
function read(value: unknown, [part, ...rest]: readonly string[]): unknown {
  if (part === undefined) return value
  const next = isObject(value) ? fieldOf(value, part) : undefined
  if (rest.length === 0 || !Array.isArray(next)) return read(next, rest)
  return next.flatMap((item) => {
    const found = isObject(item) ? read(item, rest) : undefined
    return found === undefined ? [] : [found]
  })
}
