import type { Json } from '../../../../shared/contracts/data'
import { isEjson } from './ejson'
import { invalid, unsupported } from './refusal'

/** Prefixes of ids that are no plain strings, so that the texts of ids sort as MongoDB sorts ids: numbers, strings, ObjectIds. */
const LOW = '\u0001'
const HIGH = '\u{10ffff}'
/** The bounds of the texts of each type of id. */
const spans = {
  number: { first: `${LOW}${LOW}`, last: `${LOW}\u0002` },
  string: { first: `${LOW}\u0002`, last: `${HIGH}\u0002` },
  object: { first: `${HIGH}\u0002`, last: `${HIGH}\u0003` },
}

/**
 * The text under which a document of this id is stored; undefined for a value that is no id. A string is its own text, except the empty
 * one and strings that begin with the prefix of another type.
 */
export function idText(id: unknown): string | undefined {
  if (typeof id === 'string') return stringText(id)
  if (typeof id === 'number') {
    return Number.isSafeInteger(id) ? `${LOW}${LOW}${(BigInt(id) + 2n ** 53n).toString().padStart(17, '0')}` : undefined
  }
  return typeof id === 'object' && id !== null && isEjson(id) && '$oid' in id ? `${HIGH}\u0002${id.$oid}` : undefined
}

function stringText(id: string): string | undefined {
  if (id.length > 1024) return undefined
  const first = id.charCodeAt(0)
  if (first > 1 && first !== 0xdbff) return id
  if (id === '') return `${LOW}\u0002`
  if (first === 1) return `${LOW}\u0003${id.slice(1)}`
  return id.startsWith(HIGH) ? `${HIGH}\u0001${id.slice(2)}` : id
}

/** The stored text of an id that `checkId` has passed. */
export function storedId(id: unknown): string {
  const text = idText(id)
  if (text === undefined) throw unsupported('An _id must be a string of at most 1024 characters, a safe integer or an ObjectId')
  return text
}

/** The bounds of the ids of a value's type: MongoDB never compares one type with another. */
export function idSpan(id: unknown): { first: string; last: string } {
  return typeof id === 'number' ? spans.number : typeof id === 'string' ? spans.string : spans.object
}

/** @throws AppError `data_invalid` for an id that MongoDB refuses too, `data_unsupported` for the other types of ids */
export function checkId(id: unknown): asserts id is Json {
  if (Array.isArray(id)) throw invalid('An _id cannot be an array')
  storedId(id)
}
