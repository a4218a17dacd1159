import { isInt32, isSpecial } from '../values/ejson'
import { invalid } from '../values/refusal'

/** BSON's types by the names that `$type` knows, with their numbers. Only some of them can be stored here. */
const numbers: Record<string, number> = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  dbPointer: 12,
  javascript: 13,
  symbol: 14,
  javascriptWithScope: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  minKey: -1,
  maxKey: 127,
}
const names = new Map(Object.entries(numbers).map(([name, number]) => [number, name]))

/** The BSON type of a stored value, `missing` for undefined. Numbers are typed as the driver of MongoDB stores JavaScript's. */
function typeName(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (typeof value === 'number') return isInt32(value) ? 'int' : 'double'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'string') return 'string'
  if (Array.isArray(value)) return 'array'
  if (!isSpecial(value as object)) return 'object'
  return '$oid' in (value as object) ? 'objectId' : 'date'
}

/** @throws AppError `data_invalid` for a type that MongoDB does not know */
export function typeTest(operand: unknown): (value: unknown) => boolean {
  const wanted = new Set((Array.isArray(operand) ? operand : [operand]).flatMap(nameOf))
  return (value) => wanted.has(typeName(value))
}

function nameOf(type: unknown): string[] {
  if (type === 'number') return ['int', 'long', 'double', 'decimal']
  const name = typeof type === 'string' && Object.hasOwn(numbers, type) ? type : names.get(type as number)
  if (name === undefined) throw invalid(`$type does not know '${String(type)}'`)
  return [name]
}
