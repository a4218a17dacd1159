import type { EventData } from '../../../shared/contracts/events'
import { texts } from './i18n'
import type { Locale } from './locale'
import type { Facts } from './locales/texts'
import type { Message, NotificationData, NotificationType } from './notification'
import type { ProductFacts, ProductNews } from './product-view'

/** The messages about events. Pure: an event in, a message out, which has a text in every language. */

type Order = EventData<'order.created'>

const message = <T extends NotificationType>(type: T, facts: Facts[T], data: NotificationData): Message => ({
  type,
  data,
  textIn: (locale: Locale) => texts[locale].notifications[type](facts),
})

const about = ({ orderId, number }: Pick<Order, 'orderId' | 'number'>): NotificationData => ({ orderId, number })

export const orderPlaced = (order: Order): Message => message('order.created', order, about(order))

/** The buyer's receipt. */
export const orderPaid = (order: EventData<'order.paid'>): Message => message('order.paid', order, about(order))

export const orderCanceled = (order: EventData<'order.canceled'>): Message =>
  message(order.status === 'failed' ? 'order.failed' : 'order.canceled', order, about(order))

export const orderShipped = (order: EventData<'order.shipped'>): Message => message('order.shipped', order, about(order))

export const orderDelivered = (order: EventData<'order.delivered'>): Message => message('order.delivered', order, about(order))

/** One seller's part of a paid order, without what other sellers sell. */
export const saleMade = (order: EventData<'order.paid'>, pieces: number): Message =>
  message('sale.created', { number: order.number, pieces }, about(order))

export const saleCanceled = (order: EventData<'order.canceled'>): Message =>
  message('sale.canceled', { number: order.number }, about(order))

type Payment = EventData<'payment.succeeded'>
const aboutPayment = ({ orderId }: Payment, number: string | undefined): NotificationData => ({
  orderId,
  ...(number ? { number } : {}),
})

export const paymentSucceeded = (payment: Payment, number?: string): Message =>
  message('payment.succeeded', { payment, number: number ?? null }, aboutPayment(payment, number))

export const paymentFailed = (payment: Payment, number?: string): Message =>
  message('payment.failed', { payment, number: number ?? null }, aboutPayment(payment, number))

export const paymentRefunded = (payment: EventData<'payment.refunded'>, number?: string): Message =>
  message('payment.refunded', { payment, number: number ?? null }, aboutPayment(payment, number))

/** For the seller: a variant is sold out or almost sold out. */
export function stockShort(stock: EventData<'stock.changed'>, product: ProductFacts | null): Message {
  const { productId, variantId, availability } = stock
  return message(availability === 'out' ? 'stock.out' : 'stock.low', { stock, product }, { productId, variantId })
}

/** For users who watch a product. */
export function productNews(news: ProductNews): Message {
  const data = { productId: news.productId }
  switch (news.kind) {
    case 'price_dropped':
      return message('product.price_dropped', news, data)
    case 'changed':
      return message('product.changed', news, data)
    case 'archived':
      return message('product.archived', news, data)
    case 'back_in_stock':
      return message('product.back_in_stock', news, { ...data, variantId: news.variantId })
    default:
      return news satisfies never
  }
}

/** For a user whose refresh token was used twice. */
export const sessionStolen = (): Message => message('account.session_revoked', null, {})

/** For a user whom an account e-mail did not reach. */
export const emailUndelivered = (subject: string): Message => message('account.mail_undelivered', { subject }, {})
