import { copy } from '../answers/copy'
import type { ContextItem, Proposal } from '../context/context-item'
import { longest, sentencesIn } from '../context/item-text'
import { quotation } from '../context/quotation'
import { wordDate, wordMoney } from '../text/money-format'

/** A text without its quotations: what the assistant says in its own words. */
export const ownWordsOf = (text: string): string => text.replaceAll(/“[^”]*”/gu, '')

/** Words that join the values of items; the figures of orders and carts are values. */
const joining = new Set(
  `the seller writes article says sold out only left in stock available cheapest most expensive of these is at shall i add added each
  to your cart order placed on all and other items parcel was shipped with tracking number delivered few now gone from sale holds piece
  pieces empty pending paid failed canceled refunded`.split(/\s+/),
)
const copied = new Set<string>(Object.values(copy).map((text) => text.trim()))

const quotable = (item: ContextItem): string[] => {
  const texts = sentencesIn(item).map((sentence) => quotation(sentence, longest.sentence))
  const names = {
    product: () => (item.kind === 'product' ? [item.title] : []),
    article: () => (item.kind === 'article' ? [item.title] : []),
    order: () =>
      item.kind === 'order'
        ? [
            ...item.order.items.map(({ title }) => title),
            ...item.order.parcels.flatMap(({ carrier, trackingNumber }) => [carrier ?? '', trackingNumber ?? '']),
          ]
        : [],
    cart: () => (item.kind === 'cart' ? item.cart.items.map(({ title }) => title) : []),
  }[item.kind]()
  return [...texts, ...names.map((name) => quotation(name, longest.title))]
}

function valuesOf(item: ContextItem): string[] {
  switch (item.kind) {
    case 'product':
      return [wordMoney(item.unitPrice), String(item.available)]
    case 'article':
      return []
    case 'order': {
      const { number, grand, placedAt, items, parcels } = item.order
      const days = [placedAt, ...parcels.flatMap(({ shippedAt, deliveredAt }) => [shippedAt ?? [], deliveredAt ?? []].flat())]
      const counts = [...items.map(({ quantity }) => quantity), ...parcels.keys()].map((count) => String(count))
      return [number, wordMoney(grand), ...days.map(wordDate), ...counts, String(parcels.length)]
    }
    case 'cart': {
      const { subtotal, itemCount, items } = item.cart
      const prices = items.flatMap(({ unitPrice, lineTotal, quantity }) => [
        ...[wordMoney(unitPrice), wordMoney(lineTotal)],
        String(quantity),
      ])
      return [...(subtotal ? [wordMoney(subtotal)] : []), String(itemCount), ...prices]
    }
  }
}

const proposedValues = ({ quantity, unitPrice }: Proposal): string[] => [
  ...[String(quantity), wordMoney(unitPrice)],
  wordMoney({ ...unitPrice, amount: unitPrice.amount * quantity }),
]

/**
 * What a sentence has that is neither fixed copy, nor a value of the item that it cites, nor a quotation of it; null when it has nothing
 * of the kind.
 */
export function findUnread(sentence: string, items: readonly ContextItem[], proposal: Proposal | null = null): string | null {
  const text = sentence.trim()
  if (copied.has(text)) return null
  const [mark, ...more] = [...ownWordsOf(text).matchAll(/\[(\d+)\]/g)]
  const item = items.find(({ n }) => n === Number(mark?.[1]))
  if (!item || more.length > 0) return `${more.length + (mark ? 1 : 0)} marks`
  const known = new Set([...quotable(item), ...(proposal ? [quotation(proposal.title, longest.title)] : [])])
  const strange = (text.match(/“[^”]*”/gu) ?? []).find((found) => !known.has(found))
  if (strange !== undefined) return strange
  const values = [...valuesOf(item), ...(proposal ? proposedValues(proposal) : [])]
  const rest = values
    .sort((a, b) => b.length - a.length)
    .reduce((left, value) => left.replaceAll(value, ' '), ownWordsOf(text.replace(`[${item.n}]`, '')))
  return rest.match(/[\p{L}\p{N}\p{Sc}]+/gu)?.find((word) => !joining.has(word.toLowerCase())) ?? null
}
