const ones =
  'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  )
const tens = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ')
const named: Record<string, number> = {
  ...{ zero: 0, no: 0, none: 0, couple: 2, pair: 2, 'half a dozen': 6, dozen: 12 },
  ...Object.fromEntries(ones.map((word, at) => [word, at + 1])),
  ...Object.fromEntries(tens.map((word, at) => [word, (at + 2) * 10])),
}

/** Digits with all that groups, parts or divides them, so that no piece of a number passes for a number. */
const digits = "[-+]?\\d(?:[\\d.,'_/\\u2044]*\\d)?(?: \\d{3}(?!\\d))*(?:e[-+]?\\d+)?"
const small = `(?:(?:${tens.join('|')})(?:[- ](?:${ones.slice(0, 9).join('|')}))?|${ones.join('|')})`
/** The source of a pattern for a number in digits or words. */
export const numberPattern = `(?:(?:minus |negative )?(?:half a dozen|(?:a |${small} |\\d+ )?dozen|a couple|a pair|${small}|zero|none|${digits}))`

/** The number that a text in lower case with plain digits is; null unless it is exactly one. */
export function parseNumber(text: string): number | null {
  const bare = text.replace(/^(?:minus |negative |[-+])/, '').replace(/^a /, '')
  const value = unsigned(bare)
  return value === null ? null : /^(?:minus|negative|-)/.test(text) ? 0 - value : value
}

function unsigned(text: string): number | null {
  if (named[text] !== undefined) return named[text]
  if (text.endsWith(' dozen')) {
    const dozens = unsigned(text.slice(0, -' dozen'.length))
    return dozens === null ? null : dozens * 12
  }
  const [ten = '', one = ''] = text.split(/[- ]/)
  if (tens.includes(ten) && ones.includes(one)) return (named[ten] ?? 0) + (named[one] ?? 0)
  const value = fromDigits(text)
  return text !== '' && Number.isFinite(value) ? value : null
}

/** Thousands with one separator throughout: `1,000,000`, `1.000`, `1 000`, or as in India `1,00,000`. */
const grouped = /^\d{1,3}(?:([,.'_ ])\d{3}(?:\1\d{3})*|,\d{2}(?:,\d{2})*,\d{3})$/
const withoutSeparators = (text: string): string => text.replaceAll(/[,.'_ ]/g, '')

/** `1,298.00`, `1.298,00`, `1298,00`: what parts the fraction is not what groups the thousands. NaN for anything else. */
function fromDigits(text: string): number {
  if (grouped.test(text)) return Number(withoutSeparators(text))
  const [, whole = '', point = '', fraction = ''] = /^(.+)([.,])(\d+)$/.exec(text) ?? []
  const isGrouped = grouped.test(whole) && !whole.includes(point)
  return Number(isGrouped ? `${withoutSeparators(whole)}.${fraction}` : text.replace(',', '.'))
}

/** Digits of every script as those of ASCII; the scripts' own marks for thousands and fractions, and the minus sign, likewise. */
export const withPlainDigits = (text: string): string =>
  text
    .replaceAll(/\p{Nd}/gu, (digit) => String(digitValue(digit)))
    .replaceAll('\u066c', ',')
    .replaceAll('\u066b', '.')
    .replaceAll('\u2212', '-')

/** Decimal digits stand in runs from 0 to 9. Source: The Unicode Standard, section 4.6 */
function digitValue(digit: string): number {
  const code = digit.codePointAt(0) ?? 0
  let first = code
  while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first -= 1
  return (code - first) % 10
}
