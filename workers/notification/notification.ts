import type { EventId, Instant, NotificationId, OrderId, ProductId, UserId, VariantId } from '../../shared/contracts/ids'

/** What a message is about; a user chooses the channels of the first two, `account` always arrives. */
export type Category = 'orders' | 'catalogue' | 'account'

/** What a notification leads to in a client. */
export type NotificationData = { orderId?: OrderId; number?: string; productId?: ProductId; variantId?: VariantId }

/** What somebody is told, before it is known by which channels. */
export type Message = {
  /** The kind, such as `order.paid`; one event tells one user at most one message of a kind. */
  type: string
  category: Category
  title: string
  body: string
  data: NotificationData
  /** Whether it goes out by e-mail too. */
  mail: boolean
}

/** One line of somebody's inbox. */
export type Notification = Omit<Message, 'category' | 'mail'> & {
  _id: NotificationId
  userId: UserId
  readAt: Instant | null
  createdAt: Instant
  eventId: EventId
}

export type Channels = { inApp: boolean; email: boolean }
export type Preferences = { orders: Channels; catalogue: Channels }

const always: Channels = { inApp: true, email: true }
export const defaultPreferences: Preferences = { orders: always, catalogue: always }

/** By which channels a user hears of a category. */
export const channelsOf = (preferences: Preferences | undefined, category: Category): Channels =>
  category === 'account' ? always : (preferences ?? defaultPreferences)[category]

/** A message and whom it is for. */
export type Notice = {
  userId: UserId
  message: Message
  /** Where to write to somebody without an account. */
  guestEmail?: string | null
}
