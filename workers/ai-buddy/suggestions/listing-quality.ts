import { stemmer } from 'stemmer'
import type { Described } from '../../../shared/contracts/product'
import { stemsOf, wordsOf } from '../text/tokens'
import { type Advice, type Field, type Finding, type Flaw, fields } from './finding'

/** A description with fewer characters is short, a title with more is long, and fewer tags are few. */
const shortDescription = 80
const longTitle = 120
const enoughTags = 3
/** The most tags of a proposal. */
const proposedTags = 5

type Page = Pick<Described, 'title' | 'description' | 'category' | 'tags' | 'images'>
type Proposal = Extract<Advice, { kind: 'listing' }>['proposal']

/** Finds what is missing or weak in a listing: one finding per field. `vocabulary` is the tags of other listings of its category. */
export function judgeListing(product: Described, vocabulary: readonly string[]): Finding[] {
  return fields.map((field): Finding => {
    const finding = { kind: 'listing' as const, subject: `${product.productId}:${field}` }
    const flaw = flawOf(product, field)
    if (!flaw) return { ...finding, basis: 'fine', advice: null }
    const present = [product[field]].flat()
    const advice = {
      kind: 'listing' as const,
      evidence: { field, flaw, present },
      proposal: proposalFor(product, field, vocabulary),
    }
    return { ...finding, basis: JSON.stringify(present), advice }
  })
}

function flawOf({ title, description, tags, images }: Page, field: Field): Flaw | null {
  if (field === 'images') return images.length === 0 ? 'no_pictures' : null
  if (field === 'description') return [...description].length < shortDescription ? 'short_description' : null
  if (field === 'tags') return tags.length < enoughTags ? 'few_tags' : null
  return titleFlaw(title)
}

/** What makes a title weak; null for a good one. A script without blanks between words has no title of one word. */
export function titleFlaw(title: string): Flaw | null {
  if ([...title].length > longTitle) return 'title_too_long'
  if (/^[\p{Lu}\p{N}._/#-]*\p{N}[\p{Lu}\p{N}._/#-]*$/u.test(title)) return 'title_like_a_sku'
  const letters = title.replace(/[^\p{L}]/gu, '')
  if (letters.length > 3 && letters === letters.toUpperCase() && letters !== letters.toLowerCase()) return 'title_in_capitals'
  return /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}'’-]+$/u.test(title) ? 'title_of_one_word' : null
}

function proposalFor(page: Page, field: Field, vocabulary: readonly string[]): Proposal {
  if (field === 'tags') return tagsFor(page, vocabulary)
  return field === 'title' ? titleFor(page) : null
}

/** The present tags, and words of the page that are tags in its category, the most common first; null when they are too few. */
function tagsFor({ title, description, tags }: Page, vocabulary: readonly string[]): Proposal {
  const known = new Set(tags.map(stemOf))
  const words = new Set(stemsOf(`${title} ${description}`))
  const common = new Map<string, { tag: string; count: number }>()
  for (const tag of vocabulary) {
    const stem = stemOf(tag)
    if (!words.has(stem) || known.has(stem)) continue
    const { tag: first = tag, count = 0 } = common.get(stem) ?? {}
    common.set(stem, { tag: first, count: count + 1 })
  }
  const added = [...common.values()].sort((a, b) => b.count - a.count || (a.tag < b.tag ? -1 : 1)).map(({ tag }) => tag)
  const proposed = [...tags, ...added].slice(0, proposedTags)
  return proposed.length >= enoughTags ? { tags: proposed } : null
}

const stemOf = (tag: string): string => stemmer(wordsOf(tag).join(' '))

/** A title made of the present one and the tags; null when it is weak too. */
function titleFor({ title, tags }: Page): Proposal {
  const better = titleOf(title, tags)?.trim() ?? ''
  return /\p{L}/u.test(better) && titleFlaw(better) === null ? { title: better } : null
}

function titleOf(title: string, tags: readonly string[]): string | null {
  const flaw = titleFlaw(title)
  if (flaw === 'title_too_long') return shortened(title)
  if (flaw === 'title_in_capitals') return capitalised(title.split(' ').map(lowered).join(' '))
  const present = stemsOf(title)
  const [first, second] = tags.filter((tag) => !present.includes(stemOf(tag)))
  if (first === undefined) return null
  if (flaw === 'title_of_one_word') return `${capitalised(first)} ${title.toLowerCase()}`
  return second === undefined ? null : `${capitalised(first)} ${second}`
}

/** Up to the last whole word that fits, without punctuation at its end. */
const shortened = (title: string): string =>
  [...title]
    .slice(0, longTitle + 1)
    .join('')
    .replace(/\s*\S*$/u, '')
    .replace(/[\s,;:|/–—-]+$/u, '')

/** A word with digits or without vowels is an abbreviation and stays in capitals: `2XL`, `TV`. */
const lowered = (word: string): string => (/\p{N}/u.test(word) || /^[B-DF-HJ-NP-TV-Z]+$/.test(word) ? word : word.toLowerCase())

function capitalised(text: string): string {
  const [first = '', ...rest] = [...text]
  return first.toUpperCase() + rest.join('')
}
