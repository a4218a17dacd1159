import type { Actor } from '../../shared/contracts/actor'
import { AppError } from '../../shared/contracts/errors'
import type { Instant, NewId, SessionId } from '../../shared/contracts/ids'
import { change } from '../../shared/events/change'
import { withOutbox } from '../../shared/events/outbox'
import type { Decision } from '../../shared/events/outbox-repo'
import type { MakeEvent, Publish } from '../../shared/events/publish'
import { logger } from '../../shared/runtime/logger'
import type { Documents } from '../../shared/storage/documents'
import { type AccessTokens, accessTokenSeconds } from './access-token'
import { hashOf, type OpaqueTokens, sameText } from './opaque-token'
import { findActing, type SessionRepo, type UserRepo } from './repo'
import { classifyRefresh, expiryOf, isLive, type RevokeReason, rotated, type Session } from './session'
import type { User } from './user'

export type SessionNeeds = {
  documents: Pick<Documents, 'batch'>
  sessions: Pick<SessionRepo, 'collection' | 'insert' | 'load' | 'publishing' | 'page' | 'before' | 'flush'>
  users: Pick<UserRepo, 'collection' | 'load' | 'clearRevokePending'>
  accessTokens: Pick<AccessTokens, 'sign'>
  opaqueTokens: Pick<OpaqueTokens, 'refresh' | 'readRefresh'>
  event: MakeEvent<'auth'>
  publish: Publish
  now: () => Instant
  newId: NewId
}
type Needs<Key extends keyof SessionNeeds> = Pick<SessionNeeds, Key>
type StartNeeds = Needs<'sessions' | 'opaqueTokens' | 'event' | 'publish' | 'now' | 'newId'>
type RevokeNeeds = Needs<'sessions' | 'event' | 'publish' | 'now'>

/** Where a request comes from. */
export type Origin = { address: string; userAgent: string | null }

/** The tokens that a device acts with; `expiresIn` in seconds. */
export type Tokens = {
  accessToken: string
  tokenType: 'Bearer'
  expiresIn: number
  refreshToken: string
  /** Seconds until the refresh token expires, if it is not used. */
  refreshableFor: number
}

type SessionUser = Pick<Session, 'userId' | 'role' | 'name' | 'epoch'>

/** Begins a session, always with a new id that no client can choose. The same write holds the event, except for guests. */
export async function startSession(deps: StartNeeds, user: SessionUser, { address, userAgent }: Origin): Promise<Session> {
  const now = deps.now()
  const _id = deps.newId('ses')
  const { userId, role } = user
  const facts = { version: 1, userId, sessionId: _id, address }
  const events = role === 'guest' ? [] : [deps.event('user.signed_in', _id, facts)]
  const session: Session = {
    ...withOutbox(events),
    ...user,
    _id,
    userAgent,
    createdAt: now,
    lastUsedAt: now,
    expiresAt: expiryOf(now, now),
    generation: 1,
    tokenHash: hashOf(deps.opaqueTokens.refresh(_id, 1)),
    rotatedAt: now,
    state: { status: 'active' },
  }
  await deps.sessions.insert(session)
  if (events.length > 0) await deps.sessions.flush([{ _id, outbox: events }], deps.publish)
  return session
}

/** An access token and the session's current refresh token. */
export async function issueTokens(deps: Needs<'accessTokens' | 'opaqueTokens' | 'now'>, session: Session): Promise<Tokens> {
  const { _id: sessionId, userId, role, name, generation, expiresAt } = session
  const now = deps.now()
  return {
    accessToken: await deps.accessTokens.sign({ userId, sessionId, role, name }, now),
    tokenType: 'Bearer',
    expiresIn: accessTokenSeconds,
    refreshToken: deps.opaqueTokens.refresh(sessionId, generation),
    refreshableFor: Math.ceil((expiresAt - now) / 1000),
  }
}

/**
 * Exchanges a refresh token for the next pair. Of two concurrent requests with a token, one rotates it and both get the same successor.
 * A token that was used before ends the session.
 * @throws AppError `token_expired`, `token_invalid`
 */
export async function refresh(deps: SessionNeeds, token: string): Promise<Tokens> {
  const { sessionId, generation } = deps.opaqueTokens.readRefresh(token)
  const session = await change(deps.sessions.publishing(deps.publish), sessionId, async (found) => {
    const user = found.role === 'guest' ? null : await deps.users.load(found.userId)
    if (!isOfCurrentEpoch(found, user)) throw new AppError('token_invalid')
    const now = deps.now()
    const outcome = classifyRefresh(found, generation, now)
    switch (outcome) {
      case 'rotate':
        if (!sameText(found.tokenHash, hashOf(token))) throw new AppError('token_invalid')
        return rotation(deps, found, now)
      case 'repeat':
        return null
      case 'reuse':
        logger.warn('refresh token reused', { sessionId, userId: found.userId, generation, present: found.generation })
        await revoke(deps, sessionId, 'refresh_reuse')
        throw new AppError('token_invalid')
      case 'expired':
        throw new AppError('token_expired')
      case 'void':
        throw new AppError('token_invalid')
      default:
        return outcome satisfies never
    }
  })
  if (!session) throw new AppError('token_invalid')
  return issueTokens(deps, session)
}

