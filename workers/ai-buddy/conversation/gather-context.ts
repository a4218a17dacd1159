import type { CartApi } from '../../../shared/contracts/cart'
import type { Instant, UserId } from '../../../shared/contracts/ids'
import type { OrderApi } from '../../../shared/contracts/order'
import type { ShownProduct } from '../context/answer-types'
import type { CartAction, Context, ProductContext } from '../context/context-item'
import {
  articlesOf,
  type Candidate,
  type Catalogue,
  type Choice,
  maxProducts,
  productIdsOf,
  readCart,
  readOrders,
  readProducts,
  titleOf,
} from '../context/tools'
import type { Passage, SearchFilters } from '../search/passage'
import type { Retrieval } from '../search/retrieval'
import { extremeAsked, fitsAll } from '../text/price-extremes'
import { priceIntentOf } from '../text/price-range'
import { plain, shared, termsOf } from '../text/tokens'
import { propose } from './cart-proposal'
import type { Turn } from './conversation'
import type { ParsedIntent } from './intent'

type Needs = Catalogue & {
  retrieval: Pick<Retrieval, 'search'>
  order: Pick<OrderApi, 'ofBuyer'>
  cart: Pick<CartApi, 'snapshot'>
  now(): Instant
}

/** What a message asks, and the products shown before that it may refer to. */
export type Question = {
  userId: UserId
  message: string
  intent: ParsedIntent
  filters: SearchFilters
  shown: readonly ShownProduct[]
  /** Category to weight. */
  interests: Record<string, number>
}

/** What was found and read for a question, and what is proposed in answer to it. */
export type GatheredContext = { found: Passage[]; items: Context[]; cartAction: CartAction | null }

const gathered = (items: Context[], found: Passage[] = []): GatheredContext => ({ found, items, cartAction: null })

/** How many passages are searched for. */
const searched = 12
const maxArticles = 3

/** How many turns ago an answer may have shown the products that a question refers to. */
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
export async function gatherContext(needs: Needs, question: Question): Promise<GatheredContext> {
  const { intent, userId } = question
  switch (intent.intent) {
    case 'see_orders': {
      const orders = await readOrders(needs, userId, intent.orderNumber)
      return gathered(orders.map((order) => ({ kind: 'order', order })))
    }
    case 'see_cart':
      return gathered([{ kind: 'cart', cart: await readCart(needs, userId) }])
    case 'ask_support': {
      const found = await find(needs, question, { kinds: ['article'] })
      return gathered(articlesOf(found, maxArticles), found)
    }
    case 'find_products':
      return findProducts(needs, question)
    case 'ask_product':
      return askProduct(needs, question)
    case 'add_to_cart':
      return addToCart(needs, question)
    case 'other':
      return answerOther(needs, question)
    case 'confirm':
    case 'decline':
    case 'greet':
      return gathered([])
    default:
      return intent.intent satisfies never
  }
}

/** `Do you have ...` may be meant of goods or of rules: without a word on prices, what fits best says which. */
async function findProducts(needs: Needs, question: Question): Promise<GatheredContext> {
  const filters = narrowed(question)
  const { message } = question
  const { cheapest, dearest } = priceIntentOf(plain(message))
  const isOfGoods = cheapest || dearest || Object.keys(filters).length > 0
  const found = await find(needs, question, isOfGoods ? { ...filters, kinds: ['product'] } : {})
  if (found[0]?.kind === 'article') return gathered(articlesOf(found, maxArticles), found)
  const choose = (candidates: readonly Candidate[]) => extremesOf(candidates, message, dearest ? -1 : 1)
  const choice = { of: productIdsOf(found), each: 1, filters, ...(cheapest || dearest ? { choose } : {}) }
  return gathered(await productsOf(needs, question, choice), found)
}

/** Those that are all that was asked for, by their prices; where none is, what fits best comes first and no price decides. */
function extremesOf(candidates: readonly Candidate[], message: string, sign: 1 | -1): readonly Candidate[] {
  const fitting = candidates.filter((each) => fitsAll({ title: titleOf(each), category: each.known.category }, message))
  return fitting.length === 0
    ? candidates
    : fitting.sort((a, b) => sign * (a.variant.unitPrice.amount - b.variant.unitPrice.amount))
}

