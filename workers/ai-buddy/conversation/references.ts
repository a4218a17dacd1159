/** Which of the products that were shown last the words mean: by place from 1, the `last` of them, or `it`, the one in question. */
export type Reference = number | 'last' | 'it' | null

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

export function referenceIn(words: string): Reference {
  const named = ordinals.find(([pattern]) => pattern.test(words))
  if (named && /\b(one|product|item|option|result|it|number|of (them|those|these))\b/.test(words)) return named[1]
  if (/^(the )?(first|second|third|fourth|fifth|1st|2nd|3rd|4th|5th)$/.test(words) && named) return named[1]
  if (/\b(the last (one|product|item|option)|the last of (them|those|these))\b/.test(words)) return 'last'
  return pronoun.test(words.replaceAll(noPronoun, ' ')) ? 'it' : null
}