function rotation(deps: Needs<'opaqueTokens'>, session: Session, now: Instant): Decision<Session> {
  const successor = deps.opaqueTokens.refresh(session._id, session.generation + 1)
  return { state: rotated(session, hashOf(successor), now), events: [] }
}

/** A user's session is void from the moment of a new password or role, before it is marked as revoked. */
const isOfCurrentEpoch = ({ role, epoch }: Session, user: User | null): boolean => role === 'guest' || user?.epoch === epoch

/** The session of an actor, and their user unless they are a guest. @throws AppError `token_invalid` when the session has ended */
export async function currentSession(
  deps: Needs<'documents' | 'sessions' | 'users' | 'now'>,
  actor: Actor,
): Promise<{ session: Session; user: User | null }> {
  const { session, user } = await findActing(deps, actor)
  if (!session || session.userId !== actor.userId || !isLive(session, deps.now())) throw new AppError('token_invalid')
  if (!isOfCurrentEpoch(session, user)) throw new AppError('token_invalid')
  return { session, user }
}

/** One page of an actor's live sessions, newest first. @throws AppError `token_invalid` */
export async function listSessions(
  deps: Needs<'documents' | 'sessions' | 'users' | 'now'>,
  actor: Actor,
  after: string | undefined,
  limit: number,
): Promise<Session[]> {
  const { session } = await currentSession(deps, actor)
  return deps.sessions.page(actor.userId, { epoch: session.epoch, at: deps.now(), after, limit })
}

/** Ends a session of the actor. @throws AppError `token_invalid`, `not_found` (another user's, or ended) */
export async function revokeOwn(
  deps: RevokeNeeds & Needs<'documents' | 'users'>,
  actor: Actor,
  sessionId: SessionId,
): Promise<void> {
  await currentSession(deps, actor)
  const session = await deps.sessions.load(sessionId)
  if (!session || session.userId !== actor.userId || !isLive(session, deps.now())) throw new AppError('not_found')
  await revoke(deps, sessionId, 'revoked')
}

/**
 * Ends the session of the actor, and the session of their browser's cookie. Usually both are the same; when they differ, only a request
 * with that cookie can end the other one.
 */
export async function signOut(
  deps: RevokeNeeds & Needs<'opaqueTokens'>,
  { userId, sessionId }: Actor,
  cookie: string | undefined,
): Promise<void> {
  await revoke(deps, sessionId, 'logout')
  const other = cookie === undefined ? undefined : sessionIn(deps, cookie)
  if (other === undefined || other === sessionId) return
  if ((await deps.sessions.load(other))?.userId === userId) await revoke(deps, other, 'logout')
}

function sessionIn({ opaqueTokens }: Needs<'opaqueTokens'>, token: string): SessionId | undefined {
  try {
    return opaqueTokens.readRefresh(token).sessionId
  } catch (error) {
    if (AppError.is(error, 'token_invalid')) return undefined
    throw error
  }
}

/** Ends a session once, with `user.session_revoked` in the same write. A session that has ended does not change. */
export async function revoke(deps: RevokeNeeds, sessionId: SessionId, reason: RevokeReason): Promise<void> {
  await change(deps.sessions.publishing(deps.publish), sessionId, ({ state, userId, version }): Decision<Session> | null => {
    if (state.status === 'revoked') return null
    const event = deps.event('user.session_revoked', sessionId, { version: version + 1, userId, sessionId, reason })
    return { state: { state: { status: 'revoked', at: deps.now(), reason } }, events: [event] }
  })
}

type Revoking = Pick<User, '_id' | 'epoch' | 'revokeReason'>

/** How many sessions a request ends; each takes a few round trips. */
const endedAtOnce = 50

/**
 * Ends sessions from before the user's current epoch, at most `limit`, and returns how many. The flag on the user says that some may be
 * left. These are void already, and the sweep ends them.
 */
export async function revokeEarlier(
  deps: RevokeNeeds & Needs<'users'>,
  { _id, epoch, revokeReason }: Revoking,
  limit = endedAtOnce,
): Promise<number> {
  const earlier = await deps.sessions.before(_id, epoch, limit)
  for (const session of earlier) await revoke(deps, session._id, revokeReason)
  if (earlier.length < limit) await deps.users.clearRevokePending(_id, epoch)
  return earlier.length
}
