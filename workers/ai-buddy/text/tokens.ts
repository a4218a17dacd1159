import { stemmer } from 'stemmer'
import { withPlainDigits } from './numbers'
import { genericWords, stopwords } from './stopwords'

/** The most words of a question that count: the rest of a very long one says the same. */
const maxWords = 24
const maxWordLength = 40

/** Text without case and accents, as the index folds it. */
const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()

/** The words of a text: letters and digits alone, folded, `chef's` as `chefs`. */
export const wordsOf = (text: string): string[] =>
  fold(text)
    .replace(/['’](?=\p{L})/gu, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) => [...word].slice(0, maxWordLength).join(''))

/** The stems of a text's words, each once: `Two walnut desks` and `A walnut desk` share two. */
export const stemsOf = (text: string): string[] => [...new Set(wordsOf(text).map(stemmer))]

/** What a question is about: its words without stop words, or all of them where there is nothing else. */
export function keywordsOf(question: string): string[] {
  const words = [...new Set(wordsOf(question))]
  const specific = words.filter((word) => !stopwords.has(word) && (word.length > 1 || /\p{N}|[^\p{ASCII}]/u.test(word)))
  return (specific.length > 0 ? specific : words).slice(0, maxWords)
}

/** The stems and numbers that tell one thing from another, each once: `Oak table, 160cm` has `oak`, `tabl`, `160` and `cm`. */
export const termsOf = (text: string): Set<string> =>
  new Set(
    wordsOf(text)
      .flatMap((word) => word.match(/\p{L}+|\d+/gu) ?? [])
      .filter((word) => !stopwords.has(word) && !genericWords.has(word))
      .map(stemmer),
  )

/** How many of some terms are among others. */
export const shared = (terms: ReadonlySet<string>, others: ReadonlySet<string>): number =>
  [...terms].filter((term) => others.has(term)).length

/** A sentence as patterns expect it: lower case, straight quotes, plain digits, single spaces, no punctuation at its ends. */
export const plain = (message: string): string =>
  withPlainDigits(message.normalize('NFKC'))
    .toLowerCase()
    .replaceAll(/[‘’ʼ`]/g, "'")
    .replaceAll(/[“”]/g, '"')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/^[\s"'([]+|[\s"')\].!?؟,;:]+$/g, '')
