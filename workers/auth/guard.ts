import { AppError } from '../../shared/contracts/errors'
import type { Instant } from '../../shared/contracts/ids'
import { hashOf } from './opaque-token'
import type { WindowRepo } from './repo'
import { type LockOutNeeds, publishLockOut } from './security-events'
import { type Limits, type SignInAttempt, windowOf } from './throttle'

type Needs<Verb extends keyof WindowRepo> = { windows: Pick<WindowRepo, Verb>; now: () => Instant }
type Limited = { limits: Limits }
export type GuardNeeds = Needs<'take' | 'giveBack' | 'forget'> & Limited & LockOutNeeds

/** A counted attempt; `undo` takes it back when it was not a failure. */
type Attempt = { undo(): Promise<void> }

/**
 * Counts an attempt before it is made, so that concurrent attempts get no more than the limit. Publishes the first refusal of a window.
 * @throws AppError `too_many_requests` (with retryAfter) until the window ends
 */
export async function countAttempt(
  deps: Needs<'take' | 'giveBack'> & Limited & LockOutNeeds,
  kind: 'account' | 'address',
  attempt: SignInAttempt,
): Promise<Attempt> {
  const now = deps.now()
  const window = windowOf(kind, hashOf(kind === 'account' ? attempt.email : attempt.address), now)
  if (!(await deps.windows.take(window, deps.limits[kind]))) {
    await publishLockOut(deps, window, kind, attempt)
    throw new AppError('too_many_requests', undefined, { retryAfter: (window.expiresAt - now) / 1000 })
  }
  return { undo: () => deps.windows.giveBack(window._id) }
}

/** Counts an e-mail to an account, and returns whether it may be sent. It never throws, which would reveal that the account exists. */
export const mayMail = (deps: Needs<'take'> & Limited, email: string): Promise<boolean> =>
  deps.windows.take(windowOf('mails', hashOf(email), deps.now()), deps.limits.mails)

/** Clears the count of an account, after the right password. */
export const clearAttempts = (deps: Needs<'forget'>, email: string): Promise<void> =>
  deps.windows.forget(windowOf('account', hashOf(email), deps.now())._id)
