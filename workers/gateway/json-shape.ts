import { AppError } from '../../shared/contracts/errors'

/** Many times what the largest body of any route needs. */
export const maxJsonDepth = 32
export const maxJsonMembers = 10_000

const code = (character: string): number => character.charCodeAt(0)
const [quote, backslash, comma] = [code('"'), code('\\'), code(',')]
const [openArray, closeArray, openObject, closeObject] = [code('['), code(']'), code('{'), code('}')]

/**
 * Refuses a JSON body that is nested too deep, or has too many members, before anything parses it. It only counts: whether the body is
 * valid JSON is for the parser to find out. @throws AppError `payload_too_large`
 */
export function limitJson(body: Uint8Array): void {
  let depth = 0
  let members = 0
  let inText = false
  for (let at = 0; at < body.length; at++) {
    const byte = body[at]
    if (inText) {
      if (byte === backslash) at += 1
      else if (byte === quote) inText = false
      continue
    }
    if (byte === quote) inText = true
    else if (byte === openArray || byte === openObject) depth += 1
    else if (byte === closeArray || byte === closeObject) depth -= 1
    if (byte === comma || byte === openArray || byte === openObject) members += 1
    if (depth > maxJsonDepth)
      throw new AppError('payload_too_large', `The body may be nested ${maxJsonDepth} levels deep at most`)
    if (members > maxJsonMembers) throw new AppError('payload_too_large', `The body may have ${maxJsonMembers} members at most`)
  }
}
