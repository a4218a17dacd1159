import { AppError } from '../../../shared/contracts/errors'

/** More than any document may have, and what one call to a Durable Object carries with room to spare. */
export const maxBytes = 16 * 1024 * 1024
/** MongoDB's 100 levels of a document, and what is around one here: the body, a list of documents, the type of a value. */
const maxDepth = 104

/** What a request says its body is: both kinds may hold Extended JSON. @throws AppError `unsupported_media_type` */
export function checkMediaType(contentType: string | undefined): void {
  if (/^application\/e?json\s*(;|$)/i.test(contentType ?? '')) return
  throw new AppError('unsupported_media_type', 'Content-Type must be application/json or application/ejson')
}

/** The JSON of a body. @throws AppError `malformed_json` also for what is not UTF-8, `bad_request` for what is nested too deep */
export function parseBody(bytes: ArrayBuffer): unknown {
  const value = parse(bytes)
  if (nestsDeeper(value, maxDepth)) throw new AppError('bad_request', `The body is nested deeper than ${maxDepth} levels`)
  return value
}

function parse(bytes: ArrayBuffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes))
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
