import type { OrderSummary } from '../../../shared/contracts/order'
import type { Citation, ShownProduct } from './answer-types'
import type { ProductRead, Read } from './context-item'
import { quotable, quotableTitle } from './sanitize'

type Product = ProductRead & { n: number }

export const isProduct = (read: Read): read is Product => read.kind === 'product'

/** A product by its title, or by its category where the title may not be said. */
export const nameOf = ({ title, category }: Pick<ProductRead, 'title' | 'category'>): string =>
  quotableTitle(title, `A product in ${quotableTitle(category, 'the catalogue')}`)

/** Whether a product's own title may be said. */
export const isNameable = ({ title }: Pick<ProductRead, 'title'>): boolean => quotableTitle(title, '') !== ''

/** A line of a cart or an order by its title. */
export const itemName = (title: string): string => quotableTitle(title, 'a product')

/** Sellers type these: what does not look like one is left out. */
export const carrierOf = ({ carrier }: OrderSummary['parcels'][number]): string | null =>
  carrier !== null && /^[\p{L}\p{N}][\p{L}\p{N} &-]{1,39}$/u.test(carrier) && quotableTitle(carrier, '') !== '' ? carrier : null
export const trackingOf = ({ trackingNumber }: OrderSummary['parcels'][number]): string | null =>
  trackingNumber !== null && /^(?=.*\d)[A-Za-z0-9-]{4,40}$/.test(trackingNumber) ? trackingNumber : null

/** What of a read's free text an answer may repeat, sentence by sentence. */
export function quotesOf(read: Read): string[] {
  if (read.kind === 'product') return read.passages.flatMap((passage) => quotable(passage, 'product'))
  if (read.kind === 'article') return quotable(read.text, 'article')
  return []
}

export function citationOf(read: Read): Citation {
  const { n, kind } = read
  switch (kind) {
    case 'product':
      return { n, kind, id: read.productId, title: nameOf(read), url: null }
    case 'article':
      return { n, kind, id: read.articleId, title: quotableTitle(read.title, 'An article'), url: read.url }
    case 'order':
      return { n, kind, id: read.order.orderId, title: `Order ${read.order.number}`, url: null }
    case 'cart':
      return { n, kind, id: read.cart.id, title: 'Your cart', url: null }
  }
}

export const shownProduct = (read: ProductRead): ShownProduct => {
  const { productId, variantId, sellerId, unitPrice, availability, available } = read
  return { productId, variantId, sellerId, title: nameOf(read), unitPrice, availability, available }
}
