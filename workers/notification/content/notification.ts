import type { EventId, Instant, NotificationId, OrderId, ProductId, UserId, VariantId } from '../../../shared/contracts/ids'
import type { Locale, NotificationText } from './locale'

/** What a message is about. Users choose the channels of the first two; `account` always arrives. */
export type Category = 'orders' | 'catalogue' | 'account'

type Kind = {
  category: Category
  /** Whether it is also sent by e-mail, unless its reader chose otherwise. */
  mail: boolean
  /** Whether e-mails of this kind wait for others, to be sent as one. */
  batched?: true
}

/** Every kind of notification. An event causes at most one of a kind per user. */
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
  /** The buyer gets the receipt by e-mail. */
  'payment.succeeded': { category: 'orders', mail: false },
  /** The buyer gets an e-mail about what becomes of the order. */
  'payment.failed': { category: 'orders', mail: false },
  'payment.refunded': { category: 'orders', mail: true },
  'stock.low': { category: 'catalogue', mail: true },
  'stock.out': { category: 'catalogue', mail: true },
  'product.price_dropped': { category: 'catalogue', mail: true, batched: true },
  'product.changed': { category: 'catalogue', mail: true, batched: true },
  'product.archived': { category: 'catalogue', mail: true, batched: true },
  'product.back_in_stock': { category: 'catalogue', mail: true, batched: true },
  'account.session_revoked': { category: 'account', mail: true },
  /** Replaces an account e-mail that could not be delivered. */
  'account.mail_undelivered': { category: 'account', mail: false },
} as const satisfies Record<string, Kind>

export type NotificationType = keyof typeof kinds
/** The kinds for which users choose the channels. */
export type ChosenType = {
  [T in NotificationType]: (typeof kinds)[T]['category'] extends 'account' ? never : T
}[NotificationType]

export const chosenTypes = (Object.keys(kinds) as NotificationType[]).filter(
  (type): type is ChosenType => kinds[type].category !== 'account',
)

/** Where a notification leads in a client. */
export type NotificationData = { orderId?: OrderId; number?: string; productId?: ProductId; variantId?: VariantId }

/** The content of a notification before its reader's language and channels are known. */
export type Message = {
  type: NotificationType
  data: NotificationData
  textIn: (locale: Locale) => NotificationText
}

/** One entry of a user's inbox. */
export type Notification = NotificationText & {
  _id: NotificationId
  userId: UserId
  type: NotificationType
  data: NotificationData
  readAt: Instant | null
  createdAt: Instant
  eventId: EventId
}

export type Channels = { inApp: boolean; email: boolean }
/** How one kind differs from its category. `live` decides whether open devices show an inbox entry at once. */
export type Override = { inApp?: boolean | undefined; live?: boolean | undefined; email?: boolean | undefined }
export type Preferences = {
  orders: Channels
  catalogue: Channels
  types: { readonly [T in ChosenType]?: Override | undefined }
  locale: Locale
}

const always: Channels = { inApp: true, email: true }
export const defaultPreferences: Preferences = { orders: always, catalogue: always, types: {}, locale: 'en' }

/** The channels of a kind for a user: as chosen for the kind, else as chosen for its category. Only inbox entries can be live. */
export function channelsOf(preferences: Preferences | undefined, type: NotificationType): Channels & { live: boolean } {
  const { category, mail } = kinds[type]
  if (category === 'account') return { inApp: true, live: true, email: mail }
  const chosen = preferences ?? defaultPreferences
  const own: Override = chosen.types[type as ChosenType] ?? {}
  const inApp = own.inApp ?? chosen[category].inApp
  return { inApp, live: inApp && (own.live ?? true), email: own.email ?? (mail && chosen[category].email) }
}

/** Whether e-mails of a kind wait for others. */
export const isBatched = (type: NotificationType): boolean => 'batched' in kinds[type]

/** A message and the user that it is for. */
export type Notice = {
  userId: UserId
  message: Message
  /** The address of a user without an account. */
  guestEmail?: string | null
}
