import { iso, type SessionId, type UserId } from '../../../shared/contracts/ids'
import { client } from '../../../shared/runtime/rpc'
import type { Notification } from '../content/notification'
import { toNotificationDto } from '../content/notification-dto'

/** Something to push to every open device of a user. */
export type NewFrame = {
  /** A second frame with the same key is not pushed: `<event id>:<what>`. */
  key: string
  type: 'cart.updated' | 'order.updated' | 'notification.created' | 'sale.created' | 'dashboard.updated'
  /** When it happened, ISO 8601. */
  time: string
  data: object
  /** What a device that was away gets instead of `data` and of all earlier frames of this type: the sum of them. */
  whole?: object
  /** The aggregate that it is about: a frame older than the newest one pushed for it is dropped. */
  subject?: { id: string; version: number }
}

/** What a device receives. Frames of the log have a number of their own; `session.revoked` and `resync` repeat the newest number. */
export type Frame = { seq: number; type: NewFrame['type'] | 'session.revoked' | 'resync'; time: string; data: unknown }

export type Revocation = { sessionId: SessionId; reason: string; time: string }

/** The API of a user's Durable Object. */
export interface LiveSession {
  /** Numbers, keeps and sends frames. Idempotent by key. */
  push(frames: NewFrame[]): Promise<void>
  /** Closes the sockets of a session with 4401; its tickets no longer open. Idempotent. */
  revoke(revocation: Revocation): Promise<void>
}

export type LiveSessions = {
  of(userId: UserId): LiveSession
  /**
   * Opens a socket. Answers 101 with the WebSocket, 401 for a used ticket or one of a revoked session, 429 when the user has too
   * many sockets open.
   */
  open(userId: UserId, opening: { sessionId: SessionId; nonce: string; last: number | null }): Promise<Response>
}

/** A frame for the devices of a user. */
export type Push = { userId: UserId; frame: NewFrame }

/** An inbox entry as a frame for its user's devices, which show it once, however often it is pushed. */
export const notificationPush = (notification: Notification): Push => ({
  userId: notification.userId,
  frame: {
    key: `${notification.eventId}:notification:${notification.type}`,
    type: 'notification.created',
    time: iso(notification.createdAt),
    data: toNotificationDto(notification),
  },
})

/** Pushes frames, with one call per user and in their order. */
export async function pushAll(live: Pick<LiveSessions, 'of'>, pushes: readonly Push[]): Promise<void> {
  const byUser = Map.groupBy(pushes, ({ userId }) => userId)
  await Promise.all([...byUser].map(([userId, ofUser]) => live.of(userId).push(ofUser.map(({ frame }) => frame))))
}

/** The header that carries a verified ticket to the Durable Object, as JSON. */
export const openingHeader = 'x-credenza-opening'

export function liveSessions(namespace: NotificationEnv['SESSIONS']): LiveSessions {
  const stubOf = (userId: UserId) => namespace.get(namespace.idFromName(userId))
  return {
    of: (userId) => client<LiveSession>(stubOf(userId)),
    open: (userId, opening) =>
      stubOf(userId).fetch('https://live.internal/', {
        headers: { upgrade: 'websocket', [openingHeader]: JSON.stringify(opening) },
      }),
  }
}
