import { multiply } from '../../../shared/contracts/money'
import type { ContextItem, ItemOf, ProductContext } from '../context/context-item'
import { longest, sentencesIn } from '../context/item-text'
import { quotation } from '../context/quotation'
import { wordDate, wordMoney } from '../text/money-format'
import { copy } from './copy'
import type { Field, Plan, PlanPart } from './plan'

/** A sentence and the item that it is from, if any. One that begins with a dash or a line break begins a line. */
export type Sentence = { text: string; n: number | null }

/** The most lines of an order that an answer names; the order's page has all of them. */
export const maxLines = 10

/**
 * The words of a plan: fixed copy, values of the items, and quotations of what people wrote, never anything else. Each sentence that
 * states something of an item ends in its mark. What a plan points at and the items lack is left out.
 */
export const render = (plan: Plan, items: readonly ContextItem[]): Sentence[] =>
  plan.flatMap((part): Sentence[] => {
    if (part.type === 'copy') return [{ text: copy[part.key], n: null }]
    const item = items.find(({ n }) => n === part.n)
    return item ? wordPart(part, item).map((text) => ({ text, n: item.n })) : []
  })

const named = (title: string): string => quotation(title, longest.title)

function wordPart(part: Exclude<PlanPart, { type: 'copy' }>, item: ContextItem): string[] {
  switch (part.type) {
    case 'fields':
      return wordFields(item, part.fields)
    case 'quote':
      return wordQuote(item, part.sentences)
    case 'extreme':
      if (item.kind !== 'product') return []
      return [
        `\nThe ${part.price === 'least' ? 'cheapest' : 'most expensive'} of these is ${named(item.title)} at ${wordMoney(item.unitPrice)} [${item.n}].`,
      ]
    case 'proposal': {
      const { quantity, title, unitPrice } = part.proposal
      const total = quantity === 1 ? '' : ` each (${wordMoney(multiply(unitPrice, quantity))})`
      return [`Shall I add ${quantity} × ${named(title)} at ${wordMoney(unitPrice)}${total} to your cart? [${item.n}]`]
    }
    case 'added':
      return [`I added ${part.proposal.quantity} × ${named(part.proposal.title)} to your cart [${item.n}].`]
  }
}

/** A page is its seller's, an article the marketplace's: both are quoted. */
function wordQuote(item: ContextItem, numbers: readonly number[]): string[] {
  const all = sentencesIn(item)
  const quotes = numbers.flatMap((number) => all[number - 1] ?? []).map((sentence) => quotation(sentence, longest.sentence))
  if (quotes.length === 0) return []
  const source = item.kind === 'article' ? `The article ${named(item.title)} says` : 'The seller writes'
  return [`${source}: ${quotes.join(' ')} [${item.n}]`]
}

function wordFields(item: ContextItem, fields: readonly Field[]): string[] {
  switch (item.kind) {
    case 'product': {
      const facts = fields.flatMap((field) => productFact(item, field))
      return facts.length === 0 ? [] : [`- ${named(item.title)}: ${facts.join(', ')} [${item.n}].`]
    }
    case 'order': {
      const facts = fields.flatMap((field) => orderFact(item, field))
      const head = facts.length === 0 ? [] : [`- Order ${item.order.number}: ${facts.join('; ')} [${item.n}].`]
      return [...head, ...(fields.includes('parcels') ? wordParcels(item) : [])]
    }
    case 'cart':
      return fields.flatMap((field) => wordCart(item, field))
    case 'article':
      return []
  }
}

function productFact({ unitPrice, availability, available }: ProductContext, field: Field): string[] {
  if (field === 'price') return [wordMoney(unitPrice)]
  if (field !== 'stock') return []
  if (availability === 'out' || available <= 0) return ['sold out']
  return [availability === 'low' ? `only ${available} left` : `in stock (${available} available)`]
}

function orderFact({ order }: ItemOf<'order'>, field: Field): string[] {
  switch (field) {
    case 'status':
      return [order.status]
    case 'date':
      return [`placed on ${wordDate(order.placedAt)}`]
    case 'items': {
      const lines = order.items.slice(0, maxLines).map(({ quantity, title }) => `${quantity} × ${named(title)}`)
      return order.items.length > maxLines ? [...lines, 'and other items'] : lines
    }
    case 'total':
      return [`${wordMoney(order.grand)} in all`]
    default:
      return []
  }
}

const wordParcels = ({ n, order }: ItemOf<'order'>): string[] =>
  order.parcels.flatMap(({ shippedAt, deliveredAt, carrier, trackingNumber }, at) => {
    if (shippedAt === null) return []
    const by = carrier === null ? '' : ` with ${named(carrier)}`
    const tracking = trackingNumber === null ? '' : `, tracking number ${named(trackingNumber)}`
    const delivered = deliveredAt === null ? '' : `, and delivered on ${wordDate(deliveredAt)}`
    return [`Parcel ${at + 1} of order ${order.number} was shipped on ${wordDate(shippedAt)}${by}${tracking}${delivered} [${n}].`]
  })

const lineStatus = { available: '', low: ', few left', out: ', sold out now', gone: ', gone from sale' } as const

function wordCart({ n, cart }: ItemOf<'cart'>, field: Field): string[] {
  if (field === 'items')
    return cart.items.map(
      ({ quantity, title, unitPrice, lineTotal, status }) =>
        `- ${quantity} × ${named(title)}: ${wordMoney(unitPrice)} each, ${wordMoney(lineTotal)} in all${lineStatus[status]} [${n}].`,
    )
  if (field !== 'total') return []
  if (cart.items.length === 0) return [`Your cart is empty [${n}].`]
  const pieces = `${cart.itemCount} ${cart.itemCount === 1 ? 'piece' : 'pieces'}`
  return [`Your cart holds ${pieces}${cart.subtotal ? `, ${wordMoney(cart.subtotal)} in all` : ''} [${n}].`]
}
