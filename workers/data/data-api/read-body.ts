import { AppError } from '../../../shared/contracts/errors'
import { clip } from '../../../shared/http/text'
import { unsupported } from '../documents/values/refusal'

/** More than any document may have, and less than one call to a Durable Object carries. */
export const maxBytes = 16 * 1024 * 1024
/** MongoDB's 100 levels of a document, and the levels around them: the body, a list of documents, the type of a value. */
const maxDepth = 104

/** Requires a body of JSON or EJSON; both may hold Extended JSON. @throws AppError `unsupported_media_type` */
export function checkMediaType(contentType: string | undefined): void {
  if (/^application\/e?json\s*(;|$)/i.test(contentType ?? '')) return
  throw new AppError('unsupported_media_type', 'Content-Type must be application/json or application/ejson')
}

/**
 * The JSON of a body.
 * @throws AppError `malformed_json` also when it is not UTF-8, `bad_request` when it is nested too deep, `data_unsupported` for a number
 *   that would be rounded
 */
export function parseBody(bytes: ArrayBuffer): unknown {
  const { text, value } = parse(bytes)
  if (nestsDeeper(value, maxDepth)) throw new AppError('bad_request', `The body is nested deeper than ${maxDepth} levels`)
  if (mayBeInexact.test(text)) JSON.parse(text, refuseInexact)
  return value
}

/**
 * Finds what looks like an integer of 16 digits or an exponent of three, though it may stand in a string. Nearly no body has any, and a
 * closer look takes ten times as long as the parsing. Every repetition is bounded: one without an end overflows on a body of digits.
 */
const mayBeInexact = /[:,[\s]-?\d{16}|[\d.]e\+?\d{3,20}\s{0,20}[,\]}]/i

/** The third argument of a reviver, which TypeScript does not know yet: the text of a value. */
type Context = { source?: string }

/** A reviver that refuses integers beyond 2^53, which JavaScript rounds, and numbers that it reads as Infinity. */
function refuseInexact(_key: string, value: unknown, { source = '' }: Context = {}): unknown {
  if (typeof value !== 'number') return value
  if (Number.isSafeInteger(value) || (Number.isFinite(value) && /[.e]/i.test(source))) return value
  throw unsupported(`The number ${clip(source)} is beyond the integers that JSON numbers keep exactly (2^53)`)
}

function parse(bytes: ArrayBuffer): { text: string; value: unknown } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
    return { text, value: JSON.parse(text) }
  } catch {
    // The decoder throws a TypeError and the parser a SyntaxError; neither message helps a client.
    throw new AppError('malformed_json', 'The body is not valid JSON in UTF-8')
  }
}

/** Whether a value has more levels. It goes no deeper than `levels`, so that no body overflows the stack. */
const nestsDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((item) => nestsDeeper(item, levels - 1)))
