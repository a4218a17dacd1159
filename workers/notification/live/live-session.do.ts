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
/** The longest message that a client may send, in characters; only `ping` has a meaning. */
const maxMessage = 1_024
/** The most messages of one socket per period, in milliseconds: each wakes the object, except `ping`, which the platform answers. */
const maxMessages = 20
const messagePeriod = 10_000
/** Sent when a session ended: the client must sign in again. */
const sessionRevokedCode = 4401
const policyViolationCode = 1008

const OpeningSchema = z.object({ sessionId: idSchema('ses'), nonce: z.string(), last: z.int().nullable() })

/** What a socket remembers while the object sleeps. */
type Attachment = { sessionId: SessionId }

/**
 * The open devices of one user, and the frames that they may have missed. Named by the user's id.
 *
 * Most users never connect a device, but frames are pushed to all of them. The object of such a user stores nothing, not even tables,
 * because no device has missed anything. The first device that connects and asks for missed frames gets a resync.
 */
export class LiveSessionDO extends DurableObject<NotificationEnv> implements LiveSession {
  /** Whether a device has ever connected. */
  #opened = false
  /** How many messages each socket sent lately. Lost when the object sleeps, which it does not do while a socket sends many. */
  readonly #messageCounts = new WeakMap<WebSocket, { since: Instant; count: number }>()

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

  /** Upgrades a request whose ticket is verified already. */
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

  /** Answers a close frame. The platform leaves that to the object: without it a device waits for seconds and then reports 1006. */
  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    const mayBeSent = code === 1000 || (code >= 3000 && code <= 4999)
    socket.close(mayBeSent ? code : 1000, mayBeSent ? reason : '')
  }

  /** Devices have nothing to send, so this only enforces limits. */
  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    const length = typeof message === 'string' ? message.length : message.byteLength
    if (length > maxMessage) socket.close(policyViolationCode, 'message too long')
    const now = Date.now()
    const recent = this.#messageCounts.get(socket)
    const counted = recent && now - recent.since < messagePeriod ? recent : { since: now, count: 0 }
    counted.count += 1
    this.#messageCounts.set(socket, counted)
    if (counted.count > maxMessages) socket.close(policyViolationCode, 'too many messages')
  }

  override async alarm(): Promise<void> {
    const due = prune(this.ctx.storage, Date.now())
    if (due !== null) await this.ctx.storage.setAlarm(due)
  }

  async #armAlarm(): Promise<void> {
    const due = Date.now() + keepFor
    const set = await this.ctx.storage.getAlarm()
    // What is stored already may be due much later than what has just arrived.
    if (set === null || set > due) await this.ctx.storage.setAlarm(due)
  }
}

/** A closing socket throws; its device gets the frames when it reconnects. */
function send(socket: WebSocket, frames: readonly Frame[]): void {
  try {
    for (const frame of frames) socket.send(JSON.stringify(frame))
  } catch (error) {
    logger.info('frames wait until the device reconnects', { error })
  }
}
