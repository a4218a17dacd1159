/** Which of the products that were shown last somebody means: by its place from 1, `last` of them, or whatever was talked of. */
export type Pointer = number | 'last' | 'it' | null

const ordinals: readonly (readonly [RegExp, number])[] = [
  [/\b(first|1st|number one|number 1)\b/, 1],
  [/\b(second|2nd|number two|number 2)\b/, 2],
  [/\b(third|3rd|number three|number 3)\b/, 3],
  [/\b(fourth|4th|number four|number 4)\b/, 4],
  [/\b(fifth|5th|number five|number 5)\b/, 5],
]
const pronoun = /\b(it|its|that|those|this|these|them|they|the one|that one|this one)\b/
/** `that` as in `a lamp that dims`, and `it` as in `is it possible`, mean nothing that was shown. */
const noPronoun =
  /\b(is it (possible|true)|does it (cost|take) (anything|long)|how long does it take|(\w+) that (is|are|has|have|can|fits?|goes?|holds?|dims?|works?|costs?)|(this|that|these|those) (week|month|year|morning|evening|site|shop|store|marketplace))\b/g

export function pointerOf(words: string): Pointer {
  const named = ordinals.find(([pattern]) => pattern.test(words))
  if (named && /\b(one|product|item|option|result|it|number|of (them|those|these))\b/.test(words)) return named[1]
  if (/^(the )?(first|second|third|fourth|fifth|1st|2nd|3rd|4th|5th)$/.test(words) && named) return named[1]
  if (/\b(the last (one|product|item|option)|the last of (them|those|these))\b/.test(words)) return 'last'
  return pronoun.test(words.replaceAll(noPronoun, ' ')) ? 'it' : null
}

const numbers: Record<string, number> = {
  ...{ a: 1, an: 1, one: 1, two: 2, three: 3, four: 4, five: 5, six: 6, seven: 7, eight: 8, nine: 9, ten: 10, eleven: 11 },
  ...{ twelve: 12, dozen: 12, 'a dozen': 12, couple: 2, 'a couple': 2, pair: 2, 'a pair': 2, both: 1 },
}
const count = '(\\d{1,6}|a dozen|a couple|a pair|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)'
const verb = '(?:add|put|take|buy|order|get|want|have|need|like|throw in)(?: me| in)?'
/** A number that is the size of something is no number of pieces. */
const noSize = '(?!\\s?(?:(?:cm|mm|m|kg|g|l|ml|w|k|inch(?:es)?|ft|watts?|hours?|metres?|meters?|st|nd|rd|th)\\b|%|-|\\.\\d))'
const quantities = [
  new RegExp(`\\b${count}(?: more)? (?:of|pieces|pcs|units|copies|times)\\b`),
  new RegExp(`\\b${count}\\s?[x×](?=\\s)`),
  new RegExp(`\\b[x×]\\s?${count}\\b`),
  new RegExp(`\\b${verb} ${count}\\b${noSize}`),
  new RegExp(`\\bquantity (?:of |is |to )?${count}\\b`),
]

/** How many pieces somebody wants; 1 when they do not say. */
export function quantityOf(words: string): number {
  for (const pattern of quantities) {
    const found = words.match(pattern)?.[1]
    if (found !== undefined) return numbers[found] ?? Number(found)
  }
  return 1
}
