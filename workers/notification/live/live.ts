import { iso, type SessionId, type UserId } from '../../../shared/contracts/ids'
import { client } from '../../../shared/runtime/rpc'
import type { Notification } from '../content/notification'
import { toNotificationDto } from '../dto'

/** Something to push to every open device of a user. */
export type NewFrame = {
  /** A second frame with the same key is not pushed: `<event id>:<what>`. */
  key: string
  type: 'cart.updated' | 'order.updated' | 'notification.created' | 'sale.created' | 'dashboard.updated'
  /** When it happened, ISO 8601. */
  time: string
  data: object
  /** What a device that was away gets in place of `data`, and of every frame of this type before: all that those have told. */
  whole?: object
  /** The aggregate it tells of: a frame older than the newest pushed for it is dropped. */
  subject?: { id: string; version: number }
}

/** What a device receives. Frames of the log have a number of their own; `session.revoked` and `resync` repeat the newest one. */
export type Frame = { seq: number; type: NewFrame['type'] | 'session.revoked' | 'resync'; time: string; data: unknown }

export type Revocation = { sessionId: SessionId; reason: string; time: string }

/** What a user's Durable Object can be told. */
export interface LiveSession {
  /** Numbers, keeps and sends frames. Idempotent by key. */
  push(frames: NewFrame[]): Promise<void>
  /** Closes the sockets of a session with 4401; its tickets no longer open. Idempotent. */
  revoke(revocation: Revocation): Promise<void>
}

export type LiveSessions = {
  of(userId: UserId): LiveSession
  /**
   * Opens a socket. Answers 101 with the WebSocket, 401 for a ticket that is used up or of a revoked session, 429 when the
   * user has too many open.
   */
  open(userId: UserId, opening: { sessionId: SessionId; nonce: string; last: number | null }): Promise<Response>
}

/** A frame and whose devices it is for. */
export type Push = { userId: UserId; frame: NewFrame }

/** A line of somebody's inbox, for their devices; however often it is pushed, they are shown it once. */
export const pushOf = (notification: Notification): Push => ({
  userId: notification.userId,
  frame: {
    key: `${notification.eventId}:notification:${notification.type}`,
    type: 'notification.created',
    time: iso(notification.createdAt),
    data: toNotificationDto(notification),
  },
})

/** Pushes frames, all that are for one user in one call and in their order. */
export async function pushAll(live: LiveSessions, pushes: readonly Push[]): Promise<void> {
  const byUser = Map.groupBy(pushes, ({ userId }) => userId)
  await Promise.all([...byUser].map(([userId, mine]) => live.of(userId).push(mine.map(({ frame }) => frame))))
}

/** The header in which a checked ticket reaches the Durable Object, as JSON. */
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
