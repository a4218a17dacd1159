import type { Role } from '../../shared/contracts/actor'
import type { EventData } from '../../shared/contracts/events'
import type { Instant, SessionId, UserId } from '../../shared/contracts/ids'
import type { Stored } from '../../shared/events/outbox'

export type RevokeReason = EventData<'user.session_revoked'>['reason']

/** One sign-in on one device, and the family of its refresh tokens. */
export type Session = Stored & {
  _id: SessionId
  userId: UserId
  role: Role
  name: string
  /** The user's epoch at sign-in; 0 for a guest. */
  epoch: number
  userAgent: string | null
  createdAt: Instant
  lastUsedAt: Instant
  expiresAt: Instant
  /** The number of the current refresh token, from 1, and its SHA-256. */
  generation: number
  tokenHash: string
  /** When the current token replaced the one before. */
  rotatedAt: Instant
  state: { status: 'active' } | { status: 'revoked'; at: Instant; reason: RevokeReason }
}

const day = 24 * 3_600_000
const unusedFor: Instant = 30 * day
const atMost: Instant = 180 * day
/** How long the previous token still gets the same successor, so that two racing tabs stay signed in. */
export const graceFor: Instant = 10_000
/** How long an expired session is kept, so that its device gets `token_expired`. */
export const keepExpiredFor: Instant = 7 * day

/** 30 days after its last use, but at most 180 days after sign-in. */
export const expiryOf = (createdAt: Instant, lastUsedAt: Instant): Instant => Math.min(lastUsedAt + unusedFor, createdAt + atMost)

export const isLive = (session: Session, now: Instant): boolean => session.state.status === 'active' && session.expiresAt > now

/** What happens to a genuine refresh token of a session. */
export type RefreshOutcome = 'rotate' | 'repeat' | 'reuse' | 'expired' | 'void'

/**
 * `rotate`: it is the current one. `repeat`: its successor was issued a moment ago; issue that again. `reuse`: it was used before, so two
 * clients have it and the family must end.
 */
export function classifyRefresh(session: Session, generation: number, now: Instant): RefreshOutcome {
  if (session.state.status === 'revoked' || generation > session.generation) return 'void'
  if (session.expiresAt <= now) return 'expired'
  if (generation === session.generation) return 'rotate'
  if (generation === session.generation - 1 && now - session.rotatedAt < graceFor) return 'repeat'
  return 'reuse'
}

/** The session after its token was exchanged for the next. */
export const rotated = (session: Session, tokenHash: string, now: Instant) => ({
  generation: session.generation + 1,
  tokenHash,
  rotatedAt: now,
  lastUsedAt: now,
  expiresAt: expiryOf(session.createdAt, now),
})
