import type { Deed, Read } from '../context/context-item'
import { itemName } from '../context/labels'
import { isNegated } from '../text/stopwords'
import type { Day, Figure } from './figures'
import { figuresIn } from './figures'
import {
  clausesOf,
  daysOf,
  type Named,
  namedIn,
  type Segment,
  type Subject,
  type Support,
  subjectsOf,
  withoutNames,
} from './support'

type Kind<K extends Read['kind']> = Support & { read: Extract<Read, { kind: K }> }
/** `beside` are the words of the clause that a figure is in. */
type Place = {
  names: Named[]
  subjects: Subject[]
  beside: ReadonlySet<string>
  before: string
  after: string
  deed: Deed | null
}

const isOf =
  <K extends Read['kind']>(kind: K) =>
  (support: Support): support is Kind<K> =>
    support.read.kind === kind

/** The first figure of a segment that is no field of the read it stands next to, nor in its text with the same unit. */
export function findWrongFigure({ text, cited }: Segment, deed: Deed | null): string | null {
  const bare = withoutNames(text, cited)
  const isTurned = isNegated(bare)
  const names = namedIn(text, cited)
  const subjects = subjectsOf(text, names)
  const clauses = clausesOf(bare)
  for (const figure of figuresIn(bare).figures) {
    const beside = clauses.find(({ from, to }) => figure.at >= from && figure.at < to)?.content ?? new Set<string>()
    const place = { names, subjects, beside, before: figure.before, after: figure.after, deed }
    const isBorne = isTurned ? isInText(figure, cited, beside) : isTrue(figure, aboutEach(cited), place)
    if (!isBorne) return figure.text.trim()
  }
  return null
}

/** Each product must bear out what is said, or one of the reads of another kind. */
export function aboutEach(cited: readonly Support[]): Support[][] {
  const products = cited.filter(isOf('product'))
  const others = cited.filter((support) => support.read.kind !== 'product')
  return products.length > 0 ? products.map((support) => [support, ...others]) : [others]
}

/** What makes another figure of it: over, up to, off. */
const limits = /\b(over|up to|within|from|about|between|until|before|after|since|by|off)\s*$/i
const limitOf = ({ before, after }: Pick<Figure, 'before' | 'after'>): string =>
  /^\s*off\b/i.test(after) ? 'off' : (limits.exec(before)?.[1]?.toLowerCase() ?? '')

const isTrue = (figure: Figure, bound: Support[][], place: Place): boolean =>
  bound.every((supports) => supports.some((support) => isIn(figure, support, place)))

function isIn(figure: Figure, support: Support, place: Place): boolean {
  if (figure.kind === 'odd') return false
  // What a read has in its fields is so, no more and no less.
  if (limitOf(figure) !== '') return isInText(figure, [support], place.beside)
  if (isOf('product')(support)) return isOfProduct(figure, support, place)
  if (isOf('order')(support)) return isOfOrder(figure, support, place)
  if (isOf('cart')(support)) return isOfCart(figure, support, place) || isProposed(figure, place)
  return isInText(figure, [support], place.beside)
}

/** `12 left`, `(12 available)`: how many can be bought, never a number of the text. */
const counts =
  /^\s*(?:pieces?|units?|items?|of (?:it|them|these|those))?\s*(?:(?:are|is|currently|still|now)\s+)*(?:left|available|remaining|in stock|to (?:buy|go))\b/i
/** `12 pieces` may be either. */
const pieces = /^\s*(?:pieces?|units?)\b/i

function isOfProduct(figure: Figure, support: Kind<'product'>, place: Place): boolean {
  const { unitPrice, available, variantId } = support.read
  const isProposedHere = place.deed !== null && 'proposal' in place.deed && place.deed.proposal?.variantId === variantId
  if (isProposedHere && isProposed(figure, place)) return true
  if (figure.kind === 'money') return figure.money.amount === unitPrice.amount && figure.money.currency === unitPrice.currency
  if (figure.kind === 'number' && counts.test(place.after)) return available > 0 && figure.value === available
  if (figure.kind === 'number' && pieces.test(place.after) && available > 0 && figure.value === available) return true
  return isInText(figure, [support], place.beside)
}

function isProposed(figure: Figure, { deed, after }: Place): boolean {
  if (deed === null || deed.did === 'declined' || deed.proposal === null) return false
  const { quantity, unitPrice } = deed.proposal
  if (figure.kind === 'number') return figure.value === quantity && /^\s*[×x]/.test(after)
  if (figure.kind !== 'money' || figure.money.currency !== unitPrice.currency) return false
  return [unitPrice.amount, unitPrice.amount * quantity].includes(figure.money.amount)
}

const inAll = {
  before: /\b(?:total|subtotal|comes? to|in all)\W*(?:of|is)?\W*$/i,
  after: /^\W*(?:in all|in total|total|altogether)\b/i,
}

