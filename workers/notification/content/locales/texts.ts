import type { EventData } from '../../../../shared/contracts/events'
import type { Instant } from '../../../../shared/contracts/ids'
import { english } from './en'
import type { NotificationType } from '../notification'
import type { News, ProductFacts } from '../product-view'

/** What a notification says: one line, and what there is to say about it. */
export type Words = { title: string; body: string }

type Payment = EventData<'payment.succeeded'>
type OfKind<K extends News['kind']> = Extract<News, { kind: K }>

/** What the words of each kind are made from. */
export type Facts = {
  'order.created': EventData<'order.created'>
  'order.paid': EventData<'order.paid'>
  'order.canceled': EventData<'order.canceled'>
  'order.failed': EventData<'order.canceled'>
  'order.shipped': EventData<'order.shipped'>
  'order.delivered': EventData<'order.delivered'>
  'sale.created': { number: string; pieces: number }
  'sale.canceled': { number: string }
  'payment.succeeded': { payment: Payment; number: string | null }
  'payment.failed': { payment: Payment; number: string | null }
  'payment.refunded': { payment: EventData<'payment.refunded'>; number: string | null }
  'stock.low': { stock: EventData<'stock.changed'>; product: ProductFacts | null }
  'stock.out': { stock: EventData<'stock.changed'>; product: ProductFacts | null }
  'product.price_dropped': OfKind<'price_dropped'>
  'product.changed': OfKind<'changed'>
  'product.archived': OfKind<'archived'>
  'product.back_in_stock': OfKind<'back_in_stock'>
  'account.session_revoked': null
  'account.mail_undelivered': { subject: string }
}

/** An account mail: what stands before and after the link, or the bare token, that it is about. */
type AccountMail = { subject: string; before: string; action: string; after: (until: Instant) => string }

/** Everything that people read in one language: what is missing does not compile. */
export type Texts = {
  notifications: { [T in NotificationType]: (facts: Facts[T]) => Words }
  mails: {
    hello: (name: string | null) => string
    signature: string
    verification: AccountMail
    passwordReset: AccountMail
    /** One mail about several things. */
    digest: (count: number) => { subject: string; before: string }
    seeOrder: string
    seeProduct: string
  }
}

/** The languages that there are texts in. Another one starts here, and then does not compile until all is said in it. */
export const locales = ['en'] as const
export type Locale = (typeof locales)[number]

export const texts: Record<Locale, Texts> = { en: english }
