import { problems } from '../contracts/errors'
import { maskText } from './mask'

const hidden = '[redacted]'
/** Larger values are cut: a log line must stay readable, and a large request must not cause a large log. */
const most = { depth: 8, members: 100, characters: 4_000 } as const

/** Keys whose values are secrets, or say where somebody lives, whatever they look like. Compared without `-` and `_`. */
const secretKey =
  /(password|passphrase|secret|token|authorization|cookie|apikey|privatekey|signature|credential|ticket|nonce|seal|connectionstring)s?$|^set.?cookie|address$|^(line[12]|postalcode|mongodburi|dsn|pin|otp|cvc|cvv|iban|pan)$/i

const isSecret = (key: string, value: unknown): boolean =>
  secretKey.test(key.replaceAll(/[-_]/g, '')) ||
  // A problem has a code too, and what went wrong must stay to be read.
  (/^code$/i.test(key) && !(typeof value === 'string' && Object.hasOwn(problems, value)))

/** What most keys and values of a log are, and no mask matches: a few letters and slashes, or an id. Searching them costs most of a line. */
const harmless = /^(?:[a-zA-Z/]{0,31}|(?!ghp)[a-z]{3}_[0-9a-z]{26})$/

/** No card number has fewer digits. Source: ISO/IEC 7812-1; see mask.ts */
const leastCardNumber = 1e13

/** A string as it may be logged. What is cut off is cut off before a whole word, since half a token would look like none. */
function redactText(text: string): string {
  if (harmless.test(text)) return text
  const masked = maskText(text.length > most.characters ? text.slice(0, most.characters).replace(/[^\s{},"]*$/, '') : text)
  return text.length > most.characters ? `${masked}… (${text.length} characters)` : masked
}

/**
 * Any value as JSON may hold it, without what must not be logged: values under keys that name a secret, and addresses, tokens,
 * card numbers and passwords inside strings. Never throws, whatever it is given: loops, getters that throw, things of any size.
 */
export const redact = (value: unknown): unknown => plainOf(value, [])

function plainOf(value: unknown, above: readonly object[]): unknown {
  switch (typeof value) {
    case 'string':
      return redactText(value)
    case 'number':
      return Number.isSafeInteger(value) && Math.abs(value) >= leastCardNumber && maskText(String(value)) !== String(value)
        ? hidden
        : value
    case 'boolean':
    case 'undefined':
      return value
    case 'object':
      if (value === null) return null
      if (above.includes(value)) return '[loop]'
      if (above.length >= most.depth) return '[too deep]'
      try {
        return plainObject(value, [...above, value])
      } catch {
        return '[unreadable]'
      }
    default:
      return redactText(String(value))
  }
}

function plainObject(value: object, above: readonly object[]): unknown {
  if (value instanceof Error) return describeError(value, above)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof URL || value instanceof RegExp) return redactText(String(value))
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`
  if (Array.isArray(value) || value instanceof Set) {
    const items = [...value]
    const shown = items.slice(0, most.members).map((item) => plainOf(item, above))
    return items.length > shown.length ? [...shown, `… and ${items.length - shown.length} more`] : shown
  }
  const pairs = value instanceof Map || value instanceof Headers ? [...value] : Object.entries(value)
  const shown = pairs.slice(0, most.members).map(([name, member]): [string, unknown] => {
    const key = String(name)
    return [redactText(key), isSecret(key, member) && isRevealing(member) ? hidden : plainOf(member, above)]
  })
  const left = pairs.length - shown.length
  return Object.fromEntries(left > 0 ? [...shown, ['…', `and ${left} more`]] : shown)
}

/** Whether there is something to hide: the absence of a token is no secret. */
const isRevealing = (value: unknown): boolean => value !== null && value !== undefined && typeof value !== 'boolean'

/** Own members come along, such as the code of an AppError; the message and the stack are no members that a walk would find. */
function describeError(error: Error, above: readonly object[]): unknown {
  const { name, message, stack, cause } = error
  const own = Object.fromEntries(Object.entries(error).filter(([key]) => key !== 'name'))
  return {
    name: redactText(String(name)),
    message: redactText(String(message)),
    ...(plainOf(own, above) as Record<string, unknown>),
    ...(cause === undefined ? {} : { cause: plainOf(cause, above) }),
    ...(stack === undefined ? {} : { stack: redactText(String(stack)) }),
  }
}
