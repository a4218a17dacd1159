import type { Document as MongoDocument } from 'mongodb'
import { invalid, unsupported } from '../documents/values/refusal'
import { isDocument } from '../documents/values/value'
import type { Driver } from './client'

/** The types of Extended JSON v2. */
const wrappers = new Set([
  '$oid',
  '$date',
  '$numberInt',
  '$numberLong',
  '$numberDouble',
  '$numberDecimal',
  '$binary',
  '$uuid',
  '$timestamp',
  '$regularExpression',
  '$minKey',
  '$maxKey',
  '$code',
  '$symbol',
])

/** An undefined field is dropped from a document, as in JSON, and refused in a filter, where it is a mistake. */
type Undefined = 'dropped' | 'refused'

/**
 * Extended JSON as BSON values. Plain JSON, which is nearly everything, is returned without a copy.
 * @throws AppError `data_invalid` for a wrapper with a wrong value or undefined in a filter, `data_unsupported` for a value that is no JSON
 */
export function revive<T>(driver: Driver, value: T, onUndefined: Undefined = 'dropped'): T {
  return reviveValue(driver, value, onUndefined) as T
}

function reviveValue(driver: Driver, value: unknown, onUndefined: Undefined): unknown {
  if (value === undefined && onUndefined === 'refused') throw invalid('A filter holds undefined')
  if (typeof value === 'bigint' || typeof value === 'function') throw unsupported(`A ${typeof value} is not plain JSON`)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const items = value.map((item) => reviveValue(driver, item, onUndefined))
    return items.some((item, at) => item !== value[at]) ? items : value
  }
  if (!isPlain(value)) throw unsupported('A value is not plain JSON')
  const entries = Object.entries(value)
  const [type = ''] = entries[0] ?? []
  if (wrappers.has(type)) return unwrap(driver, type, value)
  let changed = false
  const copy = entries.map(([field, item]): [string, unknown] => {
    const revived = reviveValue(driver, item, onUndefined)
    changed ||= revived !== item
    return [field, revived]
  })
  return changed ? Object.fromEntries(copy) : value
}

/** Whether the driver reads a value exactly. For these types it silently makes another value of a wrong one. */
const exact: Readonly<Record<string, (written: unknown) => boolean>> = {
  $numberInt: (digits) => isInteger(digits, 32),
  $numberLong: (digits) => isInteger(digits, 64),
  $numberDouble: (text) => text === 'NaN' || (typeof text === 'string' && text.trim() !== '' && !Number.isNaN(Number(text))),
  $date: (written) => !Number.isNaN(new Date(isDocument(written) ? Number(written.$numberLong) : (written as string)).valueOf()),
  $timestamp: (written) => isDocument(written) && [written.t, written.i].every((part) => part >>> 0 === part),
}

function isInteger(digits: unknown, bits: number): boolean {
  return typeof digits === 'string' && /^-?\d{1,20}$/.test(digits) && BigInt.asIntN(bits, BigInt(digits)) === BigInt(digits)
}

function unwrap(driver: Driver, type: string, wrapper: MongoDocument): unknown {
  const others = Object.keys(wrapper).filter((field) => !field.startsWith('$'))
  if (others.length > 0) throw invalid(`${type} stands beside the field ${others[0]}`)
  if (exact[type]?.(wrapper[type]) === false) throw invalid(`${JSON.stringify(wrapper)} is no value of its type`)
  try {
    return driver.BSON.EJSON.deserialize(wrapper, { relaxed: false })
  } catch (error) {
    throw invalid(`${JSON.stringify(wrapper)} is no Extended JSON: ${error instanceof Error ? error.message : error}`)
  }
}

/** BSON values as relaxed Extended JSON; plain JSON is returned without a copy. */
export function plain<T>(driver: Driver, value: T): T {
  return (isJson(value) ? value : relax(driver, value)) as T
}

function relax(driver: Driver, value: unknown): unknown {
  if (isJson(value)) return value
  if (Array.isArray(value)) return value.map((item) => relax(driver, item))
  if (typeof value === 'object' && value !== null && isPlain(value)) {
    return Object.fromEntries(Object.entries(value).map(([field, item]) => [field, relax(driver, item)]))
  }
  // The driver gives a Long for an integer beyond 2^53, which the relaxed form would round.
  return driver.BSON.EJSON.serialize(value, { relaxed: !(value instanceof driver.Long) })
}

/** BSON values as canonical Extended JSON, where every number names its type. They must come from a driver that does not promote values. */
export function canonical<T>(driver: Driver, value: T): T {
  return driver.BSON.EJSON.serialize(value, { relaxed: false }) as T
}

function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value === 'bigint') return false
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every(isJson)
  return isPlain(value) && Object.values(value).every(isJson)
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
