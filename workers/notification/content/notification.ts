import type { EventId, Instant, NotificationId, OrderId, ProductId, UserId, VariantId } from '../../../shared/contracts/ids'
import type { Locale, Words } from './locales/texts'

/** What a message is about; a user chooses the channels of the first two, `account` always arrives. */
export type Category = 'orders' | 'catalogue' | 'account'

type Kind = {
  category: Category
  /** Whether it goes out by e-mail too, where its reader did not choose otherwise. */
  mail: boolean
  /** Whether mails of this kind wait for others, to go out as one. */
  gathered?: true
}

/** Every kind of notification. One event tells one user at most one of a kind. */
export const kinds = {
  'order.created': { category: 'orders', mail: true },
  /** The buyer's receipt. */
  'order.paid': { category: 'orders', mail: true },
  'order.canceled': { category: 'orders', mail: true },
  'order.failed': { category: 'orders', mail: true },
  'order.shipped': { category: 'orders', mail: true },
  'order.delivered': { category: 'orders', mail: true },
  'sale.created': { category: 'orders', mail: true },
  'sale.canceled': { category: 'orders', mail: true },
  /** The mail is the receipt. */
  'payment.succeeded': { category: 'orders', mail: false },
  /** The mail says what becomes of the order. */
  'payment.failed': { category: 'orders', mail: false },
  'payment.refunded': { category: 'orders', mail: true },
  'stock.low': { category: 'catalogue', mail: true },
  'stock.out': { category: 'catalogue', mail: true },
  'product.price_dropped': { category: 'catalogue', mail: true, gathered: true },
  'product.changed': { category: 'catalogue', mail: true, gathered: true },
  'product.archived': { category: 'catalogue', mail: true, gathered: true },
  'product.back_in_stock': { category: 'catalogue', mail: true, gathered: true },
  'account.session_revoked': { category: 'account', mail: true },
  /** Stands in for a mail about the account that could not be delivered. */
  'account.mail_undelivered': { category: 'account', mail: false },
} as const satisfies Record<string, Kind>

export type NotificationType = keyof typeof kinds
/** The kinds whose channels a user chooses. */
export type ChosenType = {
  [T in NotificationType]: (typeof kinds)[T]['category'] extends 'account' ? never : T
}[NotificationType]

export const chosenTypes = (Object.keys(kinds) as NotificationType[]).filter(
  (type): type is ChosenType => kinds[type].category !== 'account',
)

/** What a notification leads to in a client. */
export type NotificationData = { orderId?: OrderId; number?: string; productId?: ProductId; variantId?: VariantId }

/** What somebody is told, before it is known in which language and by which channels. */
export type Message = {
  type: NotificationType
  data: NotificationData
  words: (locale: Locale) => Words
}

/** One line of somebody's inbox. */
export type Notification = Words & {
  _id: NotificationId
  userId: UserId
  type: NotificationType
  data: NotificationData
  readAt: Instant | null
  createdAt: Instant
  eventId: EventId
}

export type Channels = { inApp: boolean; email: boolean }
/** What one kind has that differs from its category. `live` shows open devices what comes into the inbox. */
export type Override = { inApp?: boolean | undefined; live?: boolean | undefined; email?: boolean | undefined }
export type Preferences = {
  orders: Channels
  catalogue: Channels
  types: { readonly [T in ChosenType]?: Override | undefined }
  locale: Locale
}

const always: Channels = { inApp: true, email: true }
export const defaultPreferences: Preferences = { orders: always, catalogue: always, types: {}, locale: 'en' }

/** By which channels a user hears of a kind: as chosen for it, else as chosen for its category. Nothing is live that is not in the inbox. */
export function channelsOf(preferences: Preferences | undefined, type: NotificationType): Channels & { live: boolean } {
  const { category, mail } = kinds[type]
  if (category === 'account') return { inApp: true, live: true, email: mail }
  const chosen = preferences ?? defaultPreferences
  const own: Override = chosen.types[type as ChosenType] ?? {}
  const inApp = own.inApp ?? chosen[category].inApp
  return { inApp, live: inApp && (own.live ?? true), email: own.email ?? (mail && chosen[category].email) }
}

/** Whether mails of a kind wait for others. */
export const isGathered = (type: NotificationType): boolean => 'gathered' in kinds[type]

/** A message and whom it is for. */
export type Notice = {
  userId: UserId
  message: Message
  /** Where to write to somebody without an account. */
  guestEmail?: string | null
}
