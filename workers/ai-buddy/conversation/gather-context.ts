import type { UserId } from '../../../shared/contracts/ids'
import type { ShownProduct } from '../context/answer-types'
import type { Deed, ProductRead, Read } from '../context/context-item'
import {
  articlesOf,
  type Candidate,
  type Choice,
  maxProducts,
  productIdsOf,
  readCart,
  readOrders,
  readProducts,
  titleOf,
} from '../context/tools'
import type { Deps } from '../deps'
import type { Passage, SearchFilters } from '../search/passage'
import { extremeAsked, fitsAll } from '../text/price-extremes'
import { priceWishOf } from '../text/price-range'
import { plain, shared, termsOf } from '../text/tokens'
import { propose } from './cart-proposal'
import type { Turn } from './conversation'
import type { Wish } from './intent'

/** What a message asks, and of what was shown before it may speak. */
export type Question = {
  userId: UserId
  message: string
  wish: Wish
  filters: SearchFilters
  shown: readonly ShownProduct[]
  /** Category to weight. */
  interests: Record<string, number>
}

/** What was found and read for a question; `n` is given by their order. */
export type Readings = { found: Passage[]; reads: Unnumbered[]; deed: Deed | null }
type Unnumbered = { [K in Read['kind']]: Omit<Extract<Read, { kind: K }>, 'n'> }[Read['kind']]

/** How many passages are looked for. */
const searched = 12
const maxArticles = 3

/** How far an answer that showed products may lie back to be spoken of, in turns. */
const memory = 3

/** The products that were shown last. */
export const shownLast = (turns: readonly Turn[]): readonly ShownProduct[] =>
  turns
    .slice(-memory)
    .map(({ answer }) => answer.products)
    .findLast((products) => products.length > 0) ?? []

/**
 * Reads, as the user who asks, what an answer needs. What is read decides nothing: which tools are called follows from the user's words,
 * and whose orders and cart are read from who is signed in.
 */
export async function readFor(deps: Deps, question: Question): Promise<Readings> {
  const { wish, userId } = question
  switch (wish.intent) {
    case 'see_orders': {
      const orders = await readOrders(deps, userId, wish.orderNumber)
      return { found: [], reads: orders.map((order) => ({ kind: 'order', order })), deed: null }
    }
    case 'see_cart':
      return { found: [], reads: [{ kind: 'cart', cart: await readCart(deps, userId) }], deed: null }
    case 'ask_support': {
      const found = await find(deps, question, { kinds: ['article'] })
      return { found, reads: articlesOf(found, maxArticles), deed: null }
    }
    case 'find_products':
      return findProducts(deps, question)
    case 'ask_product':
      return askProduct(deps, question)
    case 'add_to_cart':
      return addToCart(deps, question)
    case 'other':
      return answerOther(deps, question)
    case 'confirm':
    case 'decline':
    case 'greet':
      return { found: [], reads: [], deed: null }
    default:
      return wish.intent satisfies never
  }
}

/** `Do you have ...` may be meant of goods or of rules: without a word on prices, what fits best says which. */
async function findProducts(deps: Deps, question: Question): Promise<Readings> {
  const filters = narrowed(question)
  const { message } = question
  const { cheapest, dearest } = priceWishOf(plain(message))
  const isOfGoods = cheapest || dearest || Object.keys(filters).length > 0
  const found = await find(deps, question, isOfGoods ? { ...filters, kinds: ['product'] } : {})
  if (found[0]?.kind === 'article') return { found, reads: articlesOf(found, maxArticles), deed: null }
  const choose = (candidates: readonly Candidate[]) => extremesOf(candidates, message, dearest ? -1 : 1)
  const choice = { of: productIdsOf(found), each: 1, filters, ...(cheapest || dearest ? { choose } : {}) }
  return { found, reads: await productsOf(deps, question, choice), deed: null }
}

/** Those that are all that was asked for, by their prices; where none is, what fits best comes first and no price decides. */
function extremesOf(candidates: readonly Candidate[], message: string, sign: 1 | -1): readonly Candidate[] {
  const fitting = candidates.filter((each) => fitsAll({ title: titleOf(each), category: each.known.category }, message))
  return fitting.length === 0
    ? candidates
    : fitting.sort((a, b) => sign * (a.variant.unitPrice.amount - b.variant.unitPrice.amount))
}

async function askProduct(deps: Deps, question: Question): Promise<Readings> {
  const pointed = pointedAt(question)
  if (pointed.length > 0)
    return { found: [], reads: await productsOf(deps, question, { of: variantsOf(pointed), each: 1 }), deed: null }
  const found = await find(deps, question, {})
  let isNamed = false
  const choose = (candidates: readonly Candidate[]) => {
    const named = namedIn(candidates, question.message)
    isNamed = named.length > 0
    return isNamed ? named : candidates.slice(0, maxArticles)
  }
  const reads = await productsOf(deps, question, { of: productIdsOf(found), each: maxProducts, choose })
  return { found, reads: [...reads, ...(isNamed ? [] : articlesOf(found.slice(0, maxArticles), 1))], deed: null }
}

/**
 * What somebody who names a product asks of: the variants of that product alone, or, where sellers call theirs the same, one of each of up
 * to three sellers. Neither who came last nor who has most of them is told of first: what can be bought comes first, then what costs less.
 */
