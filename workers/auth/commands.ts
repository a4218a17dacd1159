import type { Contact, MailToken } from '../../shared/contracts/auth'
import { AppError } from '../../shared/contracts/errors'
import type { Id, UserId } from '../../shared/contracts/ids'
import { retryOnConflict } from '../../shared/events/outbox'
import { clearAttempts, countAttempt, type GuardNeeds, mayMail } from './guard'
import { hashOf, type OpaqueTokens, sameText } from './opaque-token'
import type { Passwords } from './password'
import type { Addressee, UserRepo } from './repo'
import { type FailureNeeds, tellFailure } from './security-events'
import type { Session } from './session'
import { type Origin, revoke, revokeEarlier, type SessionNeeds, startSession } from './session-commands'
import { type Application, findReset, passwordReset, registered, resetRequested, type User, verificationExpiresAt } from './user'

type Needs = SessionNeeds &
  GuardNeeds &
  FailureNeeds & {
    users: Pick<UserRepo, 'insert' | 'save' | 'byEmail' | 'addressee' | 'flush'>
    passwords: Passwords
    opaqueTokens: OpaqueTokens
  }

/**
 * Makes an account and signs it in. Taken addresses count as guesses, so that nobody tries a list of them.
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
  return { user, session: await startSession(deps, holderOf(user), origin) }
}

/** Makes an account, or finds the one that an earlier attempt made under the same id. @throws AppError `email_taken` */
export async function createUser(
  deps: Needs,
  application: Application,
  password: string,
  userId: UserId = deps.newId('usr'),
): Promise<User> {
  const passwordHash = await deps.passwords.hash(password)
  const user = registered(application, { id: userId, passwordHash, event: deps.event }, deps.now())
  if (await deps.users.insert(user)) {
    await deps.users.flush(deps.publish, userId, user.outbox)
    return user
  }
  const made = await deps.users.load(userId)
  if (!made) throw new AppError('email_taken')
  return made
}

/**
 * Whether the account exists shows neither in the answer nor in the time it takes nor in what is counted.
 * @throws AppError `invalid_credentials`, `too_many_requests`
 */
export async function signIn(
  deps: Needs,
  email: string,
  password: string,
  origin: Origin,
): Promise<{ user: User; session: Session }> {
  const tried = { email, address: origin.address }
  const attempt = await countAttempt(deps, 'address', tried)
  await countAttempt(deps, 'account', tried)
  const user = await deps.users.byEmail(email)
  const matches = await deps.passwords.matches(password, user?.passwordHash)
  if (!user || !matches) {
    await tellFailure(deps, user, tried)
    throw new AppError('invalid_credentials')
  }
  await Promise.all([attempt.undo(), clearAttempts(deps, email)])
  const session = await startSession(deps, holderOf(user), origin)
  // A reset, or a change of role, between our read and our insert has not seen this session.
  const present = await deps.users.load(user._id)
  if (present?.epoch !== user.epoch) {
    await revoke(deps, session._id, present?.revokeReason ?? 'password_reset')
    throw new AppError('invalid_credentials')
  }
  return { user, session }
}

/** A session of nobody in particular. */
export const enterAsGuest = (deps: Needs, origin: Origin): Promise<Session> =>
  startSession(deps, { userId: deps.newId('usr'), role: 'guest', name: 'Guest', epoch: 0 }, origin)

/** Marks an address as its user's own; again changes nothing. @throws AppError `token_invalid`, `token_expired` */
export async function verifyEmail(deps: Needs, token: string): Promise<void> {
  const { userId } = deps.opaqueTokens.readVerification(token)
  await retryOnConflict(async () => {
    const user = await deps.users.load(userId)
    if (!user) throw new AppError('token_invalid')
    if (user.emailVerifiedAt !== null) return
    if (verificationExpiresAt(user) <= deps.now()) throw new AppError('token_expired')
    await deps.users.save(user, { emailVerifiedAt: deps.now() }, [])
  })
}

/**
 * Who is to get a reset mail: null when there is no such account or it got enough of them. Up to here everything is the
 * same for every address; what follows is done after the answer, where its time cannot be measured.
 * @throws AppError `too_many_requests` for the caller's address
 */
export async function mayResetPassword(deps: Needs, email: string, { address }: Origin): Promise<User | null> {
  await countAttempt(deps, 'address', { email, address })
  const [user, allowed] = await Promise.all([deps.users.byEmail(email), mayMail(deps, email)])
  return allowed ? user : null
}

/** Opens a reset link; its mail is sent for `user.password_reset_requested`, in the same write. */
export async function requestPasswordReset(deps: Needs, userId: UserId): Promise<void> {
  const id = deps.newId('req')
  const request = { id, tokenHash: hashOf(deps.opaqueTokens.reset(userId, id)) }
  const events = await retryOnConflict(async () => {
    const user = await deps.users.load(userId)
    if (!user) return []
    const change = resetRequested(user, request, deps.event, deps.now())
    await deps.users.save(user, change.state, change.events)
    return change.events
  })
  await deps.users.flush(deps.publish, userId, events)
}

/**
 * Sets a new password by a link and ends every session. Spending the link and setting the password are one write: of two at
 * once one wins. @throws AppError `token_invalid` (spent ones too), `token_expired`
 */
export async function resetPassword(deps: Needs, token: string, password: string): Promise<void> {
  const { userId, requestId } = deps.opaqueTokens.readReset(token)
  const open = async () => {
    const user = await deps.users.load(userId)
    const request = user ? findReset(user, requestId, deps.now()) : 'spent'
    if (request === 'expired') throw new AppError('token_expired')
    if (!user || request === 'spent' || !sameText(request.tokenHash, hashOf(token))) throw new AppError('token_invalid')
    return user
  }
  await open()
  const passwordHash = await deps.passwords.hash(password)
  const user = await retryOnConflict(async () => {
    const found = await open()
    const state = passwordReset(found, passwordHash, deps.now())
    await deps.users.save(found, state, [])
    return { ...found, ...state }
  })
  await clearAttempts(deps, user.email)
  await revokeEarlier(deps, user)
}

/** How to reach a user; null for guests and for nobody. */
export async function contact(deps: Needs, userId: UserId): Promise<Contact | null> {
  const user = await deps.users.addressee(userId)
  return user && contactOf(user)
}

/** What the welcome mail carries; null when the address is verified, or nobody has this id. */
export async function emailVerification(deps: Needs, userId: UserId): Promise<MailToken | null> {
  const user = await deps.users.load(userId)
  if (!user || user.emailVerifiedAt !== null) return null
  return { contact: contactOf(user), token: deps.opaqueTokens.verification(userId), expiresAt: verificationExpiresAt(user) }
}

/** What the mail with the reset link carries; null when the request is spent, expired or unknown. */
export async function passwordResetMail(deps: Needs, userId: UserId, requestId: Id<'req'>): Promise<MailToken | null> {
  const user = await deps.users.load(userId)
  const request = user ? findReset(user, requestId, deps.now()) : 'spent'
  if (!user || typeof request === 'string') return null
  return { contact: contactOf(user), token: deps.opaqueTokens.reset(userId, requestId), expiresAt: request.expiresAt }
}

const contactOf = ({ _id, email, name, role }: Addressee): Contact => ({ userId: _id, email, name, role })

const holderOf = ({ _id, name, role, epoch }: User) => ({ userId: _id, name, role, epoch })
