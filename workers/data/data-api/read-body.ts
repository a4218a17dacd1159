import { AppError } from '../../../shared/contracts/errors'
import { clip } from '../../../shared/http/text'
import { unsupported } from '../documents/values/refusal'

/** More than any document may have, and what one call to a Durable Object carries with room to spare. */
export const maxBytes = 16 * 1024 * 1024
/** MongoDB's 100 levels of a document, and what is around one here: the body, a list of documents, the type of a value. */
const maxDepth = 104

/** What a request says its body is: both kinds may hold Extended JSON. @throws AppError `unsupported_media_type` */
export function checkMediaType(contentType: string | undefined): void {
  if (/^application\/e?json\s*(;|$)/i.test(contentType ?? '')) return
  throw new AppError('unsupported_media_type', 'Content-Type must be application/json or application/ejson')
}

/**
 * The JSON of a body.
 * @throws AppError `malformed_json` also for what is not UTF-8, `bad_request` for what is nested too deep, `data_unsupported` for a number
 *   that would become another
 */
export function parseBody(bytes: ArrayBuffer): unknown {
  const { text, value } = parse(bytes)
  if (nestsDeeper(value, maxDepth)) throw new AppError('bad_request', `The body is nested deeper than ${maxDepth} levels`)
  if (mayBeInexact.test(text)) JSON.parse(text, refuseInexact)
  return value
}

/**
 * What looks like an integer of 16 digits or an exponent of three, though it may stand in a string. Nearly no body has any, and to look
 * closer takes ten times as long as to parse it. Every repetition is bounded: one without an end overflows on a body of digits.
 */
const mayBeInexact = /[:,[\s]-?\d{16}|[\d.]e\+?\d{3,20}\s{0,20}[,\]}]/i

/** What is known of a value besides itself while JSON is parsed; TypeScript does not know it yet. */
type Context = { source?: string }

/** A reviver that refuses the integers beyond 2^53, which JavaScript rounds, and the numbers that it takes for infinite. */
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
    // A decoder throws a TypeError, the parser a SyntaxError; neither says anything of use to a client.
    throw new AppError('malformed_json', 'The body is not valid JSON in UTF-8')
  }
}

/** It goes no deeper than `levels`, so that no body makes it run out of stack. */
const nestsDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((item) => nestsDeeper(item, levels - 1)))
