import { ReplyError } from './reply'

/** The longest string of one key, in characters: some of them, and their copies in a reply, fit in an isolate at once. */
const LONGEST = 8 * 1024 * 1024

/** A text as Redis sees it: bytes of UTF-8. */
export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** @throws ReplyError for bytes that are no text, which this engine cannot keep */
export function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new ReplyError('ERR the embedded engine keeps text: this would cut a character of UTF-8 apart')
  }
}

/** @throws ReplyError for a string that is too long */
export function checkSize(length: number): void {
  if (length > LONGEST) throw new ReplyError('ERR string exceeds maximum allowed size (proto-max-bulk-len)')
}
