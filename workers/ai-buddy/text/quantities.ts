import { numberPattern, parseNumber } from './numbers'

const many = '(?:hundreds?|thousands?|millions?|billions?|trillions?)'
/** A quantity, or words that leave it open. */
const count = `(?:${numberPattern}(?: ${many})?|(?:an? )?${many}|(?:a few|several|plenty|lots))`
const before = "(?<![\\p{L}\\p{N}.,'/\\u2044+-])"
const after = "(?![\\p{L}\\p{N}\\u2044]|[.,'/]\\d)"
/** The size of something, or a number in its name, is no quantity. */
const noSize =
  '(?!\\s?(?:(?:cm|mm|m|km|kg|g|mg|l|ml|cl|w|k|v|gb|tb|[gmk]?hz|lbs?|oz|inch(?:es)?|ft|feet|volts?|watts?|hours?|metres?|meters?|st|nd|rd|th)\\b|%|"|\'|-(?!\\s)))'
/** Joins alternatives. A mark that also stands inside a number would let a long row of numbers be read in too many ways. */
const or = '(?: ?[-–—] ?| ?[,/] | (?:or|to|and|till|until|through) )(?:maybe |perhaps |even |rather )?'
/** One number, or alternatives between which somebody has yet to choose. */
const chosen = `(${count}(?:${or}(?:a half|half|more|so|fewer|less|${count}))?)`
const counts = `${chosen}${after}${noSize}`

const verb = '(?:add|put|take|buy|order|get|want|have|need|like|throw in)'
/** Words before a number that leave it open. */
const vague =
  '(?:about|around|roughly|approximately|at least|at most|up to|more than|less than|fewer than|over|under|maybe|between|from)'
/** Words before a number that change nothing. */
const filler = '(?:me|in|another|exactly|just|only)'
const places = [
  new RegExp(`${before}()${counts}(?: more)? (?:of|pieces|pcs|units|copies|times)\\b`, 'u'),
  new RegExp(`${before}()${chosen}\\s?[x×](?=\\s|$)`, 'u'),
  new RegExp(`${before}()[x×]\\s?${counts}`, 'u'),
  new RegExp(`\\b${verb}(?: ${filler})*( ${vague})?(?: ${filler})* ${counts}`, 'u'),
  new RegExp(`\\b${verb}(?: ${filler})* ()(no)${after}${noSize}`, 'u'),
  new RegExp(`\\bquantity:? (?:of |is |to )?()${counts}`, 'u'),
]
/** Another number somewhere after the first: `the lamp twice or 3 of them`. */
const another = new RegExp(`\\bor (?:maybe |perhaps |even |rather )?${numberPattern}${after}${noSize}`, 'u')

/**
 * The quantity that somebody asks for, possible or not, such as 0, -3 or 2.5; 1 when they do not say, null when they leave it open, as
 * in `2 or 3`. `words` is a sentence from `plain`.
 */
export function quantityOf(words: string): number | null {
  for (const place of places) {
    const [found, hedge, text] = words.match(place) ?? []
    if (found === undefined || text === undefined) continue
    return hedge || another.test(words) ? null : parseNumber(text)
  }
  return 1
}

/** The sentence without its quantity. */
export const withoutQuantity = (words: string): string => places.reduce((left, place) => left.replace(place, ' '), words)
