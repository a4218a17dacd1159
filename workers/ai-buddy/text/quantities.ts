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

/** In digits with whatever groups, parts or divides them, all of it, so that no piece of a number passes for one. */
const digits = "[-+]?\\d(?:[\\d.,'_/\\u2044]*\\d)?(?: \\d{3}(?!\\d))*(?:e[-+]?\\d+)?"
const small = `(?:(?:${tens.join('|')})(?:[- ](?:${ones.slice(0, 9).join('|')}))?|${ones.join('|')})`
/** How many, in digits or words: the source of a pattern. */
export const amount = `(?:(?:minus |negative )?(?:half a dozen|(?:a |${small} |\\d+ )?dozen|a couple|a pair|${small}|zero|none|${digits}))`
const many = '(?:hundreds?|thousands?|millions?|billions?|trillions?)'
/** A number of pieces, or words that leave it open. */
const count = `(?:${amount}(?: ${many})?|(?:an? )?${many}|(?:a few|several|plenty|lots))`
const before = "(?<![\\p{L}\\p{N}.,'/\\u2044+-])"
const after = "(?![\\p{L}\\p{N}\\u2044]|[.,'/]\\d)"
/** A number that is the size of something, or a part of its name, is no number of pieces. */
const noSize =
  '(?!\\s?(?:(?:cm|mm|m|km|kg|g|mg|l|ml|cl|w|k|v|gb|tb|[gmk]?hz|lbs?|oz|inch(?:es)?|ft|feet|volts?|watts?|hours?|metres?|meters?|st|nd|rd|th)\\b|%|"|\'|-(?!\\s)))'
/** None that stands inside of a number too, or a long row of them could be read in too many ways. */
const or = '(?: ?[-–—] ?| ?[,/] | (?:or|to|and|till|until|through) )(?:maybe |perhaps |even |rather )?'
/** One number, or several of which somebody has yet to choose. */
const chosen = `(${count}(?:${or}(?:a half|half|more|so|fewer|less|${count}))?)`
const counts = `${chosen}${after}${noSize}`

const verb = '(?:add|put|take|buy|order|get|want|have|need|like|throw in)'
/** Words that leave a number open; what else may stand before one changes nothing. */
const vague =
  '(?:about|around|roughly|approximately|at least|at most|up to|more than|less than|fewer than|over|under|maybe|between|from)'
const filler = '(?:me|in|another|exactly|just|only)'
const places = [
  new RegExp(`${before}()${counts}(?: more)? (?:of|pieces|pcs|units|copies|times)\\b`, 'u'),
  new RegExp(`${before}()${chosen}\\s?[x×](?=\\s|$)`, 'u'),
  new RegExp(`${before}()[x×]\\s?${counts}`, 'u'),
  new RegExp(`\\b${verb}(?: ${filler})*( ${vague})?(?: ${filler})* ${counts}`, 'u'),
  new RegExp(`\\b${verb}(?: ${filler})* ()(no)${after}${noSize}`, 'u'),
  new RegExp(`\\bquantity:? (?:of |is |to )?()${counts}`, 'u'),
]
/** `the lamp twice or 3 of them`: another number, somewhere after the first. */
const another = new RegExp(`\\bor (?:maybe |perhaps |even |rather )?${amount}${after}${noSize}`, 'u')

/**
 * How many pieces somebody wants, be it possible or not, such as 0, -3 or 2.5; 1 when they do not say, null when they leave it open, as
 * `2 or 3` does. `words`: as `plain` of intent.ts gives them.
 */
export function quantityOf(words: string): number | null {
  for (const place of places) {
    const [found, hedge, text] = words.match(place) ?? []
    if (found === undefined || text === undefined) continue
    return hedge || another.test(words) ? null : numberOf(text)
  }
  return 1
}

/** Words without what they say of how many. */
export const withoutQuantity = (words: string): string => places.reduce((left, place) => left.replace(place, ' '), words)

const grouped = /^\d{1,3}(?:([,.'_ ])\d{3}(?:\1\d{3})*|,\d{2}(?:,\d{2})*,\d{3})$/

/** null unless it is one number. */
function numberOf(text: string): number | null {
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
  const value = Number(grouped.test(text) ? text.replaceAll(/[,.'_ ]/g, '') : text.replace(',', '.'))
  return Number.isFinite(value) ? value : null
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