function isOfOrder(figure: Figure, { read: { order, ...read } }: Kind<'order'>, place: Place): boolean {
  const { before, after } = place
  if (figure.kind === 'money') {
    const items = namedBefore(figure.at, place)
    if (isSame(figure.money, order.grand) && (items.length === 0 || inAll.before.test(before) || inAll.after.test(after)))
      return true
    return areAll(items, (item) =>
      order.items.some(({ title, lineTotal }) => itemName(title) === item && isSame(figure.money, lineTotal)),
    )
  }
  if (figure.kind === 'day') return isDayOf(figure.day, daysOf({ ...read, order }), before)
  if (figure.kind !== 'number') return false
  const { value } = figure
  if (/\b(?:parcel|package)\s*$/i.test(before)) return value >= 1 && value <= order.parcels.length
  if (/^\s*(?:parcels?|packages?)\b/i.test(after) || /\b(?:parcel|package) \d+ of\s*$/i.test(before))
    return value === order.parcels.length
  if (/^\s*(?:items?|pieces?)\b/i.test(after)) return value === order.items.reduce((sum, { quantity }) => sum + quantity, 0)
  const item = nextNamed(figure, place)
  return order.items.some(({ title, quantity }) => itemName(title) === item && quantity === value)
}

function isOfCart(figure: Figure, { read: { cart } }: Kind<'cart'>, place: Place): boolean {
  if (figure.kind === 'money') {
    const items = namedBefore(figure.at, place)
    if (items.length === 0) return cart.subtotal !== null && isSame(figure.money, cart.subtotal)
    const isTotal = /\b(?:total|in all)\b/i.test(place.before) || inAll.after.test(place.after)
    return areAll(items, (item) => {
      const lines = cart.items.filter(({ title }) => itemName(title) === item)
      return lines.some(
        ({ unitPrice, lineTotal }) => isSame(figure.money, lineTotal) || (!isTotal && isSame(figure.money, unitPrice)),
      )
    })
  }
  if (figure.kind !== 'number') return false
  const { value } = figure
  if (/^\s*(?:pieces?|items?|things?)\b/i.test(place.after)) return value === cart.itemCount
  if (/^\s*(?:lines?|products?|kinds?|different)\b/i.test(place.after)) return value === cart.items.length
  const item = nextNamed(figure, place)
  return cart.items.some(({ title, quantity }) => itemName(title) === item && quantity === value)
}

/** A figure of a clause of the quoted text that has the words beside it, with a word in common close behind it, or with none in both. */
function isInText(figure: Figure, cited: readonly Support[], beside: ReadonlySet<string>): boolean {
  const told = cited.flatMap(({ quotes, fields, named, read }) =>
    quotes
      .flatMap(({ clauses }) => clauses)
      .filter(({ content }) =>
        [...beside].every((stem) => content.has(stem) || fields.has(stem) || (read.kind === 'product' && named.has(stem))),
      )
      .flatMap(({ figures }) => figures),
  )
  return told.some((known) => {
    if (limitOf(figure) !== limitOf(known)) return false
    if (figure.kind === 'money') return known.kind === 'money' && isSame(figure.money, known.money)
    if (figure.kind === 'day') return known.kind === 'day' && isSameDay(figure.day, known.day)
    if (figure.kind !== 'number' || known.kind !== 'number' || figure.value !== known.value) return false
    if (figure.unit.has('%') !== known.unit.has('%')) return false
    return figure.unit.size === 0 || known.unit.size === 0
      ? figure.unit.size === known.unit.size
      : [...figure.unit].some((word) => known.unit.has(word))
  })
}

const isSame = (a: { amount: number; currency: string }, b: { amount: number; currency: string }): boolean =>
  a.amount === b.amount && a.currency === b.currency

/** The names that stand last before a place, with nothing said between them. */
const namedBefore = (at: number, { subjects }: Place): string[] =>
  subjects.findLast((subject) => subject.at < at)?.names.map(({ name }) => name) ?? []
const areAll = (names: readonly string[], hold: (name: string) => boolean): boolean => names.length > 0 && names.every(hold)
/** The name right behind a figure: `2 × Walnut desk`. */
const nextNamed = ({ at, text }: Figure, { names, after }: Place): string | undefined =>
  names.find(
    (named) =>
      named.at >= at + text.length && /^\s*(?:[×x]|of|of the|of your)?\s*$/i.test(after.slice(0, named.at - at - text.length)),
  )?.name

const happened = {
  placed: /placed|ordered|bought/gi,
  shipped: /shipped|sent|dispatched/gi,
  delivered: /delivered|arrived/gi,
} as const

/** What happened on a day is what was named last before it; where nothing was, any day of the order will do. */
function isDayOf(day: Day, days: ReturnType<typeof daysOf>, before: string): boolean {
  const last = (Object.keys(happened) as (keyof typeof happened)[])
    .map((what) => ({ what, at: [...before.matchAll(happened[what])].at(-1)?.index ?? -1 }))
    .reduce((a, b) => (b.at > a.at ? b : a))
  const known = last.at < 0 ? Object.values(days).flat() : days[last.what]
  return known.some((other) => isSameDay(day, other))
}

const isSameDay = (a: Day, b: Day): boolean =>
  a.day === b.day && a.month === b.month && (a.year === b.year || a.year === null || b.year === null)
