import { AppError } from '../../shared/contracts/errors'
import type { Instant } from '../../shared/contracts/ids'
import { hashOf } from './opaque-token'
import type { WindowRepo } from './repo'
import { type LockOutNeeds, tellLockOut } from './security-events'
import { type Limits, type Tried, windowOf } from './throttle'

type Needs<Verb extends keyof WindowRepo> = { windows: Pick<WindowRepo, Verb>; now: () => Instant }
type Limited = { limits: Limits }
export type GuardNeeds = Needs<'take' | 'giveBack' | 'forget'> & Limited & LockOutNeeds

/** An attempt that was counted; `undo` takes it back when it turns out to be no failure. */
type Attempt = { undo(): Promise<void> }

/**
 * Counts an attempt before it is made, so that many at once get no more than the limit. The first that is refused in a window is
 * told of.
 * @throws AppError `too_many_requests` (with retryAfter) until the window ends
 */
export async function countAttempt(
  deps: Needs<'take' | 'giveBack'> & Limited & LockOutNeeds,
  kind: 'account' | 'address',
  tried: Tried,
): Promise<Attempt> {
  const now = deps.now()
  const window = windowOf(kind, hashOf(kind === 'account' ? tried.email : tried.address), now)
  if (!(await deps.windows.take(window, deps.limits[kind]))) {
    await tellLockOut(deps, window, kind, tried)
    throw new AppError('too_many_requests', undefined, { retryAfter: (window.expiresAt - now) / 1000 })
  }
  return { undo: () => deps.windows.giveBack(window._id) }
}

/** Whether one more mail may go to an account. Says no silently: the answer must not tell that the account exists. */
export const mayMail = (deps: Needs<'take'> & Limited, email: string): Promise<boolean> =>
  deps.windows.take(windowOf('mails', hashOf(email), deps.now()), deps.limits.mails)

/** The right password clears what was counted against the account. */
export const clearAttempts = (deps: Needs<'forget'>, email: string): Promise<void> =>
  deps.windows.forget(windowOf('account', hashOf(email), deps.now())._id)
