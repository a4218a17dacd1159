/** How many words of a product are indexed; title and tags come before the description. */
const maxWords = 150
/** How many words of a query are used. */
const maxQueryWords = 10
const maxWordLength = 40
/** The longest prefix of a word that is a term of its own. */
const headLength = 3

/** Text without case, accents and compatibility forms: `Crème Brûlée` and `CREME BRULEE` are one, `ß` is `ss`. */
export const fold = (text: string): string =>
  text.normalize('NFKD').replace(/\p{M}/gu, '').toUpperCase().toLowerCase().replaceAll('ς', 'σ')

const wordsOf = (text: string): string[] =>
  fold(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) => [...word].slice(0, maxWordLength).join(''))

const headsOf = (word: string): string[] => {
  const letters = [...word]
  return Array.from({ length: Math.min(headLength, letters.length) }, (_, index) => letters.slice(0, index + 1).join(''))
}

/**
 * The terms that find a product: its words, and the first one, two and three letters of each. A search by up to three letters is one
 * equality on the multikey index. A longer one is that equality on its first three letters, which narrows, and a range over the words,
 * which decides. The terms are in the product's own document, so that no write leaves a product that its old words still find.
 */
export function termsOf(texts: readonly string[]): string[] {
  const words = [...new Set(texts.flatMap(wordsOf))].slice(0, maxWords)
  return [...new Set(words.flatMap((word) => [word, ...headsOf(word)]))]
}

/** Filters that together match products with a word for each word of the query, by prefix; null when the query has no words. */
export function searchFilters(query: string): Record<string, unknown>[] | null {
  const words = [...new Set(wordsOf(query))].slice(0, maxQueryWords)
  if (words.length === 0) return null
  return words.flatMap((word) => {
    const head = headsOf(word).at(-1)
    // Nothing sorts after the last code point, so the range holds exactly what begins with the word.
    const range = { terms: { $elemMatch: { $gte: word, $lt: `${word}\u{10ffff}` } } }
    return head === word ? [{ terms: word }] : [{ terms: head }, range]
  })
}
