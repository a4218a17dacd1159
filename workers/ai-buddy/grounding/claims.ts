import { fixedSentences } from '../answers/copy'
import { canary } from '../answers/prompt'
import type { Brief } from '../context/answer-types'
import { isProduct } from '../context/labels'
import { isPlain, sellersWords } from '../context/sanitize'
import { fitsAll } from '../text/price-extremes'
import { aboutEach, findWrongFigure } from './figure-claims'
import { findWrongState } from './state-claims'
import {
  clausesOf,
  namedIn,
  type Quote,
  type Segment,
  type Support,
  saysAnything,
  subjectsOf,
  supportOf,
  withoutNames,
} from './support'

type Told = Pick<Brief, 'reads' | 'deed'> & Partial<Pick<Brief, 'question'>>

const marks = /((?:\s*\[\d{1,3}\](?:\s*(?:,|and)?(?=\s*\[\d))?)+)/

/** What answers a question without saying what: `It does.` */
const bareAnswer =
  /^(?:yes|no|yep|nope|correct|right|exactly|indeed|absolutely|certainly|definitely|sure|of course)\b|\b(?:it|they|that|this) (?:is|are|does|do|did|can|will|has|have|would)(?: not|n't)?\s*(?:[,.!;]|$)/i
/** What a model may say of itself: that it saw, not that it did. */
const firstPerson = /\b(?:I|we)(?:'(?:ve|d|ll|m|re))?\s+(?!(?:have |can |could )?(?:found|find|see|know|read|cannot|do not)\b)/i
/** Sentences without a fact: what leads to a list, asks, or is polite. */
const leads = /[:?]$|\b(?:hello|hi|thanks|thank you|welcome|let me know)\b/i

/**
 * Why a sentence may not be said; null when the reads that its marks name bear out all that it claims. Everything that is no joining word is a
 * claim: the words of a clause must stand in one sentence of a read (by their stems), which may not be turned round; a figure must be a field
 * of each read next to whose name it stands, or be in a clause of its text that has the same unit and the words beside it; and what is said
 * of stock and of orders must be so.
 */
export function findUnsupported(sentence: string, told: Told): string | null {
  if (fixedSentences.has(sentence.replace(/^- /, ''))) return null
  if (sentence.toLowerCase().includes(canary)) return 'the instructions'
  const supports = told.reads.map((read) => supportOf(read, told.deed))
  const segments = segmentsOf(sentence, supports)
  if (segments === null) return 'a mark of nothing that was read'
  const bare = withoutNames(sentence.replaceAll(/\[\d{1,3}\]/g, ' '), supports)
  if (!isPlain(bare)) return 'a form that is no plain text'
  if (segments.every(({ text, cited }) => isQuote(text, cited))) return null
  if (bareAnswer.test(sentence.replace(/^- /, '')) || (told.deed === null && firstPerson.test(sentence)))
    return 'a bare answer or a deed'
  if (!segments.some(({ text, cited }) => cited.length > 0 && saysAnything(text))) {
    const isLead = segments.every(({ text }) => !saysAnything(text)) && leads.test(sentence)
    return isLead ? null : 'nothing cited'
  }
  for (const segment of segments) {
    const why = judge(segment, told, supports)
    if (why !== null) return why
  }
  return null
}

function judge(segment: Segment, told: Told, supports: readonly Support[]): string | null {
  const { text, cited } = segment
  if (isQuote(text, cited)) return null
  if (/\bseller writes:/i.test(text)) return 'not what the seller writes'
  if (cited.length === 0) return saysAnything(text) ? 'nothing cited' : null
  const others = supports.filter((support) => support.read.kind === 'product' && !cited.includes(support))
  if (namedIn(withoutNames(text, cited), others).length > 0) return 'another product than is cited'
  const rest = withoutSuperlative(segment, told)
  if (rest === null) return 'not the one that costs least or most'
  for (const part of partsOf({ text: rest, cited })) {
    const figure = findWrongFigure(part, told.deed)
    if (figure !== null) return `the figure ${figure}`
    const state = findWrongState(part)
    if (state !== null) return `the state ${state}`
    const words = findUnknownWords(part)
    if (words !== null) return `the words ${words}`
  }
  return null
}

/** A segment by the products that it speaks of in turn: each part is about those alone, and about what else is cited. */
function partsOf({ text, cited }: Segment): Segment[] {
  const names = namedIn(text, cited).filter(({ support }) => support.read.kind === 'product')
  const subjects = subjectsOf(text, names)
  if (subjects.length === 0) return [{ text, cited }]
  const others = cited.filter(({ read }) => read.kind !== 'product')
  return subjects.map((subject, at) => ({
    text: text.slice(at === 0 ? 0 : subject.at, subjects[at + 1]?.at ?? text.length),
    cited: [...new Set(subject.names.map(({ support }) => support)), ...others],
  }))
}

/** The words of the first clause that stand in no one sentence, with the same sense, of each read that it is about. */
function findUnknownWords({ text, cited }: Segment): string | null {
  for (const { content, isNegated } of clausesOf(withoutNames(text, cited))) {
    const isBorne = aboutEach(cited).every((supports) => {
      const isKnown = ({ fields, named }: Support, stem: string) => fields.has(stem) || (!isNegated && named.has(stem))
      const left = [...content].filter((stem) => !supports.some((support) => isKnown(support, stem)))
      const has = (quote: Quote) => quote.isNegated === isNegated && left.every((stem) => quote.content.has(stem))
      return left.length === 0 || supports.some(({ quotes }) => quotes.some(has))
    })
    if (!isBorne) return [...content].join(' ')
  }
  return null
}

const superlatives = [
  { words: /\b(?:cheapest|least expensive|lowest[- ]priced|most affordable|lowest price)\b/i, best: Math.min },
  { words: /\b(?:most expensive|priciest|highest[- ]priced|highest price|costliest)\b/i, best: Math.max },
]

/** The text without what it rightly says of a price among all that were read; null when it is wrong or cannot be told. */
function withoutSuperlative({ text, cited }: Segment, { reads, question }: Told): string | null {
  const all = reads.filter(isProduct)
  for (const { words, best } of superlatives) {
    if (!words.test(text)) continue
    if (question !== undefined && all.some((read) => !fitsAll(read, question))) return null
    const [one, ...more] = cited.map(({ read }) => read).filter(isProduct)
    if (!one || more.length > 0 || all.some(({ unitPrice }) => unitPrice.currency !== one.unitPrice.currency)) return null
    if (one.unitPrice.amount !== best(...all.map(({ unitPrice }) => unitPrice.amount))) return null
    return text.replace(words, ' ')
  }
  return text
}

/** Text between marks goes with the marks after it; what follows the last goes with those. null when a mark names no read. */
function segmentsOf(sentence: string, supports: readonly Support[]): Segment[] | null {
  const parts = sentence.replace(/^- /, '').split(marks)
  const segments: Segment[] = []
  for (let at = 0; at < parts.length; at += 2) {
    const text = parts[at] ?? ''
    const numbers = [...(parts[at + 1] ?? '').matchAll(/\d+/g)].map(Number)
    const cited = numbers.flatMap((n) => supports.filter(({ read }) => read.n === n))
    if (cited.length !== numbers.length) return null
    if (/[\p{L}\p{N}]/u.test(text)) segments.push({ text, cited: numbers.length > 0 ? cited : (segments.at(-1)?.cited ?? []) })
    else if (numbers.length > 0 && segments.length > 0) segments.at(-1)?.cited.push(...cited)
  }
  return segments
}

const isQuote = (text: string, cited: readonly Support[]): boolean =>
  cited.some(({ read, quotes }) =>
    quotes.some((quote) => isSame(quote.text, text) || (isProduct(read) && isSame(sellersWords(quote.text), text))),
  )
const isSame = (quote: string, text: string): boolean => plain(quote) === plain(text)
const plain = (text: string): string => text.replace(/[.!?…\s]+$/, '').trim()
