import type { Context } from 'hono'
import { accepts } from 'hono/accepts'
import type { AnyResult } from '../../../shared/contracts/data'
import { canonical } from '../documents/values/ejson'
import { isDocument } from '../documents/values/value'

type Format = 'application/json' | 'application/ejson'

/** The format of the answer: the one that Accept asks for, or else that of the request. */
export function formatOf(c: Context): Format {
  const given: Format = /^application\/ejson/i.test(c.req.header('content-type') ?? '') ? 'application/ejson' : 'application/json'
  return accepts(c, { header: 'Accept', supports: ['application/json', 'application/ejson'], default: given }) as Format
}

/** A result as the body of an answer. For EJSON the documents of the engine are in canonical form already. */
export function render(result: AnyResult, format: Format): string {
  if (format === 'application/ejson') return JSON.stringify(toCanonical(result))
  const text = JSON.stringify(result)
  // JSON escapes a quote within a string, so this finds only objects that may be Extended JSON. Nearly always there are none.
  return text.includes('{"$') ? JSON.stringify(toStandard(result)) : text
}

/** A number of JSON with any number of digits, which JavaScript's number cannot hold. TypeScript does not know the function yet. */
const rawNumber = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON

/**
 * Standard JSON of the types that JSON does not have. Source: "Data Formats" of the Atlas Data API, where an Int64 is a number, a
 * Binary is `{ Subtype, Data }`, and so on. It does not mention NaN and Infinity, which are texts here.
 */
const standard: Record<string, (content: unknown) => unknown> = {
  $oid: (hex) => hex,
  $date: (date) => (isDocument(date) ? dateOf(date.$numberLong) : date),
  $numberInt: (digits) => Number(digits),
  $numberLong: (digits) => (/^-?\d+$/.test(String(digits)) ? rawNumber(String(digits)) : digits),
  $numberDouble: (digits) => (Number.isFinite(Number(digits)) ? Number(digits) : digits),
  $numberDecimal: (digits) => digits,
  $binary: (binary) => (isDocument(binary) ? { Subtype: Number.parseInt(binary.subType, 16), Data: binary.base64 } : binary),
  $regularExpression: (regex) => (isDocument(regex) ? { Pattern: regex.pattern, Options: regex.options } : regex),
  $timestamp: (timestamp) => (isDocument(timestamp) ? { T: timestamp.t, I: timestamp.i } : timestamp),
  $minKey: () => ({}),
  $maxKey: () => ({}),
}

/** A time before the year 1 or after 9999, which Extended JSON has in milliseconds. */
function dateOf(milliseconds: unknown): string {
  const date = new Date(Number(milliseconds))
  return Number.isNaN(date.valueOf()) ? String(milliseconds) : date.toISOString()
}

function toStandard(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toStandard)
  if (!isDocument(value)) return value
  const entries = Object.entries(value)
  const [name, content] = entries[0] ?? []
  const convert = entries.length === 1 && name !== undefined && Object.hasOwn(standard, name) ? standard[name] : undefined
  return convert ? convert(content) : Object.fromEntries(entries.map(([field, item]) => [field, toStandard(item)]))
}

/** Adds types to counts and ids. Values that are canonical already stay as they are. */
function toCanonical(value: unknown): unknown {
  if (typeof value === 'number') return canonical(value)
  if (Array.isArray(value)) return value.map(toCanonical)
  if (!isDocument(value)) return value
  const entries = Object.entries(value)
  const [name = '', content] = entries[0] ?? []
  if (entries.length > 1 || !Object.hasOwn(standard, name))
    return Object.fromEntries(entries.map(([field, item]) => [field, toCanonical(item)]))
  return name === '$date' && typeof content === 'string' ? canonical(value) : value
}
