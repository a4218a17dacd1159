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
  /** Which refresh token is the present one, counted from 1, and its SHA-256. */
  generation: number
  tokenHash: string
  /** When the present token took the place of the one before. */
  rotatedAt: Instant
  state: { status: 'active' } | { status: 'revoked'; at: Instant; reason: RevokeReason }
}

const day = 24 * 3_600_000
const unusedFor: Instant = 30 * day
const atMost: Instant = 180 * day
/** How long the token before the present one still gets the same successor, so that two tabs racing stay signed in. */
export const graceFor: Instant = 10_000
/** How long an expired session is kept, so that its device hears `token_expired`. */
export const keepExpiredFor: Instant = 7 * day

/** 30 days after its last use, but never later than 180 days after sign-in. */
export const expiryOf = (createdAt: Instant, lastUsedAt: Instant): Instant => Math.min(lastUsedAt + unusedFor, createdAt + atMost)

export const isLive = (session: Session, now: Instant): boolean => session.state.status === 'active' && session.expiresAt > now

/** What comes of a genuine refresh token of this session, of the given generation. */
export type Verdict = 'rotate' | 'repeat' | 'reuse' | 'expired' | 'void'

/**
 * `rotate`: it is the present one. `repeat`: its successor was handed out a moment ago; hand that out again. `reuse`: it was
 * spent before, so it is in two hands and the family must end.
 */
export function judge(session: Session, generation: number, now: Instant): Verdict {
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
