import { createHash } from 'node:crypto'

/** A passage of a product's page or of a support article. */
export type Chunk = {
  /** The heading it stands under; null for a product. */
  section: string | null
  text: string
  /** A digest of its text without case and spacing, by which the same text is quoted once. */
  digest: string
}

/** About how long a passage is, in characters: short enough to be quoted, long enough to be understood alone. */
export const chunkLength = 800
/** The characters that two passages of one cut paragraph share, so that each sentence is whole in one of them. */
const overlap = 120
/** The most passages of one source. No product's text is longer; the rest of such a text is not found. */
export const maxChunks = 32

/** Cuts a text by paragraphs into passages; short paragraphs go together. A repeated paragraph is left out. */
export function chunksOf(text: string, section: string | null = null): Chunk[] {
  const paragraphs = text
    .split(/\n\s*\n/u)
    .map((paragraph) => paragraph.replace(/\s+/gu, ' ').trim())
    .filter((paragraph) => paragraph !== '')
  const pieces: string[] = []
  for (const paragraph of distinct(paragraphs)) {
    const last = pieces.at(-1)
    if (last !== undefined && last.length + paragraph.length < chunkLength) pieces[pieces.length - 1] = `${last}\n${paragraph}`
    else pieces.push(...cut(paragraph))
  }
  return pieces.map((piece) => ({ section, text: piece, digest: digestOf(piece) })).slice(0, maxChunks)
}

/** Cuts behind a sentence or, where none ends near, between words; a word without end is cut anywhere. */
function cut(paragraph: string): string[] {
  const pieces: string[] = []
  let rest = paragraph
  while (rest.length > chunkLength) {
    const head = rest.slice(0, chunkLength)
    const sentence = Math.max(head.lastIndexOf('. '), head.lastIndexOf('! '), head.lastIndexOf('? ')) + 1
    const word = head.lastIndexOf(' ')
    const end = [sentence, word].find((at) => at > chunkLength / 2) ?? chunkLength
    pieces.push(rest.slice(0, end).trim())
    const back = rest.indexOf(' ', end - overlap)
    rest = rest.slice(back !== -1 && back < end ? back : end).trim()
  }
  return [...pieces, rest]
}

const normalised = (text: string): string => text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim()

function distinct(texts: readonly string[]): string[] {
  const byMeaning = new Map<string, string>()
  for (const text of texts) if (!byMeaning.has(normalised(text))) byMeaning.set(normalised(text), text)
  return [...byMeaning.values()]
}

/** The same for texts that differ in case and spacing alone. */
export const digestOf = (text: string): string => createHash('sha256').update(normalised(text)).digest('base64url').slice(0, 22)
