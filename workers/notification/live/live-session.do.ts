import { DurableObject } from 'cloudflare:workers'
import { z } from '@hono/zod-openapi'
import { type Instant, idSchema, iso, type SessionId } from '../../../shared/contracts/ids'
import { logger } from '../../../shared/runtime/logger'
import { migrate } from '../../../shared/storage/migrations'
import {
  append,
  framesAfter,
  hasTables,
  isRevoked,
  keepFor,
  markOpened,
  newest,
  prune,
  revokeSession,
  spend,
  wasOpened,
} from './frame-log'
import { type Frame, type LiveSession, type NewFrame, openingHeader, type Revocation } from './live'
import { migrations } from './migrations'

/** The most sockets one user has open. */
export const maxSockets = 20
/** The longest message a client may send, in characters; nothing but `ping` means anything. */
const maxMessage = 1_024
/** The most messages that one socket sends in so many milliseconds: each wakes the object, but for `ping`, which the platform answers. */
const maxMessages = 20
const messagePeriod = 10_000
/** Sent when a session ended: sign in again. */
const sessionRevokedCode = 4401
const policyViolationCode = 1008

const OpeningSchema = z.object({ sessionId: idSchema('ses'), nonce: z.string(), last: z.int().nullable() })

/** What a socket remembers while the object sleeps. */
type Attachment = { sessionId: SessionId }

/**
 * The open devices of one user, and what they may have missed. Named by the user's id.
 *
 * Most users never connect a device, and each is pushed to all the same: such an object stores nothing, not even tables, since there
 * is nobody who could have missed anything. The first device that connects is told to read everything anew when it asks for more.
 */
export class LiveSessionDO extends DurableObject<NotificationEnv> implements LiveSession {
  /** Whether a device was ever connected. */
  #opened = false
  /** How much each socket said of late. Lost while the object sleeps, which a socket that says much does not let it. */
  readonly #said = new WeakMap<WebSocket, { since: Instant; count: number }>()

  constructor(ctx: DurableObjectState, env: NotificationEnv) {
    super(ctx, env)
    if (hasTables(ctx.storage.sql)) {
      migrate(ctx.storage, migrations)
      this.#opened = wasOpened(ctx.storage.sql)
    }
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'))
  }

  async push(frames: NewFrame[]): Promise<void> {
    if (!this.#opened) return
    const added = append(this.ctx.storage, frames, Date.now())
    for (const socket of this.ctx.getWebSockets()) send(socket, added)
    await this.#armAlarm()
  }

  async revoke({ sessionId, reason, time }: Revocation): Promise<void> {
    migrate(this.ctx.storage, migrations)
    revokeSession(this.ctx.storage.sql, sessionId, Date.now())
    const seq = newest(this.ctx.storage.sql)
    for (const socket of this.ctx.getWebSockets()) {
      if ((socket.deserializeAttachment() as Attachment).sessionId !== sessionId) continue
      send(socket, [{ seq, type: 'session.revoked', time, data: { sessionId, reason } }])
      socket.close(sessionRevokedCode, 'session revoked')
    }
    await this.#armAlarm()
  }

  /** Upgrades, for a ticket whose seal and age are checked already. */
  override async fetch(request: Request): Promise<Response> {
    const { sessionId, nonce, last } = OpeningSchema.parse(JSON.parse(request.headers.get(openingHeader) ?? 'null'))
    migrate(this.ctx.storage, migrations)
    const { sql } = this.ctx.storage
    const open = this.ctx.getWebSockets().filter(({ readyState }) => readyState === WebSocket.OPEN)
    if (open.length >= maxSockets) return new Response(null, { status: 429 })
    const now = Date.now()
    if (isRevoked(sql, sessionId) || !spend(sql, nonce, now)) return new Response(null, { status: 401 })
    const { 0: theirs, 1: ours } = new WebSocketPair()
    this.ctx.acceptWebSocket(ours)
    ours.serializeAttachment({ sessionId } satisfies Attachment)
    if (last !== null) {
      const missed = this.#opened ? framesAfter(sql, last, now) : null
      send(ours, missed ?? [{ seq: newest(sql), type: 'resync', time: iso(now), data: {} }])
    }
    if (!this.#opened) markOpened(sql, now)
    this.#opened = true
    await this.#armAlarm()
    return new Response(null, { status: 101, webSocket: theirs })
  }

  /** Devices have nothing to say. */
  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    const length = typeof message === 'string' ? message.length : message.byteLength
    if (length > maxMessage) socket.close(policyViolationCode, 'message too long')
    const now = Date.now()
    const recent = this.#said.get(socket)
    const said = recent && now - recent.since < messagePeriod ? recent : { since: now, count: 0 }
    said.count += 1
    this.#said.set(socket, said)
    if (said.count > maxMessages) socket.close(policyViolationCode, 'too many messages')
  }

  override async alarm(): Promise<void> {
    const due = prune(this.ctx.storage, Date.now())
    if (due !== null) await this.ctx.storage.setAlarm(due)
  }

  async #armAlarm(): Promise<void> {
    const due = Date.now() + keepFor
    const set = await this.ctx.storage.getAlarm()
    // What was left before may be due much later than what has just come.
    if (set === null || set > due) await this.ctx.storage.setAlarm(due)
  }
}

/** A socket that is closing refuses; its device gets the frames when it is back. */
function send(socket: WebSocket, frames: readonly Frame[]): void {
  try {
    for (const frame of frames) socket.send(JSON.stringify(frame))
  } catch (error) {
    logger.info('frames wait for the device to come back', { error })
  }
}
