import type { EventData } from '../../shared/contracts/events'
import { formatMoney, type Money } from '../../shared/contracts/money'
import type { Category, Message, NotificationData } from './notification'
import type { News, ProductFacts } from './product'

/** Every text that people read. Pure: an event in, a message out. */

type Order = EventData<'order.created'>
type Shipment = EventData<'order.shipped'>
type Cancellation = EventData<'order.canceled'>
type Stock = EventData<'stock.changed'>

function message(category: Category, type: string, title: string, body: string, data: NotificationData, mail = true): Message {
  return { category, type, title, body, data, mail }
}

const about = ({ orderId, number }: Pick<Order, 'orderId' | 'number'>): NotificationData => ({ orderId, number })

export const orderPlaced = (order: Order): Message =>
  message(
    'orders',
    'order.created',
    `Order ${order.number} is placed`,
    `Its items are set aside for you until the payment of ${formatMoney(order.grand)} is in.`,
    about(order),
  )

/** The buyer's receipt. */
export const orderPaid = (order: EventData<'order.paid'>): Message =>
  message(
    'orders',
    'order.paid',
    `Receipt for order ${order.number}`,
    `We received your payment of ${formatMoney(order.grand)}. The sellers now prepare your items.`,
    about(order),
  )

const because: Record<Cancellation['reason'], string> = {
  buyer: 'It was canceled as you asked.',
  seller: 'The seller cannot deliver it.',
  expired: 'No payment came in time.',
  payment_failed: 'The payment did not succeed.',
  refunded: 'What was not sent yet will not come.',
}

export const orderCanceled = (order: Cancellation): Message =>
  message(
    'orders',
    `order.${order.status === 'failed' ? 'failed' : 'canceled'}`,
    `Order ${order.number} ${order.status === 'failed' ? 'has failed' : 'is canceled'}`,
    `${because[order.reason]} ${order.wasPaid ? `Your payment of ${formatMoney(order.grand)} is returned.` : 'Nothing was charged.'}`,
    about(order),
  )

export function orderShipped(order: Shipment): Message {
  const by = order.carrier ? ` with ${order.carrier}` : ''
  const tracking = order.trackingNumber ? ` The tracking number is ${order.trackingNumber}.` : ''
  const title =
    order.sellerIds.length > 1 ? `A part of order ${order.number} is on its way` : `Order ${order.number} is on its way`
  return message('orders', 'order.shipped', title, `A seller sent your items${by}.${tracking}`, about(order))
}

export function orderDelivered(order: EventData<'order.delivered'>): Message {
  const title = order.sellerIds.length > 1 ? `A part of order ${order.number} has arrived` : `Order ${order.number} has arrived`
  return message('orders', 'order.delivered', title, 'We hope that you like it.', about(order))
}

/** One seller's share of a paid order, without what the others sell. */
export function saleMade(order: EventData<'order.paid'>, pieces: number): Message {
  const what = pieces === 1 ? '1 piece' : `${pieces} pieces`
  return message(
    'orders',
    'sale.created',
    `You sold ${what}`,
    `Order ${order.number} is paid and waits for you to ship it.`,
    about(order),
  )
}

export const saleCanceled = (order: Cancellation): Message =>
  message(
    'orders',
    'sale.canceled',
    `Order ${order.number} is canceled`,
    'It was paid and will not go on. Do not ship it; its items are back in stock.',
    about(order),
  )

type Payment = EventData<'payment.succeeded'>
type Refund = EventData<'payment.refunded'>
const named = (number: string | undefined): string => (number ? `order ${number}` : 'your order')
const aboutPayment = ({ orderId }: Payment, number: string | undefined): NotificationData => ({
  orderId,
  ...(number ? { number } : {}),
})

/** Told in the inbox alone: the mail is the receipt. */
export const paymentSucceeded = (payment: Payment, number?: string): Message =>
  message(
    'orders',
    'payment.succeeded',
    'Your payment is in',
    `${formatMoney(payment.amount)} for ${named(number)}.`,
    aboutPayment(payment, number),
    false,
  )

/** Told in the inbox alone: the mail says what becomes of the order. */
export const paymentFailed = (payment: Payment, number?: string): Message =>
  message(
    'orders',
    'payment.failed',
    'Your payment was declined',
    `${formatMoney(payment.amount)} for ${named(number)} could not be taken.`,
    aboutPayment(payment, number),
    false,
  )

export const paymentRefunded = (payment: Refund, number?: string): Message =>
  message(
    'orders',
    'payment.refunded',
    'You get money back',
    `${formatMoney(payment.amount)} for ${named(number)}; ${formatMoney(payment.refundedTotal)} returned in all.`,
    aboutPayment(payment, number),
  )

/** For the seller: a variant is about to be, or is, sold out. */
export function stockShort(stock: Stock, product: ProductFacts | null): Message {
  const sku = product?.variants[stock.variantId]?.sku
  const name = `${product?.title ?? 'One of your products'}${sku ? ` (${sku})` : ''}`
  const { productId, variantId } = stock
  return stock.availability === 'out'
    ? message('catalogue', 'stock.out', `${name} is sold out`, 'Shoppers cannot order it until you restock.', {
        productId,
        variantId,
      })
    : message('catalogue', 'stock.low', `${name} is running low`, `${stock.available} left.`, { productId, variantId })
}

/** For those who watch a product. */
export function productNews(news: News): Message {
  const data = { productId: news.productId, ...(news.kind === 'back_in_stock' ? { variantId: news.variantId } : {}) }
  const tell = (title: string, body: string) => message('catalogue', `product.${news.kind}`, title, body, data)
  switch (news.kind) {
    case 'price_dropped':
      return tell(`${news.title} costs less now`, priceChange(news.before, news.after))
    case 'changed':
      return tell(`${news.title} has changed`, 'Its title, its prices or its variants are not what they were.')
    case 'archived':
      return tell(`${news.title} is no longer sold`, 'The seller took it off the market.')
    case 'back_in_stock':
      return tell(`${news.title ?? 'A product you watch'} is back in stock`, 'It can be ordered again.')
    default:
      return news satisfies never
  }
}

const priceChange = (before: Money, after: Money): string => `${formatMoney(after)} instead of ${formatMoney(before)}.`

/** For an account whose refresh token was used twice. */
export const sessionStolen = (): Message =>
  message(
    'account',
    'account.session_revoked',
    'We signed a device out',
    'An old sign-in of yours was used a second time, so we ended that session. If it was not you, change your password.',
    {},
  )
