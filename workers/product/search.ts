/** Words of a product that can be found; title and tags come before the description. */
const maxWords = 150
/** Words of a query that count. */
const maxQueryWords = 10
const maxWordLength = 40
/** The first letters of a word that are terms by themselves. */
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
 * The terms under which a product is found: its words, and the first one, two and three letters of each. A prefix of up to three
 * letters is thereby one equality on the multikey index; a longer one is that equality on its first three letters, which
 * narrows, and a range over the words, which decides. The terms live in the product's own document, so that no
 * write can leave a product that is found by its old words.
 */
export function termsOf(texts: readonly string[]): string[] {
  const words = [...new Set(texts.flatMap(wordsOf))].slice(0, maxWords)
  return [...new Set(words.flatMap((word) => [word, ...headsOf(word)]))]
}

/** The filters that all must hold for a product to have every word of a query, or its beginning; null when it has no words. */
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
