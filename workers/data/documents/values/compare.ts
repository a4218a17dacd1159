import { type EjsonValue, isEjson } from './ejson'
import { isObject } from './value'

/** The place of a value's type in the comparison order of BSON. A missing value counts as null. */
export function typeRank(value: unknown): number {
  if (value === undefined || value === null) return 1
  if (typeof value === 'number') return 2
  if (typeof value === 'string') return 3
  if (typeof value === 'boolean') return 7
  if (Array.isArray(value)) return 5
  if (!isEjson(value as object)) return 4
  return '$oid' in (value as EjsonValue) ? 6 : 8
}

/** Compares two values in the order of BSON: types first, then values; objects field by field in their own order. */
export function compareValues(left: unknown, right: unknown): number {
  if (left === right) return 0
  const leftRank = typeRank(left)
  const difference = leftRank - typeRank(right)
  if (difference !== 0) return difference
  if (leftRank === 1) return 0
  if (typeof left === 'string' && typeof right === 'string') return compareStrings(left, right)
  if (typeof left === 'number' && typeof right === 'number') return left - right
  if (typeof left === 'boolean') return left ? 1 : -1
  if (Array.isArray(left) && Array.isArray(right)) return compareArrays(left, right)
  if (isObject(left) && isObject(right)) return compareDocuments(Object.entries(left), Object.entries(right))
  return compareStrings(textOf(left), textOf(right))
}

const textOf = (special: unknown) =>
  '$oid' in (special as EjsonValue) ? (special as { $oid: string }).$oid : (special as { $date: string }).$date

/** Whether MongoDB calls two values equal; the order of an object's fields counts. */
export function sameValue(left: unknown, right: unknown): boolean {
  return compareValues(left, right) === 0
}

/** Strings compare by their UTF-8 bytes, which is the order of code points and not of UTF-16 units. */
function compareStrings(left: string, right: string): number {
  const length = Math.min(left.length, right.length)
  for (let at = 0; at < length; at++) {
    const difference = codeOrder(left.charCodeAt(at)) - codeOrder(right.charCodeAt(at))
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

function codeOrder(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

function compareArrays(left: unknown[], right: unknown[]): number {
  const length = Math.min(left.length, right.length)
  for (let at = 0; at < length; at++) {
    const difference = compareValues(left[at], right[at])
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

function compareDocuments(left: [string, unknown][], right: [string, unknown][]): number {
  for (const [at, [name, value]] of left.entries()) {
    const other = right[at]
    if (other === undefined) return 1
    const difference = typeRank(value) - typeRank(other[1]) || compareStrings(name, other[0]) || compareValues(value, other[1])
    if (difference !== 0) return difference
  }
  return left.length - right.length
}
