import type { Envelope } from '../../shared/contracts/events'
import type { Id, Instant, UserId } from '../../shared/contracts/ids'
import { type Stored, withOutbox } from '../../shared/events/outbox'
import type { MakeEvent } from '../../shared/events/publish'

/** A request for a link to set a new password; only the hash of its token is kept. */
export type ResetRequest = { id: Id<'req'>; tokenHash: string; expiresAt: Instant }

/** An account that can sign in. Guests have a session and no user. */
export type User = Stored & {
  _id: UserId
  /** Trimmed and in lower case; unique. */
  email: string
  name: string
  role: 'buyer' | 'seller' | 'admin'
  /** Only sellers have one. */
  storeName: string | null
  /** scrypt, in PHC form. */
  passwordHash: string
  emailVerifiedAt: Instant | null
  createdAt: Instant
  /** Counts password resets and changes of role. A session of an earlier epoch is void, whether or not it is marked as revoked yet. */
  epoch: number
  /** Some sessions of earlier epochs are not marked yet; the sweep finishes it. */
  revokePending: boolean
  /** Why these sessions end. */
  revokeReason: 'password_reset' | 'role_changed'
  resets: ResetRequest[]
  /** When the last of `resets` expires; null while there are none. */
  resetUntil: Instant | null
}

/** The fields of a registration. */
export type Application = Pick<User, 'email' | 'name' | 'role' | 'storeName'>

const day = 24 * 3_600_000
/** How long after registration the link in the welcome e-mail is valid. */
const verifyWithin: Instant = 7 * day
/** How long a reset link is valid. */
const resetWithin: Instant = 30 * 60_000

/** A new user's document, `user.registered` in its outbox. */
export function registered(
  application: Application,
  { id, passwordHash, event }: { id: UserId; passwordHash: string; event: MakeEvent<'auth'> },
  now: Instant,
): User {
  const { email, name, role, storeName } = application
  return {
    ...withOutbox([event('user.registered', id, { version: 1, userId: id, email, name, role })]),
    _id: id,
    email,
    name,
    role,
    storeName,
    passwordHash,
    emailVerifiedAt: null,
    createdAt: now,
    epoch: 1,
    revokePending: false,
    revokeReason: 'password_reset',
    resets: [],
    resetUntil: null,
  }
}

export const verificationExpiresAt = (user: User): Instant => user.createdAt + verifyWithin

type Change = { state: Partial<Omit<User, keyof Stored>>; events: Envelope[] }

/** Adds a reset link, and drops those that have expired. */
export function resetRequested(
  user: User,
  request: { id: Id<'req'>; tokenHash: string },
  event: MakeEvent<'auth'>,
  now: Instant,
): Change {
  const expiresAt = now + resetWithin
  const open = user.resets.filter((reset) => reset.expiresAt > now)
  return {
    state: { resets: [...open, { ...request, expiresAt }], resetUntil: expiresAt },
    events: [
      event('user.password_reset_requested', user._id, { version: user.version + 1, userId: user._id, requestId: request.id }),
    ],
  }
}

/** The open request of a link; `spent` when it was used or never made. */
export function findReset(user: User, id: Id<'req'>, now: Instant): ResetRequest | 'expired' | 'spent' {
  const request = user.resets.find((reset) => reset.id === id)
  if (!request) return 'spent'
  return request.expiresAt > now ? request : 'expired'
}

/** A new password voids every link and every session. The link came by e-mail, so it also proves the address. */
export const passwordReset = (user: User, passwordHash: string, now: Instant): Change['state'] => ({
  passwordHash,
  emailVerifiedAt: user.emailVerifiedAt ?? now,
  epoch: user.epoch + 1,
  revokePending: true,
  revokeReason: 'password_reset',
  resets: [],
  resetUntil: null,
})

/** Another role voids every session, since each carries the old one. With the same role only the store name changes. */
export function roleChanged(
  user: User,
  { role, storeName }: Pick<User, 'role' | 'storeName'>,
  by: UserId,
  event: MakeEvent<'auth'>,
): Change {
  if (role === user.role) return { state: { storeName }, events: [] }
  const facts = { version: user.version + 1, userId: user._id, role, previous: user.role, by }
  return {
    state: { role, storeName, epoch: user.epoch + 1, revokePending: true, revokeReason: 'role_changed' },
    events: [event('user.role_changed', user._id, facts)],
  }
}
