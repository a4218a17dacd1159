import { Buffer } from 'node:buffer'
import { ReplyError } from './reply'

/** What one part of a pattern takes: any number of bytes, or one byte that passes the test. */
type Part = 'any' | ((byte: string) => boolean)

/** In bytes. The time of a match is at most this many times the length of the text. */
const LONGEST = 1024

const parts = /\*+|\\(.)|\[(\^?)((?:\\.|[^\]]-.|[^\]])*)\]?|./gs
const classItems = /\\(.)|(.)-(.)|./gs

/**
 * Whether texts match a Redis pattern: `*`, `?`, `[abc]`, `[^a-z]`, and a backslash before a character meant as itself. As in Redis a
 * character is a byte of UTF-8. It never goes back further than to the last `*`, because an earlier one could take nothing that
 * the last one cannot. So no pattern takes long. @throws ReplyError for a pattern that is too long
 */
export function globMatcher(pattern: string): (text: string) => boolean {
  const bytes = bytesOf(pattern)
  if (bytes.length > LONGEST) throw new ReplyError(`ERR a pattern may have at most ${LONGEST} bytes`)
  const wanted = [...bytes.matchAll(parts)].map(partOf)
  return (text) => matches(wanted, bytesOf(text))
}

/** The UTF-8 of a text, each byte as one character. */
const bytesOf = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

function partOf([token, escaped, not, group]: RegExpExecArray): Part {
  if (token.startsWith('*')) return 'any'
  if (token === '?') return () => true
  if (group === undefined) return (byte) => byte === (escaped ?? token)
  const ranges = [...group.matchAll(classItems)].map(rangeOf)
  return (byte) => ranges.some(([low, high]) => low <= byte && byte <= high) === (not === '')
}

/** Redis takes a range in either direction. */
function rangeOf([item, escaped, from = escaped ?? item, to = from]: RegExpExecArray): [low: string, high: string] {
  return from < to ? [from, to] : [to, from]
}

function matches(wanted: readonly Part[], bytes: string): boolean {
  let [part, at] = [0, 0]
  let retry: { part: number; at: number } | undefined
  while (at < bytes.length) {
    const test = wanted[part]
    if (test === 'any') retry = { part: ++part, at }
    else if (test?.(bytes.charAt(at))) {
      part++
      at++
    } else if (retry) {
      part = retry.part
      at = ++retry.at
    } else return false
  }
  return wanted.slice(part).every((rest) => rest === 'any')
}
