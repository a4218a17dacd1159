import { newId, type VariantId } from '../../../shared/contracts/ids'
import { type Currency, money, multiply, sum } from '../../../shared/contracts/money'
import type { OrderSummary } from '../../../shared/contracts/order'
import type { GenerationRequest } from '../context/answer-types'
import type { ArticleContext, CartContext, Context, ContextItem, OrderContext, ProductContext } from '../context/context-item'

export const aProduct = (overrides: Partial<ProductContext> = {}): ProductContext => ({
  kind: 'product',
  productId: newId('prd'),
  variantId: newId('var'),
  sellerId: newId('usr'),
  title: 'Walnut writing desk',
  category: 'furniture',
  unitPrice: money(64_900, 'USD'),
  availability: 'in',
  available: 12,
  passages: ['Solid walnut with two dovetailed drawers and a cable slot.'],
  ...overrides,
})

export const anArticle = (overrides: Partial<ArticleContext> = {}): ArticleContext => ({
  kind: 'article',
  articleId: 'cancel-an-order',
  title: 'Cancel an order',
  section: 'How long',
  url: '/help/cancel-an-order',
  text: 'You can cancel an order until it ships. A refund takes up to 5 days and goes to the card that paid. Delivered orders are not canceled.',
  ...overrides,
})

export const january = (day: number): number => Date.UTC(2026, 0, day, 12)

export function anOrder(overrides: Partial<OrderSummary> = {}): OrderContext {
  const lineTotal = money(129_800, 'USD')
  const item = { productId: newId('prd'), variantId: newId('var'), title: 'Walnut writing desk', quantity: 2, lineTotal }
  const parcel = { carrier: 'DHL', trackingNumber: 'JD014600003', shippedAt: january(6), deliveredAt: null }
  return {
    kind: 'order',
    order: {
      ...{ orderId: newId('ord'), number: 'CR-260101-7K3M9Q2X', status: 'shipped', grand: money(131_000, 'USD') },
      ...{ placedAt: january(5), items: [item], parcels: [{ status: 'shipped', ...parcel }] },
      ...overrides,
    },
  }
}

export type LineOf = {
  title: string
  price: number
  quantity: number
  status?: 'available' | 'low' | 'out' | 'gone'
  variantId?: VariantId
}

export function aCart(lines: readonly LineOf[], currency: Currency = 'USD'): CartContext {
  const items = lines.map(({ title, price, quantity, status = 'available', variantId = newId('var') }) => {
    const unitPrice = money(price, currency)
    const ids = { variantId, productId: newId('prd'), sellerId: newId('usr') }
    return { ...ids, title, unitPrice, quantity, lineTotal: multiply(unitPrice, quantity), status }
  })
  const subtotal =
    items.length === 0
      ? null
      : sum(
          items.map(({ lineTotal }) => lineTotal),
          currency,
        )
  const itemCount = items.reduce((count, { quantity }) => count + quantity, 0)
  return {
    kind: 'cart',
    cart: { id: newId('crt'), userId: newId('usr'), version: 1, currency: subtotal && currency, items, itemCount, subtotal },
  }
}

export const numbered = (contexts: readonly Context[]): ContextItem[] =>
  contexts.map((context, at) => ({ n: at + 1, ...context }))

export const aRequest = (overrides: Partial<GenerationRequest> = {}): GenerationRequest => ({
  ...{ question: 'Do you have a walnut desk?', history: [], intent: 'find_products', cartAction: null },
  items: numbered([aProduct()]),
  ...overrides,
})
