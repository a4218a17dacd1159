import type { Contact, MailToken } from '../../shared/contracts/auth'
import { AppError } from '../../shared/contracts/errors'
import type { Id, UserId } from '../../shared/contracts/ids'
import { change } from '../../shared/events/change'
import { clearAttempts, countAttempt, type GuardNeeds, mayMail } from './guard'
import { hashOf, type OpaqueTokens, sameText } from './opaque-token'
import type { Passwords } from './password'
import type { Addressee, UserRepo } from './repo'
import { type FailureNeeds, publishFailedSignIn } from './security-events'
import type { Session } from './session'
import { type Origin, revoke, revokeEarlier, type SessionNeeds, startSession } from './session-commands'
import { type Application, findReset, passwordReset, registered, resetRequested, type User, verificationExpiresAt } from './user'

type Needs = SessionNeeds &
  GuardNeeds &
  FailureNeeds & {
    users: Pick<UserRepo, 'insertIfAbsent' | 'publishing' | 'byEmail' | 'addressee' | 'flush'>
    passwords: Passwords
    opaqueTokens: OpaqueTokens
  }

/**
 * Makes an account and signs it in. A taken address counts as a guess, so that a list of addresses cannot be tried.
 * @throws AppError `email_taken`, `too_many_requests`
 */
export async function register(
  deps: Needs,
  application: Application,
  password: string,
  origin: Origin,
  userId: UserId = deps.newId('usr'),
): Promise<{ user: User; session: Session }> {
  const attempt = await countAttempt(deps, 'address', { email: application.email, address: origin.address })
  const user = await createUser(deps, application, password, userId)
  await attempt.undo()
  return { user, session: await startSession(deps, sessionUserOf(user), origin) }
}

/** Makes an account, or finds the one that an earlier attempt made with the same id. @throws AppError `email_taken` */
export async function createUser(
  deps: Needs,
  application: Application,
  password: string,
  userId: UserId = deps.newId('usr'),
): Promise<User> {
  const passwordHash = await deps.passwords.hash(password)
  const user = registered(application, { id: userId, passwordHash, event: deps.event }, deps.now())
  if (await deps.users.insertIfAbsent(user)) {
    await deps.users.flush([{ _id: userId, outbox: user.outbox }], deps.publish)
    return user
  }
  const made = await deps.users.load(userId)
  if (!made) throw new AppError('email_taken')
  return made
}

/**
 * Neither the answer, nor its time, nor the counting reveals whether the account exists.
 * @throws AppError `invalid_credentials`, `too_many_requests`
 */
export async function signIn(
  deps: Needs,
  email: string,
  password: string,
  origin: Origin,
): Promise<{ user: User; session: Session }> {
  const details = { email, address: origin.address }
  const attempt = await countAttempt(deps, 'address', details)
  await countAttempt(deps, 'account', details)
  const user = await deps.users.byEmail(email)
  const matches = await deps.passwords.matches(password, user?.passwordHash)
  if (!user || !matches) {
    await publishFailedSignIn(deps, user, details)
    throw new AppError('invalid_credentials')
  }
  await Promise.all([attempt.undo(), clearAttempts(deps, email)])
  const session = await startSession(deps, sessionUserOf(user), origin)
  // A password reset, or a change of role, between our read and our insert did not revoke this session.
  const present = await deps.users.load(user._id)
  if (present?.epoch !== user.epoch) {
    await revoke(deps, session._id, present?.revokeReason ?? 'password_reset')
    throw new AppError('invalid_credentials')
  }
  return { user, session }
}

/** A session without a user. */
export const enterAsGuest = (deps: Needs, origin: Origin): Promise<Session> =>
  startSession(deps, { userId: deps.newId('usr'), role: 'guest', name: 'Guest', epoch: 0 }, origin)

