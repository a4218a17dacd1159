import { sentencesOf } from '../text/sentences'
import type { Citation, ShownProduct } from './answer-types'
import type { ContextItem, ItemOf, ProductContext } from './context-item'
import { plainText } from './quotation'

/** The most characters of a title and of a sentence that an answer shows. */
export const longest = { title: 200, sentence: 320 } as const
/** How much of one text is split into sentences: more than a passage has. */
const most = { characters: 4_000, sentences: 60 } as const

export const isProduct = (item: ContextItem): item is ItemOf<'product'> => item.kind === 'product'

/** An article's emphasis and its links to other articles are marks; what they enclose is text. */
const withoutMarkdown = (text: string): string =>
  text
    .replaceAll(/\[([^\]\n]+)\]\(\/[\w/-]*\)/g, '$1')
    .replaceAll(/\*\*([^*\n]+)\*\*|`([^`\n]+)`/g, '$1$2')
    .replaceAll(/^[ \t]*(?:[-*]|\d+\.)[ \t]+/gm, '\n')
    // Lines are wrapped where it suits the file.
    .replaceAll(/([^\n.!?:])\n(?=[^\n])/g, '$1 ')

const split = (text: string): string[] =>
  sentencesOf(text.slice(0, most.characters).replaceAll(/\r\n?/g, '\n'))
    .map((sentence) => plainText(sentence, longest.sentence))
    .filter((sentence) => /[\p{L}\p{N}]/u.test(sentence))
    .slice(0, most.sentences)

/** The sentences of an item that an answer may quote, the first of which has the number 1. */
export function sentencesIn(item: ContextItem): string[] {
  if (item.kind === 'product') return item.passages.flatMap(split)
  return item.kind === 'article' ? split(withoutMarkdown(item.text)) : []
}

export function citationOf(item: ContextItem): Citation {
  const { n, kind } = item
  switch (kind) {
    case 'product':
      return { n, kind, id: item.productId, title: plainText(item.title, longest.title), url: null }
    case 'article':
      return { n, kind, id: item.articleId, title: plainText(item.title, longest.title), url: item.url }
    case 'order':
      return { n, kind, id: item.order.orderId, title: `Order ${item.order.number}`, url: null }
    case 'cart':
      return { n, kind, id: item.cart.id, title: 'Your cart', url: null }
  }
}

export const shownProduct = (product: ProductContext): ShownProduct => {
  const { productId, variantId, sellerId, title, unitPrice, availability, available } = product
  return { productId, variantId, sellerId, title: plainText(title, longest.title), unitPrice, availability, available }
}
