import type { GenerationRequest } from '../context/answer-types'
import type { CartAction, ContextItem, ItemOf } from '../context/context-item'
import { isProduct, sentencesIn } from '../context/item-text'
import { extremeAsked, fitsAll } from '../text/price-extremes'
import { termsOf } from '../text/tokens'
import type { CopyKey } from './copy'
import { fieldsOf, type Plan, type PlanPart, say } from './plan'

type Request = Pick<GenerationRequest, 'question' | 'intent' | 'cartAction' | 'items'>

/** What an answer says where no model chooses. The same items always give the same plan. */
export function extractivePlan(request: Request): Plan {
  const { cartAction, intent, items } = request
  if (cartAction) return planCartAction(cartAction, items)
  switch (intent) {
    case 'greet':
      return say('greeting', 'abilities')
    case 'decline':
      return say('declined')
    case 'confirm':
      return say('nothingOpen')
    case 'find_products':
      return listProducts(request, 'found')
    case 'add_to_cart':
      return listProducts(request, 'which')
    case 'ask_product':
      return planAboutProducts(request)
    case 'see_orders': {
      const orders = items.filter(({ kind }) => kind === 'order')
      return orders.length === 0 ? say('noOrders', 'abilities') : orders.map(allFields)
    }
    case 'see_cart': {
      const cart = items.find(({ kind }) => kind === 'cart')
      return cart ? [allFields(cart)] : say('noCart')
    }
    case 'ask_support':
      return quoteArticle(request) ?? say('noArticle', 'abilities')
    case 'other':
      return quoteArticle(request) ?? (items.some(isProduct) ? listProducts(request, 'found') : say('unknown', 'abilities'))
  }
}

const allFields = ({ n, kind }: ContextItem): PlanPart => ({ type: 'fields', n, fields: fieldsOf[kind] })
const quote = ({ n }: ContextItem, sentences: readonly number[]): PlanPart[] =>
  sentences.length === 0 ? [] : [{ type: 'quote', n, sentences }]

function listProducts(request: Request, lead: CopyKey): Plan {
  const products = request.items.filter(isProduct)
  const [first] = products
  if (!first) return say('nothing', 'abilities')
  const best = bestSentences(request.question, first, 1)
  const quotes = products.length > 1 ? [] : quote(first, best.length > 0 ? best : [1])
  return [...say(lead), ...products.map(allFields), ...extremeOf(request), ...quotes]
}

/** Which product costs least or most, where the question asks for it, all of them are what it names, and their currency is one. */
export function extremeOf({ question, items }: Pick<Request, 'question' | 'items'>): PlanPart[] {
  const price = extremeAsked(question)
  const products = items.filter(isProduct)
  const [first] = products
  if (!first || products.length < 2 || price === null || products.some((product) => !fitsAll(product, question))) return []
  if (products.some(({ unitPrice }) => unitPrice.currency !== first.unitPrice.currency)) return []
  const sign = price === 'least' ? 1 : -1
  const { n } = products.reduce((a, b) => (sign * (b.unitPrice.amount - a.unitPrice.amount) < 0 ? b : a))
  return [{ type: 'extreme', n, price }]
}

/** Words of a question that price and stock answer. */
const factual = termsOf(
  'price prices priced cost costs cheap expensive stock available availability left many much sold buy order',
)

const namesOf = (item: ContextItem): Set<string> => termsOf(isProduct(item) ? item.title : '')

/** The numbers of the sentences that have most in common with a question, in their order; none where nothing is in common. */
function bestSentences(question: string, item: ContextItem, limit: number): number[] {
  const names = namesOf(item)
  const asked = [...termsOf(question)].filter((stem) => !names.has(stem))
  const shared = sentencesIn(item).map((sentence, at) => {
    const content = termsOf(sentence)
    return { number: at + 1, count: asked.filter((stem) => content.has(stem)).length }
  })
  const best = shared.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count || a.number - b.number)
  return best
    .slice(0, limit)
    .map(({ number }) => number)
    .sort((a, b) => a - b)
}

function planAboutProducts(request: Request): Plan {
  const { question, items } = request
  const products = items.filter(isProduct)
  const [first] = products
  if (!first) return quoteArticle(request) ?? say('nothing', 'abilities')
  // Of several products with one name each is quoted.
  const meant = products.filter(
    ({ productId, title }, at) => title === first.title && products.findIndex((each) => each.productId === productId) === at,
  )
  const quotes = meant.flatMap((product) => quote(product, bestSentences(question, product, meant.length === 1 ? 2 : 1)))
  const names = namesOf(first)
  const isOpen = [...termsOf(question)].some((stem) => !names.has(stem) && !factual.has(stem))
  const answer = quotes.length > 0 ? quotes : isOpen ? say('unanswered') : []
  return [...answer, ...products.map(allFields), ...extremeOf(request)]
}

/** Up to three sentences of the article that fits best; the items come best first. */
function quoteArticle({ question, items }: Request): Plan | undefined {
  const articles = items.filter(({ kind }) => kind === 'article')
  for (const article of articles) {
    const best = bestSentences(question, article, 3)
    if (best.length > 0) return quote(article, best)
  }
  const [first] = articles
  return first && quote(first, [1, 2])
}

const refusals: Partial<Record<string, CopyKey>> = {
  invalid_state: 'nothingOpen',
  expired: 'tooLate',
  not_found: 'gone',
  out_of_stock: 'outOfStock',
  currency_mismatch: 'otherCurrency',
  cart_full: 'full',
  validation_failed: 'howMany',
}

function planCartAction(action: CartAction, items: readonly ContextItem[]): Plan {
  switch (action.type) {
    case 'declined':
      return say('declined')
    case 'refused':
      return [...say(refusals[action.why] ?? 'refused'), ...items.filter(isProduct).map(allFields)]
    case 'proposed': {
      const { proposal } = action
      const product = items.find((item) => isProduct(item) && item.variantId === proposal.variantId)
      return [...(product ? [{ type: 'proposal' as const, n: product.n, proposal }] : say('propose')), ...say('confirm')]
    }
    case 'added': {
      const { proposal } = action
      const cart = items.find((item): item is ItemOf<'cart'> => item.kind === 'cart')
      if (!cart?.cart.items.some(({ variantId }) => variantId === proposal.variantId)) return say('added')
      return [
        { type: 'added', n: cart.n, proposal },
        { type: 'fields', n: cart.n, fields: ['total'] },
      ]
    }
  }
}
