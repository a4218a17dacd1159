/**
 * An expression of FTS5 that any of the words satisfies; null without words. Each word is a string of its own: nothing in it is an
 * operator, a column or a quote that a question could bring in.
 */
export const anyOf = (words: readonly string[]): string | null =>
  words.length === 0 ? null : [...new Set(words)].map((word) => `"${word.replaceAll('"', '')}"`).join(' OR ')