function namedIn(candidates: readonly Candidate[], message: string): readonly Candidate[] {
  const said = termsOf(message)
  const fits = candidates.map((candidate) => {
    const terms = termsOf(candidate.known.title)
    const fit = shared(terms, said)
    return { candidate, fit, unsaid: terms.size - fit, isNamed: fit > 0 && fit >= Math.min(2, terms.size) }
  })
  const [best] = fits.filter(({ isNamed }) => isNamed).sort((a, b) => b.fit - a.fit || a.unsaid - b.unsaid)
  if (!best) return []
  const equal = fits.filter(({ fit, unsaid }) => fit === best.fit && unsaid === best.unsaid).map(({ candidate }) => candidate)
  if (new Set(equal.map(({ known }) => known.productId)).size === 1) return equal
  const fair = [...equal].sort(
    (a, b) =>
      Number(b.level.available > 0) - Number(a.level.available > 0) ||
      a.variant.unitPrice.amount - b.variant.unitPrice.amount ||
      (a.known.productId < b.known.productId ? -1 : 1),
  )
  const isFirstOfSeller = ({ known }: Candidate, at: number) =>
    fair.findIndex((each) => each.known.sellerId === known.sellerId) === at
  return fair.filter(isFirstOfSeller).slice(0, maxArticles)
}

/** What is asked of neither goods nor rules, as far as the words tell, is answered from what fits best, if that has a word in common. */
async function answerOther(deps: Deps, question: Question): Promise<Readings> {
  if (extremeAsked(question.message) !== null) return findProducts(deps, question)
  const found = await find(deps, question, {})
  const [best] = found
  const terms = termsOf(question.message)
  if (!best || shared(terms, termsOf(`${best.title} ${best.section ?? ''} ${best.text}`)) === 0)
    return { found, reads: [], deed: null }
  if (best.kind === 'article') return { found, reads: articlesOf(found, maxArticles), deed: null }
  return {
    found,
    reads: await productsOf(deps, question, { of: productIdsOf(found).slice(0, maxProducts), each: 1 }),
    deed: null,
  }
}

async function addToCart(deps: Deps, question: Question): Promise<Readings> {
  const { wish, shown } = question
  const pointed = pointedAt(question)
  if (pointed.length > 0 || termsOf(wish.about).size === 0) {
    const reads = await productsOf(deps, question, { of: variantsOf(pointed.length > 0 ? pointed : shown), each: 1 })
    return offer(deps, question, [], reads)
  }
  const found = await find(deps, question, { kinds: ['product'] })
  const reads = await productsOf(deps, question, { of: productIdsOf(found).slice(0, maxProducts), each: maxProducts })
  const wanted = termsOf(wish.about)
  const overlaps = reads.map((read) => shared(wanted, termsOf(read.title)))
  const most = Math.max(0, ...overlaps)
  // What has less than half of the words is only something like it.
  const meant = most * 2 >= wanted.size ? reads.filter((_read, at) => overlaps[at] === most) : reads
  return offer(deps, question, found, meant, most * 2 >= wanted.size)
}

/** Proposes what is meant when it is one thing; else the answer asks which. */
function offer({ now }: Deps, { wish }: Question, found: Passage[], reads: ProductRead[], isSure = true): Readings {
  const [read] = reads
  if (!read || reads.length > 1 || !isSure) return { found, reads, deed: null }
  const { deed, reads: kept } = propose(read, wish.quantity, now())
  return { found, reads: kept, deed }
}

const find = ({ retrieval }: Deps, { message, wish, filters, interests }: Question, more: SearchFilters): Promise<Passage[]> =>
  retrieval.search(wish.intent === 'ask_support' ? message : wish.about, { ...filters, ...more }, searched, interests)

const productsOf = (deps: Deps, { message, filters }: Question, choice: Pick<Choice, 'of' | 'each'> & Partial<Choice>) =>
  readProducts(deps, { words: message, filters, ...choice })

/** What the request narrows, and what the words do where the request does not. */
function narrowed({ message, filters }: Question): SearchFilters {
  const words = plain(message)
  const { min, max, currency } = priceWishOf(words, filters.currency)
  const minPrice = filters.minPrice ?? min ?? undefined
  const maxPrice = filters.maxPrice ?? max ?? undefined
  const isPriced = minPrice !== undefined || maxPrice !== undefined
  return {
    ...filters,
    ...(minPrice === undefined ? {} : { minPrice }),
    ...(maxPrice === undefined ? {} : { maxPrice }),
    ...(isPriced ? { currency: filters.currency ?? currency ?? 'USD' } : {}),
    ...(/\b(in stock|available now)\b/.test(words) ? { inStock: true } : {}),
  }
}

/** Which of the products that were shown the words speak of; none when they speak of something else. */
function pointedAt({ wish, shown, message }: Question): readonly ShownProduct[] {
  const { pointer } = wish
  if (pointer === null || shown.length === 0) return []
  if (typeof pointer === 'number') return shown.slice(pointer - 1, pointer)
  if (pointer === 'last') return shown.slice(-1)
  const said = termsOf(message)
  const named = shown.filter(({ title }) => shared(termsOf(title), said) > 0)
  return named.length > 0 ? named : shown
}

const variantsOf = (shown: readonly ShownProduct[]) => ({
  variantIds: shown.map(({ variantId }) => variantId),
  productIds: shown.map(({ productId }) => productId),
})
