import type { Document } from '../../../../shared/contracts/data'
import { compareValues } from '../values/compare'
import { invalid, unsupported } from '../values/refusal'
import { isObject } from '../values/value'
import { evaluate, isFieldPath } from './expression'
import { checkPath } from './path'

type Group = { _id: unknown; documents: Document[] }

/** What an accumulator makes of the values its expression has in the documents of a group; missing ones are undefined. */
const accumulators: Record<string, (values: unknown[]) => unknown> = {
  $sum: (values) => values.reduce<number>((sum, value) => (typeof value === 'number' ? sum + value : sum), 0),
  $count: (values) => values.length,
  $avg: (values) => {
    const numbers = values.filter((value) => typeof value === 'number')
    return numbers.length === 0 ? null : numbers.reduce((sum, value) => sum + value, 0) / numbers.length
  },
  $min: (values) => extreme(values, -1),
  $max: (values) => extreme(values, 1),
}

function extreme(values: unknown[], direction: 1 | -1): unknown {
  const present = values.filter((value) => value !== undefined && value !== null)
  const [first = null, ...rest] = present
  return rest.reduce((best, value) => (compareValues(value, best) * direction > 0 ? value : best), first)
}

/** @throws AppError `data_invalid`, `data_unsupported` */
export function checkGroup(group: unknown): void {
  if (!isObject(group) || group._id === undefined) throw invalid('$group needs an _id')
  const key = group._id
  const parts = isObject(key) ? Object.entries(key) : []
  if (isFieldPath(key)) checkPath(key.slice(1), '$group')
  else if (key !== null && parts.length === 0) throw unsupported('$group takes null, a field or an object of fields as _id')
  for (const [name, value] of parts) {
    checkName(name)
    if (!isFieldPath(value)) throw unsupported(`$group: the _id part '${name}' must be a field such as '$status'`)
    checkPath(value.slice(1), '$group')
  }
  for (const [name, accumulator] of Object.entries(group)) if (name !== '_id') checkAccumulator(name, accumulator)
}

function checkName(name: string): void {
  if (name === '' || name.includes('.') || name.startsWith('$')) throw invalid(`$group: '${name}' is not a field name`)
}

function checkAccumulator(name: string, accumulator: unknown): void {
  checkName(name)
  const [entry, ...more] = isObject(accumulator) ? Object.entries(accumulator) : []
  if (entry === undefined || more.length > 0) throw invalid(`$group: '${name}' needs exactly one accumulator`)
  const [operator, operand] = entry
  if (!Object.hasOwn(accumulators, operator)) throw unsupported(`The accumulator ${operator} is not supported`)
  if (operator === '$count') {
    if (!isObject(operand) || Object.keys(operand).length > 0) throw invalid('$count takes an empty object')
  } else if (isFieldPath(operand)) checkPath(operand.slice(1), operator)
  else if (operator !== '$sum' || !Number.isFinite(operand)) throw unsupported(`${operator} takes a field such as '$total'`)
}

/** One document per distinct `_id`, in the order of their first documents. mingo's own groups by a hash that can collide. */
export function groupDocuments(documents: Document[], { _id: key, ...fields }: Document): Document[] {
  const groups = new Map<string, Group>()
  for (const document of documents) {
    const _id = keyOf(document, key)
    const text = JSON.stringify(_id)
    const group = groups.get(text)
    if (group === undefined) groups.set(text, { _id, documents: [document] })
    else group.documents.push(document)
  }
  return [...groups.values()].map((group) => ({ _id: group._id, ...accumulate(group.documents, fields) }))
}

function accumulate(documents: Document[], fields: Document): Document {
  const result: Document = {}
  for (const [name, accumulator] of Object.entries(fields)) {
    const [[operator, expression] = ['', null]] = Object.entries(accumulator)
    result[name] = accumulators[operator]?.(documents.map((document) => evaluate(document, expression)))
  }
  return result
}

function keyOf(document: Document, key: unknown): unknown {
  if (!isObject(key)) return evaluate(document, key) ?? null
  const parts = Object.entries(key).map(([name, path]) => [name, evaluate(document, path)])
  return Object.fromEntries(parts.filter(([, value]) => value !== undefined))
}
