import type { Document } from '../../../../shared/contracts/data'
import { invalid, unsupported } from './refusal'

/** An ObjectId, or a date as ISO 8601 in milliseconds and UTC. In this form both sort as text, in JavaScript and in SQLite. */
export type EjsonValue = { $oid: string } | { $date: string }

/** The other types of Extended JSON, which this engine cannot keep as MongoDB does. */
const refused = new Map([
  ['$numberDecimal', 'Decimal128'],
  ['$numberLong', '64-bit integers'],
  ['$binary', 'binary data'],
  ['$uuid', 'binary data'],
  ['$regularExpression', 'regular expressions as values'],
  ['$timestamp', 'timestamps'],
  ['$minKey', 'MinKey'],
  ['$maxKey', 'MaxKey'],
  ['$code', 'JavaScript code'],
  ['$symbol', 'symbols'],
  ['$undefined', 'undefined'],
  ['$dbPointer', 'DBPointers'],
])

/** Whether an object is an ObjectId or a date and not a document. No stored document has a field that starts with $. */
export function isEjson(value: object): value is EjsonValue {
  const { $oid, $date } = value as Document
  return $oid !== undefined || $date !== undefined
}

/**
 * The value of an object whose first field is a type of Extended JSON v2, canonical or relaxed; undefined for any other object.
 * @throws AppError `data_invalid` for a value that its type cannot have, `data_unsupported` for a type that is not kept
 */
export function readEjson(value: Document): EjsonValue | number | undefined {
  const [field, ...more] = Object.keys(value)
  if (field === undefined || !field.startsWith('$')) return undefined
  const read = readers[field]
  if (read === undefined && !refused.has(field)) return undefined
  if (more.length > 0) throw invalid(`${field} stands with other fields`)
  if (read === undefined) throw unsupported(`The embedded engine does not keep ${refused.get(field)} (${field})`)
  return read(value[field])
}

const readers: Record<string, (written: unknown) => EjsonValue | number> = {
  $oid: (written) => {
    if (typeof written !== 'string' || !/^[0-9a-f]{24}$/i.test(written)) throw invalid('$oid needs 24 hexadecimal digits')
    return { $oid: written.toLowerCase() }
  },
  $date: (written) => ({ $date: dateText(written) }),
  $numberInt: (written) => {
    const value = numberOf(written, '$numberInt')
    if (!isInt32(value)) throw invalid('$numberInt needs an integer of 32 bits')
    return value
  },
  $numberDouble: (written) => {
    const value = numberOf(written, '$numberDouble')
    if (!Number.isFinite(value)) throw unsupported(`$numberDouble: JSON cannot carry ${written}`)
    return value
  },
}

function numberOf(written: unknown, type: string): number {
  const value = typeof written === 'string' && written.trim() !== '' ? Number(written) : Number.NaN
  if (Number.isNaN(value) && written !== 'NaN') throw invalid(`${type} needs a number as text`)
  return value
}

const withZone = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/

function dateText(written: unknown): string {
  const time = typeof written === 'string' ? (withZone.test(written) ? Date.parse(written) : Number.NaN) : millisecondsOf(written)
  if (!Number.isSafeInteger(time)) throw invalid('$date needs ISO 8601 with a time zone, or { $numberLong } milliseconds')
  return dateOf(time).$date
}

function millisecondsOf(written: unknown): number {
  if (typeof written === 'number') return written
  const long = typeof written === 'object' && written !== null ? (written as Document).$numberLong : undefined
  return typeof long === 'string' && /^-?\d+$/.test(long) ? Number(long) : Number.NaN
}

/** A date of milliseconds since 1970. @throws AppError `data_unsupported` outside of the years 0 to 9999 */
function dateOf(time: number): { $date: string } {
  if (time < -62_167_219_200_000 || time > 253_402_300_799_999)
    throw unsupported('Dates outside of the years 0 to 9999 are not kept')
  return { $date: new Date(time).toISOString() }
}

function timeOf({ $date }: { $date: string }): number {
  return Date.parse($date)
}

/** A value with its Extended JSON in the form that is stored; the same value when there is none. @throws AppError as `readEjson` */
export function decodeEjson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const items = value.map(decodeEjson)
    return items.every((item, at) => item === value[at]) ? value : (items as T)
  }
  const special = readEjson(value as Document)
  if (special !== undefined) return special as T
  let copy: Document | undefined
  for (const field of Object.keys(value)) {
    const before = (value as Document)[field]
    const after = decodeEjson(before)
    if (after === before) continue
    copy ??= { ...value }
    copy[field] = after
  }
  return (copy as T) ?? value
}

/** A stored value in canonical Extended JSON. Its numbers get the types that MongoDB's driver gives to JavaScript's numbers. */
export function canonical(value: unknown): unknown {
  if (typeof value === 'number') return isInt32(value) ? { $numberInt: String(value) } : { $numberDouble: doubleText(value) }
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(canonical)
  if (isEjson(value)) return '$date' in value ? { $date: { $numberLong: String(timeOf(value)) } } : value
  return Object.fromEntries(Object.entries(value).map(([field, item]) => [field, canonical(item)]))
}

/** Whether MongoDB's driver stores a number as an integer of 32 bits; -0 is a double. */
function isInt32(value: number): boolean {
  return (value | 0) === value && !Object.is(value, -0)
}

function doubleText(value: number): string {
  if (Object.is(value, -0)) return '-0.0'
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : String(value)
}
