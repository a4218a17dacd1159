import type { Deed, Read } from '../context/context-item'
import { carrierOf, isProduct, itemName, nameOf, quotesOf, trackingOf } from '../context/labels'
import { quotableTitle } from '../context/sanitize'
import { isNegated } from '../text/stopwords'
import { contentOf } from '../text/tokens'
import { type Day, type Figure, figuresIn } from './figures'

/** A sentence of somebody's text that may be repeated, and what it tells, all in all and clause by clause. */
export type Quote = { text: string; content: Set<string>; isNegated: boolean; clauses: Clause[] }
/** A part of a sentence that says one thing: `from` and `to` are where it stands. */
export type Clause = { from: number; to: number; content: Set<string>; isNegated: boolean; figures: Figure[] }

/** What a read bears out: the words that may be said of it, and its own sentences. */
export type Support = {
  read: Read
  /** Names in it, of products and items: what is said next to one is about it. */
  names: string[]
  /** Its codes, such as an order's number: they are no figures and no words. */
  literals: string[]
  /** Stems that stand for its fields; what is denied of those is judged by the fields themselves. */
  fields: Set<string>
  /** Stems of its names and headings, of which nothing can be denied. */
  named: Set<string>
  quotes: Quote[]
}

/** What a sentence says up to some marks, and the reads that these name. */
export type Segment = { text: string; cited: Support[] }

/** What each kind has besides names and text: whether they are rightly said is judged by the fields themselves. */
const fields = {
  product: contentOf('price priced cost costs stock available left remaining piece unit sold out few only low about category'),
  article: new Set<string>(),
  order: contentOf(
    'order number placed paid pending shipped sent dispatched way delivered arrived canceled cancelled refunded failed parcel package tracking carrier status total all bought piece',
  ),
  cart: contentOf('cart hold holds empty subtotal total price each all piece sold out gone sale few left'),
} as const

/** Fields of a deed: what is proposed or was done with a product or a cart. */
const deedFields = contentOf('add added cart confirm total')

export function supportOf(read: Read, deed: Deed | null): Support {
  const names = namesIn(read)
  const named = contentOf([...names, ...labelsOf(read)].join(' '))
  const done = deed && 'proposal' in deed && deed.proposal && read.kind !== 'order' && read.kind !== 'article' ? deedFields : []
  return {
    read,
    names: [...names].sort((a, b) => b.length - a.length),
    literals: literalsOf(read),
    fields: new Set([...fields[read.kind], ...done]),
    named,
    quotes: quotesOf(read).map((text) => ({
      text,
      content: contentOf(figuresIn(text).words),
      isNegated: isNegated(text),
      clauses: clausesOf(text),
    })),
  }
}

const joint = /[,;:()]|\b(?:and|or|but|while|with)\b/gi

/** The clauses of a text. What joins them is looked for beside figures, whose commas are their own. */
export function clausesOf(text: string): Clause[] {
  const { figures, words } = figuresIn(text)
  const ends = [...[...words.matchAll(joint)].map(({ index }) => index), text.length]
  return ends.map((to, at) => {
    const from = ends[at - 1] ?? 0
    const own = figures.filter((figure) => figure.at >= from && figure.at < to)
    return { from, to, content: contentOf(words.slice(from, to)), isNegated: isNegated(words.slice(from, to)), figures: own }
  })
}

/** Whether a text tells of anything. */
export const saysAnything = (text: string): boolean => contentOf(text).size > 0 || figuresIn(text).figures.length > 0

function namesIn(read: Read): string[] {
  if (isProduct(read)) return [nameOf(read)]
  if (read.kind === 'order') return read.order.items.map(({ title }) => itemName(title))
  return read.kind === 'cart' ? read.cart.items.map(({ title }) => itemName(title)) : []
}

function labelsOf(read: Read): string[] {
  if (read.kind === 'product') return [quotableTitle(read.category, '')]
  if (read.kind === 'article') return [quotableTitle(read.title, ''), quotableTitle(read.section, '')]
  return read.kind === 'order' ? read.order.parcels.map((parcel) => carrierOf(parcel) ?? '') : []
}

const literalsOf = (read: Read): string[] =>
  read.kind === 'order'
    ? [read.order.number, ...read.order.parcels.flatMap((parcel) => [trackingOf(parcel) ?? '', carrierOf(parcel) ?? ''])].filter(
        Boolean,
      )
    : []

/** The days an order tells of, by what happened on them. */
export function daysOf({ order }: Extract<Read, { kind: 'order' }>): Record<'placed' | 'shipped' | 'delivered', Day[]> {
  const shipped = order.parcels.flatMap(({ shippedAt }) => (shippedAt === null ? [] : [dayOf(shippedAt)]))
  const delivered = order.parcels.flatMap(({ deliveredAt }) => (deliveredAt === null ? [] : [dayOf(deliveredAt)]))
  return { placed: [dayOf(order.placedAt)], shipped, delivered }
}

function dayOf(instant: number): Day {
  const date = new Date(instant)
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
}

/** A name of a read where it stands in a text. */
export type Named = { at: number; end: number; name: string; support: Support }

/** Every name of the reads in a text, in the order in which they stand there; a longer one hides those within it. */
export function namedIn(text: string, supports: readonly Support[]): Named[] {
  const found: Named[] = []
  const all = supports.flatMap((support) => support.names.map((name) => ({ name, support })))
  for (const { name, support } of all.sort((a, b) => b.name.length - a.name.length)) {
    for (const {
      index,
      0: { length },
    } of text.matchAll(wholly(name))) {
      const isWithin = found.some(
        ({ at, end, name: longer }) => index >= at && index + length <= end && longer.length > name.length,
      )
      if (!isWithin) found.push({ at: index, end: index + length, name, support })
    }
  }
  return found.sort((a, b) => a.at - b.at)
}

/** Names that stand together, nothing being said between them: what is said next is said of all. */
export type Subject = { at: number; names: Named[] }

/** What a text speaks of in turn. Names after which nothing is said go with those before: `..., as does the lamp`. */
export function subjectsOf(text: string, names: readonly Named[]): Subject[] {
  const subjects: Subject[] = []
  let end = 0
  for (const named of names) {
    const last = subjects.at(-1)
    if (last && !saysAnything(text.slice(end, named.at))) last.names.push(named)
    else subjects.push({ at: named.at, names: [named] })
    end = named.end
  }
  const [before, last] = subjects.slice(-2)
  // `and 1 × Bar stool` says how many.
  if (!before || !last || saysAnything(text.slice(end)) || /[×x]\s*$/.test(text.slice(0, last.at))) return subjects
  return [...subjects.slice(0, -2), { at: before.at, names: [...before.names, ...last.names] }]
}

/** With blanks where names and codes of the reads stand: all else keeps its place. */
export function withoutNames(text: string, supports: readonly Support[]): string {
  const all = supports.flatMap(({ names, literals }) => [...names, ...literals]).sort((a, b) => b.length - a.length)
  return all.reduce((left, name) => left.replaceAll(wholly(name), (found) => ' '.repeat(found.length)), text)
}

const wholly = (name: string): RegExp =>
  new RegExp(`(?<![\\p{L}\\p{N}])${name.replaceAll(/[$.*+?^()|[\]{}\\/]/g, '\\$&')}(?![\\p{L}\\p{N}])`, 'giu')
