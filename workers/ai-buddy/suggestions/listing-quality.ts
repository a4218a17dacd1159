import { stemmer } from 'stemmer'
import type { Described } from '../../../shared/contracts/product'
import { stemsOf, wordsOf } from '../text/tokens'
import { type Field, type Finding, type Flaw, fields, type Verdict } from './finding'

/** Characters below which a description is short, and above which a title is long; and how many tags are few. */
const shortDescription = 80
const longTitle = 120
const enoughTags = 3
/** Tags that a proposal comes to at most. */
const proposedTags = 5

type Page = Pick<Described, 'title' | 'description' | 'category' | 'tags' | 'images'>
type Proposal = Extract<Finding, { kind: 'listing' }>['proposal']

/** What is missing or weak in how a product is listed: one verdict per field. `vocabulary` are tags of other listings of its category. */
export function judgeListing(product: Described, vocabulary: readonly string[]): Verdict[] {
  return fields.map((field): Verdict => {
    const verdict = { kind: 'listing' as const, subject: `${product.productId}:${field}` }
    const flaw = flawOf(product, field)
    if (!flaw) return { ...verdict, basis: 'fine', finding: null }
    const present = [product[field]].flat()
    const finding = {
      kind: 'listing' as const,
      evidence: { field, flaw, present },
      proposal: proposalFor(product, field, vocabulary),
    }
    return { ...verdict, basis: JSON.stringify(present), finding }
  })
}

function flawOf({ title, description, tags, images }: Page, field: Field): Flaw | null {
  if (field === 'images') return images.length === 0 ? 'no_pictures' : null
  if (field === 'description') return [...description].length < shortDescription ? 'short_description' : null
  if (field === 'tags') return tags.length < enoughTags ? 'few_tags' : null
  return titleFlaw(title)
}

/** What makes a title weak; null of one that is not. Scripts that put no blanks between words have no title of one word. */
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

/** The tags there are and words of the page that others of its category have as tags, the most common first; null when they are too few. */
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

/** A title made of the one there is and of tags; null when that is no better. */
function titleFor({ title, tags }: Page): Proposal {
  const better = titleOf(title, tags)?.trim() ?? ''
  return /\p{L}/u.test(better) && titleFlaw(better) === null ? { title: better } : null
}

function titleOf(title: string, tags: readonly string[]): string | null {
  const flaw = titleFlaw(title)
  if (flaw === 'title_too_long') return shortened(title)
  if (flaw === 'title_in_capitals') return capitalised(title.split(' ').map(lowered).join(' '))
  const said = stemsOf(title)
  const [first, second] = tags.filter((tag) => !said.includes(stemOf(tag)))
  if (first === undefined) return null
  if (flaw === 'title_of_one_word') return `${capitalised(first)} ${title.toLowerCase()}`
  return second === undefined ? null : `${capitalised(first)} ${second}`
}

/** Up to the last word that fits, without what it would trail off with. */
const shortened = (title: string): string =>
  [...title]
    .slice(0, longTitle + 1)
    .join('')
    .replace(/\s*\S*$/u, '')
    .replace(/[\s,;:|/–—-]+$/u, '')

/** What has digits or nothing to sound it is no word but a sign: `2XL`, `TV`. */
const lowered = (word: string): string => (/\p{N}/u.test(word) || /^[B-DF-HJ-NP-TV-Z]+$/.test(word) ? word : word.toLowerCase())

function capitalised(text: string): string {
  const [first = '', ...rest] = [...text]
  return first.toUpperCase() + rest.join('')
}
