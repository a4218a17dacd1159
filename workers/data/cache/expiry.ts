import { integerOf, ReplyError, syntaxError } from './reply'

/** How an expiry may be written, as a time in milliseconds. */
const readers: Record<string, (value: number, now: number) => number> = {
  EX: (seconds, now) => now + seconds * 1000,
  PX: (milliseconds, now) => now + milliseconds,
  EXAT: (seconds) => seconds * 1000,
  PXAT: (milliseconds) => milliseconds,
}

export function isExpiryOption(option: string): boolean {
  return Object.hasOwn(readers, option)
}

/** The time an option such as `EX 60` means. @throws ReplyError unless it is a positive integer */
export function expiryOf(option: string, text: string | undefined, now: number, name: string): number {
  if (text === undefined) throw syntaxError()
  const value = integerOf(text)
  const expiresAt = readers[option]?.(value, now)
  if (value <= 0 || expiresAt === undefined || !Number.isSafeInteger(expiresAt)) {
    throw new ReplyError(`ERR invalid expire time in '${name}' command`)
  }
  return expiresAt
}
