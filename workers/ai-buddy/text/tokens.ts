import { stemmer } from 'stemmer'

/** The most words of a question that count; the rest of a very long one says the same. */
const maxWords = 24
const maxWordLength = 40

/** Words that say how somebody asks, not what about. */
const glue = new Set(
  `a about above actually after again all also am an and any anybody anyone anything are aren as ask at be because been being but by can
  cannot could couldn d did didn do does doesn doing don each either else etc ever every for from get gets getting give given go going
  gonna good got great had has hasn have haven having he hello help her here hey hi him his how i if im in into is isn it its ive just
  kind kindly know let like ll looking look lot m made make many may maybe me might mine more most much must my myself need needs nice no
  not of off ok okay on one ones onto or other our out over own perhaps please possible possibly question re really recommend s say
  see shall she should show so some somebody someone something sort such suggest sure t tell than thank thanks that the their them
  then there these they thing things think this those through to too try under until up us use using ve very want wanna wants was wasn
  way we were what whats when where whether which while who whom whose why will wish with within won would wouldn yes you your yours
  does available anyway explain exactly mean means happen happens happened tell suitable`.split(/\s+/u),
)

/** Words that mean the same to shoppers, where catalogues and articles often have only one of them. */
const synonyms = [
  'backpack rucksack bag',
  'basket cart',
  'bedside nightstand',
  'broken damaged faulty defective',
  'cheap cheapest low price',
  'chat conversation message',
  'coat jacket',
  'couch sofa settee',
  'coupon voucher discount promo',
  'cup mug',
  'deliver delivery shipping',
  'duvet blanket quilt throw',
  'email mail',
  'fee commission',
  'flashlight torch headlamp lantern',
  'gift present',
  'hacked compromised intruder',
  'hat cap beanie',
  'human person',
  'inventory stock',
  'invoice receipt bill',
  'jumper sweater pullover',
  'lamp light lighting',
  'login signin',
  'package parcel',
  'pants trousers',
  'photo picture image',
  'pot casserole',
  'privacy data',
  'saucepan pan skillet',
  'seasoning spice',
  'service support',
  'shirt layer top',
  'sync device',
  'waterproof rain dry',
].map((group) => group.split(' '))

const meanings = new Map(synonyms.flatMap((group) => group.map((word) => [stemmer(word), group] as const)))

/** Text without case and accents, as the index folds it. */
const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()

/** The words of a text, without what is neither letter nor digit. */
export const wordsOf = (text: string): string[] =>
  fold(text)
    .replace(/['’](?=\p{L})/gu, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) => [...word].slice(0, maxWordLength).join(''))

/** What a question is about: its words without glue, or all of them where there is nothing else. */
export function keywordsOf(question: string): string[] {
  const words = [...new Set(wordsOf(question))]
  const telling = words.filter((word) => !glue.has(word) && (word.length > 1 || /\p{N}|[^\p{ASCII}]/u.test(word)))
  return (telling.length > 0 ? telling : words).slice(0, maxWords)
}

/** A word and those that mean the same. */
export const meaningsOf = (word: string): readonly string[] => [word, ...(meanings.get(stemmer(word)) ?? [])]

/**
 * An expression of FTS5 that any of the words satisfies. Each is a string of its own, with nothing in it but letters and digits: there
 * is no operator, column or quote that a question could bring in. Null without words.
 */
export const anyOf = (words: readonly string[]): string | null =>
  words.length === 0 ? null : [...new Set(words)].map((word) => `"${word.replaceAll('"', '')}"`).join(' OR ')

/** The trigrams of a word, by which what is spelt alike is looked up. */
export const trigramsOf = (word: string): string[] => {
  const letters = [...word]
  return letters.slice(2).map((_, index) => letters.slice(index, index + 3).join(''))
}

/** Two words that may have been written as one, of three letters at least each. */
export const splitsOf = (word: string): [string, string][] => {
  const letters = [...word]
  return letters.slice(5).map((_, index) => [letters.slice(0, index + 3).join(''), letters.slice(index + 3).join('')])
}

/** How many slips of the pen a word may have: none in a short one, which would be another word. */
const slipsAllowed = (word: string): number => (word.length < 4 ? 0 : word.length < 7 ? 1 : 2)

/** The words of `known` that somebody who wrote `word` may have meant: those with the fewest slips. Few slip at the first letter. */
export function nearest(word: string, known: readonly string[]): string[] {
  const candidates = [...new Set(known)].filter((candidate) => candidate[0] === word[0])
  const distances = candidates.map((candidate) => ({ candidate, distance: slipsBetween(word, candidate) }))
  const least = Math.min(...distances.map(({ distance }) => distance))
  return least > slipsAllowed(word) ? [] : distances.flatMap(({ candidate, distance }) => (distance === least ? candidate : []))
}

/** Letters left out, put in, exchanged or swapped with a neighbour: the optimal string alignment distance. */
function slipsBetween(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return Number.POSITIVE_INFINITY
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1]
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const cost = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (same ? 0 : 1))
      next.push(swapped ? Math.min(cost, (before[j - 2] ?? 0) + 1) : cost)
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}
