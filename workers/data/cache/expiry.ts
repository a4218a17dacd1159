import { integerOf, ReplyError } from './reply'

/** Times are 64-bit integers. */
export const LATEST = 2 ** 63

/** How an expiry may be written, as a time in milliseconds. */
const readers = {
  EX: (seconds: number, now: number) => now + seconds * 1000,
  PX: (milliseconds: number, now: number) => now + milliseconds,
  EXAT: (seconds: number) => seconds * 1000,
  PXAT: (milliseconds: number) => milliseconds,
}

export type ExpiryOption = keyof typeof readers

export function isExpiryOption(option: string): option is ExpiryOption {
  return Object.hasOwn(readers, option)
}

/** The time an option such as `EX 60` means. @throws ReplyError unless it is a positive integer */
export function expiryOf(option: ExpiryOption, text: string | undefined, now: number, name: string): number {
  const value = integerOf(text)
  const expiresAt = readers[option](value, now)
  if (value <= 0 || expiresAt > LATEST) throw new ReplyError(`ERR invalid expire time in '${name}' command`)
  return expiresAt
}
