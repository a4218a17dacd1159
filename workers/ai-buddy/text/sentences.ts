/** A full stop after one of these ends no sentence. */
const abbreviation = /\b(?:e\.g|i\.e|etc|approx|ca|incl|excl|no|nos|vs|dr|mr|mrs|ms|st|max|min|dia|cf)\.$/i

/** Where a sentence ends: at its marks once a blank follows, or at the end of a line that has anything on it. */
const end = /(?<![.!?…])[.!?…]+["'”’)]*(?=\s)|(?<=\S[^\S\n]*)(?=\n)/g

/** The sentences of a text, without the space around them. */
export function sentencesOf(text: string): string[] {
  const sentences: string[] = []
  let from = 0
  for (const { index, 0: marks } of text.matchAll(end)) {
    if (marks.startsWith('.') && abbreviation.test(text.slice(Math.max(0, index - 8), index + 1))) continue
    sentences.push(text.slice(from, index + marks.length))
    from = index + marks.length
  }
  return [...sentences, text.slice(from)].map((sentence) => sentence.trim()).filter((sentence) => sentence !== '')
}

/** Sentences with what stands between them: one that begins with a dash or a line break begins a line. */
export const spaced = (sentence: string, isFirst: boolean): string => {
  const text = sentence.trim()
  if (isFirst) return text
  return /^(?:\s*\n|\s*- )/.test(sentence) ? `\n${text}` : ` ${text}`
}
