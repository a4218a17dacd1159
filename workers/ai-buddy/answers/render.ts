import { type Money, multiply } from '../../../shared/contracts/money'
import type { Brief } from '../context/answer-types'
import type { Deed, ProductRead, Proposal, Read } from '../context/context-item'
import { carrierOf, isProduct, itemName, nameOf, quotesOf, trackingOf } from '../context/labels'
import { sellersWords } from '../context/sanitize'
import { wordDate, wordMoney } from '../text/money-format'
import { extremeAsked, fitsAll } from '../text/price-extremes'
import { contentOf } from '../text/tokens'
import { phrases } from './copy'

type Numbered<K extends Read['kind']> = Extract<Read, { kind: K }>

/**
 * An answer made of what was read, without a model: sentences in their order, a line break before those that begin with a dash. The same
 * reads always give the same words; each sentence that tells a fact ends in the marks of the reads it is from.
 */
export function sentencesFrom(brief: Brief): string[] {
  const { deed, intent, reads } = brief
  if (deed) return wordDeed(deed, reads)
  switch (intent) {
    case 'greet':
      return [phrases.greeting, phrases.abilities]
    case 'decline':
      return [phrases.declined]
    case 'confirm':
      return [phrases.nothingOpen]
    case 'find_products':
      return wordProducts(brief, phrases.found)
    case 'add_to_cart':
      return wordProducts(brief, phrases.which)
    case 'ask_product':
      return wordAboutProducts(brief)
    case 'see_orders':
      return wordOrders(reads)
    case 'see_cart':
      return wordCart(reads)
    case 'ask_support':
      return wordArticles(brief) ?? [phrases.noArticle, phrases.abilities]
    case 'other':
      return (
        wordArticles(brief) ?? (reads.some(isProduct) ? wordProducts(brief, phrases.found) : [phrases.unknown, phrases.abilities])
      )
  }
}

const stockOf = ({ availability, available }: ProductRead): string => {
  if (availability === 'out' || available <= 0) return 'sold out'
  return availability === 'low' ? `only ${available} left` : `in stock (${available} available)`
}

const productLine = (read: ProductRead & { n: number }): string =>
  `- ${nameOf(read)}: ${wordMoney(read.unitPrice)}, ${stockOf(read)} [${read.n}].`

function wordProducts(brief: Brief, lead: string): string[] {
  const products = brief.reads.filter(isProduct)
  const [first] = products
  if (!first) return [phrases.nothing, phrases.abilities]
  const quote = products.length === 1 ? (bestQuotes(brief.question, first, 1)[0] ?? quotesOf(first)[0]) : undefined
  return [lead, ...products.map(productLine), ...extreme(brief.question, products), ...(quote ? [said(quote, first)] : [])]
}

/** Which one costs least or most, where that was asked, all of them are what was asked for, and it can be told. */
function extreme(question: string, products: Numbered<'product'>[]): string[] {
  const asked = extremeAsked(question)
  const [first] = products
  if (!first || products.length < 2 || asked === null || products.some((read) => !fitsAll(read, question))) return []
  if (products.some(({ unitPrice }) => unitPrice.currency !== first.unitPrice.currency)) return []
  const sign = asked === 'least' ? 1 : -1
  const one = products.reduce((a, b) => (sign * (b.unitPrice.amount - a.unitPrice.amount) < 0 ? b : a))
  return [
    `\nThe ${asked === 'least' ? 'cheapest' : 'most expensive'} of these is ${nameOf(one)} at ${wordMoney(one.unitPrice)} [${one.n}].`,
  ]
}

/** Articles are the marketplace's own words; a page is its seller's. */
const said = (quote: string, { n, kind }: Read): string => `${kind === 'product' ? sellersWords(quote) : quote} [${n}]`

/** Words of a question that price and stock answer. */
const facts = contentOf(
  'price prices priced cost costs cheap expensive stock available availability left many much sold buy order',
)

/** The sentences of a read that have most in common with a question, the best first; none where there is nothing in common. */
function bestQuotes(question: string, read: Read, limit: number): string[] {
  const named = contentOf(read.kind === 'product' ? nameOf(read) : '')
  const asked = [...contentOf(question)].filter((stem) => !named.has(stem))
  return quotesOf(read)
    .map((quote, at) => ({ quote, at, shared: overlap(asked, contentOf(quote)) }))
    .filter(({ shared }) => shared > 0)
    .sort((a, b) => b.shared - a.shared || a.at - b.at)
    .slice(0, limit)
    .map(({ quote }) => quote)
}

const overlap = (asked: readonly string[], told: ReadonlySet<string>): number => asked.filter((stem) => told.has(stem)).length

function wordAboutProducts(brief: Brief): string[] {
  const products = brief.reads.filter(isProduct)
  const [first] = products
  if (!first) return wordArticles(brief) ?? [phrases.nothing, phrases.abilities]
  // Of several with one name each has its say.
  const meant = products.filter(
    ({ productId, ...read }, at) =>
      nameOf(read) === nameOf(first) && products.findIndex((each) => each.productId === productId) === at,
  )
  const quotes = meant.flatMap((read) =>
    bestQuotes(brief.question, read, meant.length === 1 ? 2 : 1).map((quote) => said(quote, read)),
  )
  const named = contentOf(nameOf(first))
  const isOpen = [...contentOf(brief.question)].some((stem) => !named.has(stem) && !facts.has(stem))
  const answer = quotes.length > 0 ? quotes : isOpen ? [phrases.unanswered] : []
  return [...answer, ...products.map(productLine), ...extreme(brief.question, products)]
}

