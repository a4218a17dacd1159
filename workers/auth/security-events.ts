import type { MakeEvent, Publish } from '../../shared/events/publish'
import { logger } from '../../shared/runtime/logger'
import type { OpaqueTokens } from './opaque-token'
import type { PendingEventRepo, UserRepo, WindowRepo } from './repo'
import type { SignInAttempt, Window } from './throttle'
import type { User } from './user'

type Needs = { event: MakeEvent<'auth'>; publish: Publish; opaqueTokens: Pick<OpaqueTokens, 'pseudonym'> }
export type FailureNeeds = Needs & { pendingEvents: Pick<PendingEventRepo, 'insert'> }
export type LockOutNeeds = Needs & {
  windows: Pick<WindowRepo, 'version' | 'recordLockOut' | 'flush'>
  users: Pick<UserRepo, 'byEmail'>
}

/** The event data of an attempt. Without a user, the account is a digest that only distinguishes addresses. */
const attemptData = ({ opaqueTokens }: Needs, user: Pick<User, '_id'> | null, { email, address }: SignInAttempt) => ({
  version: 1,
  account: user?._id ?? opaqueTokens.pseudonym(email),
  userId: user?._id ?? null,
  address,
})

/**
 * Publishes a failed sign-in. No document changes whose outbox could hold the event, so it is sent at once, and kept for the sweep when
 * no queue accepts it. A failure here does not change the answer.
 */
export async function publishFailedSignIn(deps: FailureNeeds, user: User | null, details: SignInAttempt): Promise<void> {
  try {
    const attempt = attemptData(deps, user, details)
    const event = deps.event('user.sign_in_failed', attempt.account, attempt)
    try {
      await deps.publish([event])
    } catch (error) {
      logger.warn('a failed sign-in waits for the sweep', { error })
      await deps.pendingEvents.insert(event)
    }
  } catch (error) {
    logger.error('a failed sign-in is not published', { error })
  }
}

/** Publishes once that a window is full. One write records it together with the event. A failure here does not change the answer. */
export async function publishLockOut(
  deps: LockOutNeeds,
  { _id, expiresAt }: Pick<Window, '_id' | 'expiresAt'>,
  kind: 'account' | 'address',
  details: SignInAttempt,
): Promise<void> {
  try {
    if ((await deps.windows.version(_id)) !== 1) return
    const attempt = attemptData(deps, await deps.users.byEmail(details.email), details)
    const event = deps.event('user.locked_out', attempt.account, { ...attempt, kind, until: expiresAt })
    if (await deps.windows.recordLockOut(_id, event)) await deps.windows.flush([{ _id, outbox: [event] }], deps.publish)
  } catch (error) {
    logger.error('a lock-out is not published', { error })
  }
}
