import type { EventData } from '../../../../shared/contracts/events'
import type { Instant } from '../../../../shared/contracts/ids'
import type { NotificationText } from '../locale'
import type { NotificationType } from '../notification'
import type { ProductFacts, ProductNews } from '../product-view'

type Payment = EventData<'payment.succeeded'>
type OfKind<K extends ProductNews['kind']> = Extract<ProductNews, { kind: K }>

/** The facts from which the text of each kind is made. */
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

/** An account e-mail: the paragraphs before and after its link or bare token. */
type AccountEmail = { subject: string; before: string; action: string; after: (until: Instant) => string }

/** All texts of one language; a missing one does not compile. */
export type Texts = {
  notifications: { [T in NotificationType]: (facts: Facts[T]) => NotificationText }
  emails: {
    hello: (name: string | null) => string
    signature: string
    verification: AccountEmail
    passwordReset: AccountEmail
    /** One e-mail about several notifications. */
    digest: (count: number) => { subject: string; before: string }
    seeOrder: string
    seeProduct: string
  }
}