/** Up to three sentences of the article that fits best; the reads come best first. */
function wordArticles({ question, reads }: Brief): string[] | undefined {
  const articles = reads.filter((read) => read.kind === 'article')
  const best = articles
    .map((read) => ({ read, quotes: bestQuotes(question, read, 3) }))
    .reduce<{ read: Numbered<'article'>; quotes: string[] } | undefined>(
      (found, next) => (found && found.quotes.length > 0 ? found : next.quotes.length > 0 ? next : found),
      undefined,
    )
  const [first] = articles
  if (!first) return undefined
  const from = best?.read ?? first
  const all = quotesOf(from)
  const chosen = best?.quotes ?? all.slice(0, 2)
  if (chosen.length === 0) return undefined
  // In the order of the article, or one would speak of what the next begins with.
  return all.filter((quote) => chosen.includes(quote)).map((quote) => said(quote, from))
}

function wordOrders(reads: readonly Read[]): string[] {
  const orders = reads.filter((read) => read.kind === 'order')
  return orders.length === 0 ? [phrases.noOrders, phrases.abilities] : orders.flatMap(wordOrder)
}

/** The most lines of an order that are named; its page has all of them. */
const maxItems = 10

function wordOrder({ n, order }: Numbered<'order'>): string[] {
  const named = order.items.slice(0, maxItems).map(({ quantity, title }) => `${quantity} × ${itemName(title)}`)
  const items = [...named, ...(order.items.length > maxItems ? ['and other items'] : [])].join('; ')
  const head = `- Order ${order.number}, placed on ${wordDate(order.placedAt)}, is ${order.status}: ${items}; ${wordMoney(order.grand)} in all [${n}].`
  return [head, ...order.parcels.flatMap((parcel, at) => wordParcel(parcel, at + 1, n))]
}

function wordParcel(parcel: Numbered<'order'>['order']['parcels'][number], number: number, n: number): string[] {
  if (parcel.shippedAt === null) return []
  const carrier = carrierOf(parcel)
  const tracking = trackingOf(parcel)
  const by = `${carrier === null ? '' : ` with ${carrier}`}${tracking === null ? '' : `, tracking number ${tracking}`}`
  const delivered = parcel.deliveredAt === null ? '' : `, and delivered on ${wordDate(parcel.deliveredAt)}`
  return [`Parcel ${number} was shipped on ${wordDate(parcel.shippedAt)}${by}${delivered} [${n}].`]
}

const cartNotes = { available: '', low: ', few left', out: ', sold out now', gone: ', gone from sale' } as const

function wordCart(reads: readonly Read[]): string[] {
  const found = reads.find((read) => read.kind === 'cart')
  if (!found) return [phrases.noCart]
  const { cart, n } = found
  if (cart.items.length === 0) return [`Your cart is empty [${n}].`]
  const lines = cart.items.map(
    ({ quantity, title, unitPrice, lineTotal, status }) =>
      `- ${quantity} × ${itemName(title)}: ${wordMoney(unitPrice)} each, ${wordMoney(lineTotal)} in all${cartNotes[status]} [${n}].`,
  )
  return [cartTotal(found), ...lines]
}

const cartTotal = ({ cart, n }: Numbered<'cart'>): string => {
  const subtotal: Money | null = cart.subtotal
  return `Your cart holds ${cart.itemCount} ${cart.itemCount === 1 ? 'piece' : 'pieces'}${subtotal ? `, ${wordMoney(subtotal)} in all` : ''} [${n}].`
}

const refusals: Record<string, string> = {
  invalid_state: phrases.nothingOpen,
  expired: phrases.tooLate,
  not_found: phrases.gone,
  out_of_stock: phrases.outOfStock,
  currency_mismatch: phrases.otherCurrency,
  cart_full: phrases.full,
  validation_failed: phrases.howMany,
  unnamed: phrases.unnamed,
}

function wordDeed(deed: Deed, reads: readonly Read[]): string[] {
  switch (deed.did) {
    case 'declined':
      return [phrases.declined]
    case 'refused':
      return [refusals[deed.why] ?? phrases.refused, ...reads.filter(isProduct).map(productLine)]
    case 'proposed':
      return [wordProposal(deed.proposal, reads), phrases.confirm]
    case 'added': {
      const cart = reads.find((read) => read.kind === 'cart')
      const { quantity, title, variantId } = deed.proposal
      if (!cart?.cart.items.some((item) => item.variantId === variantId)) return [phrases.added]
      return [`I added ${quantity} × ${itemName(title)} to your cart [${cart.n}].`, cartTotal(cart)]
    }
  }
}

function wordProposal({ variantId, quantity, title, unitPrice }: Proposal, reads: readonly Read[]): string {
  const read = reads.filter(isProduct).find((product) => product.variantId === variantId)
  if (!read) return phrases.propose
  const total = quantity === 1 ? '' : ` each (${wordMoney(multiply(unitPrice, quantity))})`
  return `Shall I add ${quantity} × ${itemName(title)} at ${wordMoney(unitPrice)}${total} to your cart? [${read.n}]`
}
