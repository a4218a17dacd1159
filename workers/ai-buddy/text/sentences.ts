/** A full stop after one of these ends no sentence. */
const abbreviation = /\b(?:e\.g|i\.e|etc|approx|ca|incl|excl|no|nos|vs|dr|mr|mrs|ms|st|max|min|dia|cf)\.$/i

/**
 * Where a sentence ends: at its marks (`. [1][2]`) once something follows that is none, or at the end of a line that has anything on it.
 */
const end = /(?<![.!?…])[.!?…]+["'”’)]*(?:\s*\[\d{1,3}\])*(?=\s+[^\s[])|(?<=\S[^\S\n]*)(?=\n)/g

/**
 * The first sentence of a text that may still grow, with the marks that follow its full stop and the space before it, and what is left;
 * undefined while it is not known where it ends.
 */
function takeSentence(text: string): { sentence: string; rest: string } | undefined {
  for (const found of text.matchAll(end)) {
    if (found[0].startsWith('.') && abbreviation.test(text.slice(Math.max(0, found.index - 8), found.index + 1))) continue
    const upTo = found.index + found[0].length
    return { sentence: text.slice(0, upTo), rest: text.slice(upTo) }
  }
  return undefined
}

/** The sentences of a whole text, without the space around them. */
export function sentencesOf(text: string): string[] {
  const sentences: string[] = []
  let rest = text
  for (let next = takeSentence(rest); next; next = takeSentence(rest)) {
    sentences.push(next.sentence)
    rest = next.rest
  }
  return [...sentences, rest].map((sentence) => sentence.trim()).filter((sentence) => sentence !== '')
}

/** Sentences with what stands between them: one that begins with a dash or a line break begins a line. */
export const spaced = (sentence: string, isFirst: boolean): string => {
  const text = sentence.trim()
  if (isFirst) return text
  return /^(?:\s*\n|\s*- )/.test(sentence) ? `\n${text}` : ` ${text}`
}
