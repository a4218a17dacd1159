/** An error as Redis replies it. */
export class ReplyError extends Error {}

/** JSON has no integers beyond 2^53, so a reply could not say what was counted there. */
const LIMIT = 'the embedded cache counts within 2^53'

export const wrongType = () => new ReplyError('WRONGTYPE Operation against a key holding the wrong kind of value')
export const syntaxError = () => new ReplyError('ERR syntax error')
const notInteger = () => new ReplyError('ERR value is not an integer or out of range')
export const wrongArguments = (name: string) => new ReplyError(`ERR wrong number of arguments for '${name}' command`)
export const invalidExpiry = (name: string) => new ReplyError(`ERR invalid expire time in '${name}' command`)

/** An integer written as Redis takes it: no sign but minus, no leading zeros or spaces. @throws ReplyError, also beyond 2^53 */
export function integerOf(text: string | undefined, error = notInteger): number {
  if (text === undefined || !/^(0|-?[1-9]\d{0,18})$/.test(text)) throw error()
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new ReplyError(`ERR value is out of range: ${LIMIT}`)
  return value
}

/** @throws ReplyError beyond 2^53 */
export function sumOf(left: number, right: number): number {
  const sum = left + right
  if (!Number.isSafeInteger(sum)) throw new ReplyError(`ERR increment or decrement would overflow: ${LIMIT}`)
  return sum
}

/** Arguments two by two. @throws ReplyError when one is left over */
export function pairs(args: readonly string[], name: string): [string, string][] {
  if (args.length % 2 !== 0) throw wrongArguments(name)
  const found: [string, string][] = []
  for (let at = 0; at < args.length; at += 2) found.push([args[at] ?? '', args[at + 1] ?? ''])
  return found
}