async function askProduct(needs: Needs, question: Question): Promise<GatheredContext> {
  const referred = referredTo(question)
  if (referred.length > 0) return gathered(await productsOf(needs, question, { of: variantsOf(referred), each: 1 }))
  const found = await find(needs, question, {})
  let isNamed = false
  const choose = (candidates: readonly Candidate[]) => {
    const named = namedIn(candidates, question.message)
    isNamed = named.length > 0
    return isNamed ? named : candidates.slice(0, maxArticles)
  }
  const products = await productsOf(needs, question, { of: productIdsOf(found), each: maxProducts, choose })
  return gathered([...products, ...(isNamed ? [] : articlesOf(found.slice(0, maxArticles), 1))], found)
}

/**
 * What a question that names a product is about: the variants of that product alone, or, where sellers call theirs the same, one of each of
 * up to three sellers. Neither the newest seller nor the one with most of them comes first: what can be bought does, then what costs less.
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

/** A question of neither goods nor rules, as far as the words tell, is answered from what fits best, if that has a word in common. */
async function answerOther(needs: Needs, question: Question): Promise<GatheredContext> {
  if (extremeAsked(question.message) !== null) return findProducts(needs, question)
  const found = await find(needs, question, {})
  const [best] = found
  const terms = termsOf(question.message)
  if (!best || shared(terms, termsOf(`${best.title} ${best.section ?? ''} ${best.text}`)) === 0) return gathered([], found)
  if (best.kind === 'article') return gathered(articlesOf(found, maxArticles), found)
  return gathered(await productsOf(needs, question, { of: productIdsOf(found).slice(0, maxProducts), each: 1 }), found)
}

async function addToCart(needs: Needs, question: Question): Promise<GatheredContext> {
  const { intent, shown } = question
  const referred = referredTo(question)
  if (referred.length > 0 || termsOf(intent.about).size === 0) {
    const products = await productsOf(needs, question, { of: variantsOf(referred.length > 0 ? referred : shown), each: 1 })
    return offer(needs, question, [], products)
  }
  const found = await find(needs, question, { kinds: ['product'] })
  const products = await productsOf(needs, question, { of: productIdsOf(found).slice(0, maxProducts), each: maxProducts })
  const wanted = termsOf(intent.about)
  const overlaps = products.map(({ title }) => shared(wanted, termsOf(title)))
  const most = Math.max(0, ...overlaps)
  // What has less than half of the words is only something like it.
  const meant = most * 2 >= wanted.size ? products.filter((_product, at) => overlaps[at] === most) : products
  return offer(needs, question, found, meant, most * 2 >= wanted.size)
}

/** Proposes what is meant when it is one thing; else the answer asks which. */
function offer(
  { now }: Needs,
  { intent }: Question,
  found: Passage[],
  products: ProductContext[],
  isSure = true,
): GatheredContext {
  const [product] = products
  if (!product || products.length > 1 || !isSure) return gathered(products, found)
  const { cartAction, items } = propose(product, intent.quantity, now())
  return { found, items, cartAction }
}

const find = ({ retrieval }: Needs, { message, intent, filters, interests }: Question, more: SearchFilters): Promise<Passage[]> =>
  retrieval.search(intent.intent === 'ask_support' ? message : intent.about, { ...filters, ...more }, searched, interests)

const productsOf = (
  needs: Catalogue,
  { message, filters }: Question,
  choice: Pick<Choice, 'of' | 'each'> & Partial<Choice>,
): Promise<ProductContext[]> => readProducts(needs, { words: message, filters, ...choice })

/** What the request narrows, and what the words do where the request does not. */
function narrowed({ message, filters }: Question): SearchFilters {
  const words = plain(message)
  const { min, max, currency } = priceIntentOf(words, filters.currency)
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

/** Which of the products that were shown the words refer to; none when they speak of something else. */
function referredTo({ intent, shown, message }: Question): readonly ShownProduct[] {
  const { reference } = intent
  if (reference === null || shown.length === 0) return []
  if (typeof reference === 'number') return shown.slice(reference - 1, reference)
  if (reference === 'last') return shown.slice(-1)
  const said = termsOf(message)
  const named = shown.filter(({ title }) => shared(termsOf(title), said) > 0)
  return named.length > 0 ? named : shown
}

const variantsOf = (shown: readonly ShownProduct[]) => ({
  variantIds: shown.map(({ variantId }) => variantId),
  productIds: shown.map(({ productId }) => productId),
})
