import { AppError } from '../../shared/contracts/errors'

/** What the largest body that a route takes needs, many times over. */
export const mostDepth = 32
export const mostMembers = 10_000

const code = (character: string): number => character.charCodeAt(0)
const [quote, backslash, comma] = [code('"'), code('\\'), code(',')]
const [openArray, closeArray, openObject, closeObject] = [code('['), code(']'), code('{'), code('}')]

/**
 * Refuses a JSON body that is nested too deep, or has too many members, before anything parses it. Only counts: whether it is JSON is
 * found out by whoever reads it. @throws AppError `payload_too_large`
 */
export function requireModest(body: Uint8Array): void {
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
    if (depth > mostDepth) throw new AppError('payload_too_large', `The body may be nested ${mostDepth} levels deep at most`)
    if (members > mostMembers) throw new AppError('payload_too_large', `The body may have ${mostMembers} members at most`)
  }
}