/** Marks a user's address as verified; a repeat changes nothing. @throws AppError `token_invalid`, `token_expired` */
export async function verifyEmail(deps: Needs, token: string): Promise<void> {
  const { userId } = deps.opaqueTokens.readVerification(token)
  const verified = await change(deps.users.publishing(deps.publish), userId, (user) => {
    if (user.emailVerifiedAt !== null) return null
    if (verificationExpiresAt(user) <= deps.now()) throw new AppError('token_expired')
    return { state: { emailVerifiedAt: deps.now() }, events: [] }
  })
  if (!verified) throw new AppError('token_invalid')
}

/**
 * The user to send a reset e-mail to; null when there is no such account or it got enough of them. Everything up to here is the same for
 * every address. The rest happens after the answer, where its time cannot be measured.
 * @throws AppError `too_many_requests` for the caller's address
 */
export async function mayResetPassword(deps: Needs, email: string, { address }: Origin): Promise<User | null> {
  await countAttempt(deps, 'address', { email, address })
  const [user, allowed] = await Promise.all([deps.users.byEmail(email), mayMail(deps, email)])
  return allowed ? user : null
}

/** Opens a reset link, and publishes `user.password_reset_requested`, for which notification sends the e-mail. */
export async function requestPasswordReset(deps: Needs, userId: UserId): Promise<void> {
  const id = deps.newId('req')
  const request = { id, tokenHash: hashOf(deps.opaqueTokens.reset(userId, id)) }
  await change(deps.users.publishing(deps.publish), userId, (user) => resetRequested(user, request, deps.event, deps.now()))
}

/**
 * Sets a new password by a link and ends every session. One write uses the link and sets the password, so that one of two concurrent
 * requests wins. @throws AppError `token_invalid` (used links too), `token_expired`
 */
export async function resetPassword(deps: Needs, token: string, password: string): Promise<void> {
  const { userId, requestId } = deps.opaqueTokens.readReset(token)
  const requireOpen = (user: User | null) => {
    const request = user ? findReset(user, requestId, deps.now()) : 'spent'
    if (request === 'expired') throw new AppError('token_expired')
    if (!user || request === 'spent' || !sameText(request.tokenHash, hashOf(token))) throw new AppError('token_invalid')
  }
  requireOpen(await deps.users.load(userId))
  const passwordHash = await deps.passwords.hash(password)
  const user = await change(deps.users.publishing(deps.publish), userId, (found) => {
    requireOpen(found)
    return { state: passwordReset(found, passwordHash, deps.now()), events: [] }
  })
  if (!user) throw new AppError('token_invalid')
  await clearAttempts(deps, user.email)
  await revokeEarlier(deps, user)
}

/** How to reach a user; null for guests and unknown ids. */
export async function contact(deps: Needs, userId: UserId): Promise<Contact | null> {
  const user = await deps.users.addressee(userId)
  return user && contactOf(user)
}

/** The recipient and the token of the welcome e-mail; null when the address is verified or the id is unknown. */
export async function emailVerification(deps: Needs, userId: UserId): Promise<MailToken | null> {
  const user = await deps.users.load(userId)
  if (!user || user.emailVerifiedAt !== null) return null
  return { contact: contactOf(user), token: deps.opaqueTokens.verification(userId), expiresAt: verificationExpiresAt(user) }
}

/** The recipient and the token of the reset e-mail; null when the request is used, expired or unknown. */
export async function passwordResetMail(deps: Needs, userId: UserId, requestId: Id<'req'>): Promise<MailToken | null> {
  const user = await deps.users.load(userId)
  const request = user ? findReset(user, requestId, deps.now()) : 'spent'
  if (!user || typeof request === 'string') return null
  return { contact: contactOf(user), token: deps.opaqueTokens.reset(userId, requestId), expiresAt: request.expiresAt }
}

const contactOf = ({ _id, email, name, role }: Addressee): Contact => ({ userId: _id, email, name, role })

const sessionUserOf = ({ _id, name, role, epoch }: User) => ({ userId: _id, name, role, epoch })
