/**
 * What must not be read in a log, and what stands for it, in this order: what contains another comes before it. Every repetition
 * is bounded, so that no text takes longer than its length. A slow search is left out where the text lacks what it `needs`.
 */
const masks: readonly (readonly [RegExp, string | ((match: string, ...groups: string[]) => string), needs?: RegExp])[] = [
  // The address of a database or a queue, with its credentials.
  [/\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#"'<>]{1,500}@/gi, '$1[redacted]@'],
  // A field of a form, a query or a document that names a secret.
  [
    /\b((?:[\w-]{0,40}(?:password|passphrase|secret|token|api[-_]?key|signature|ticket|cookie)|otp|code(?==))\\{0,3}["']?\s{0,3}[=:]\s{0,3}\\{0,3})("(?:[^"\\]|\\.){0,4000}"?|'[^']{0,4000}'?|[^\s&,;"'{}[\]]{1,4000})/gi,
    '$1[redacted]',
  ],
  [/\b(Bearer|Basic|Digest)\s{1,3}[\w.~+/=-]{4,}/gi, '$1 [redacted]'],
  // A JWT, and our own opaque tokens: `ses_<ulid>.<generation>.<seal>`.
  [/\beyJ[\w-]{5,}(?:\.[\w-]{0,4000}){1,4}/g, '[token]'],
  [/\b(?:ses|usr|req)_[0-9a-z]{26}(?:\.[\w-]{1,40})?\.[\w-]{40,60}/g, '[token]'],
  [/\b(?:whsec|sk|rk|pk|re|ghp)_[A-Za-z0-9_+/=-]{12,200}/g, '[token]'],
  [/[^\s@<>"'(),:;[\]\\/=&?{}]{1,64}(?:@|%40)(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}/giu, '[email]', /@|%40/],
  [/(?<![\w.-])[2-6](?:[ -]?\d){13,18}(?![\w-])/g, (digits) => (isCardNumber(digits) ? '[card]' : digits)],
  [/(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)/g, (dotted) => (isAddress(dotted) ? '[ip]' : dotted)],
  [/(?<![\w:.])(?:[\da-f]{1,4}:){7}[\da-f]{1,4}(?![\w:])/gi, '[ip]'],
  [
    /(?<![\w:.])(?:[\da-f]{1,4}(?::[\da-f]{1,4}){0,6})?::(?:[\da-f]{1,4}(?::[\da-f]{1,4}){0,6})?(?:\/\d{1,3})?(?![\w:])/gi,
    '[ip]',
  ],
  // Anything random enough to be a key: long, of letters of both kinds and digits.
  [/(?<![\w-])[\w-]{32,}={0,2}(?![\w-])/g, (word) => (isRandom(word) ? '[token]' : word)],
]

/** A text without tokens, passwords, e-mail and network addresses and card numbers. */
export const maskText = (text: string): string =>
  masks.reduce((masked, [pattern, put, needs]) => {
    if (needs?.test(masked) === false) return masked
    return typeof put === 'string' ? masked.replace(pattern, put) : masked.replace(pattern, put)
  }, text)

/** Source: ISO/IEC 7812-1, annex B (Luhn) */
function isCardNumber(text: string): boolean {
  const digits = Array.from(text.replaceAll(/\D/g, ''), Number).reverse()
  const sum = digits.reduce((total, digit, at) => total + (at % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2), 0)
  return sum % 10 === 0
}

const isAddress = (dotted: string): boolean => dotted.split('.').every((part) => Number(part) <= 255)

const isRandom = (word: string): boolean => /[a-z]/.test(word) && /[A-Z]/.test(word) && (word.match(/\d/g)?.length ?? 0) >= 2
