import { invalid, unsupported } from '../documents/values/refusal'
import type { Driver } from './client'

/** The one or two keys that an Extended JSON v2 wrapper consists of. */
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

/** What becomes of an undefined field: a document loses it, as in JSON; in a filter it is a mistake. */
type Undefined = 'dropped' | 'refused'

/**
 * Extended JSON as BSON values. Plain JSON, which is nearly everything, comes back as it is, uncopied.
 * @throws AppError `data_invalid` for a wrapper with a wrong value or an undefined in a filter, `data_unsupported` for what is no JSON
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
  if (entries.length <= 2 && wrappers.has(entries[0]?.[0] ?? '')) return unwrap(driver, value)
  let changed = false
  const copy = entries.map(([field, item]): [string, unknown] => {
    const revived = reviveValue(driver, item, onUndefined)
    changed ||= revived !== item
    return [field, revived]
  })
  return changed ? Object.fromEntries(copy) : value
}

function unwrap(driver: Driver, wrapper: object): unknown {
  try {
    return driver.BSON.EJSON.deserialize(wrapper, { relaxed: false })
  } catch (error) {
    throw invalid(`${JSON.stringify(wrapper)} is no Extended JSON: ${error instanceof Error ? error.message : error}`)
  }
}

/** BSON values as relaxed Extended JSON; what is plain JSON already comes back as it is. */
export function plain<T>(driver: Driver, value: T): T {
  return (isJson(value) ? value : relax(driver, value)) as T
}

function relax(driver: Driver, value: unknown): unknown {
  if (isJson(value)) return value
  if (Array.isArray(value)) return value.map((item) => relax(driver, item))
  if (typeof value === 'object' && value !== null && isPlain(value)) {
    return Object.fromEntries(Object.entries(value).map(([field, item]) => [field, relax(driver, item)]))
  }
  // A Long that the driver left one is beyond the integers a number keeps, and relaxed would round it.
  return driver.BSON.EJSON.serialize(value, { relaxed: !(value instanceof driver.Long) })
}

/** BSON values as canonical Extended JSON, where every number names its type. The driver must not have promoted them. */
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
