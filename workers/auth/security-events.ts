import type { MakeEvent, Publish } from '../../shared/events/publish'
import { logger } from '../../shared/runtime/logger'
import type { OpaqueTokens } from './opaque-token'
import type { PendingEventRepo, UserRepo, WindowRepo } from './repo'
import type { Tried, Window } from './throttle'
import type { User } from './user'

type Needs = { event: MakeEvent<'auth'>; publish: Publish; opaqueTokens: Pick<OpaqueTokens, 'pseudonym'> }
export type FailureNeeds = Needs & { pendingEvents: Pick<PendingEventRepo, 'insert'> }
export type LockOutNeeds = Needs & {
  windows: Pick<WindowRepo, 'version' | 'recordLockOut' | 'flush'>
  users: Pick<UserRepo, 'byEmail'>
}

/** Whose account it is: the user, or a digest by which attempts at an address that is nobody's can be told apart and no more. */
const attemptAt = ({ opaqueTokens }: Needs, user: Pick<User, '_id'> | null, { email, address }: Tried) => ({
  version: 1,
  account: user?._id ?? opaqueTokens.pseudonym(email),
  userId: user?._id ?? null,
  address,
})

/**
 * Tells that somebody did not get in. No document changes by that which the event could travel with: it is sent at once, and kept for
 * the sweep when no queue takes it. The answer does not depend on it.
 */
export async function tellFailure(deps: FailureNeeds, user: User | null, tried: Tried): Promise<void> {
  try {
    const attempt = attemptAt(deps, user, tried)
    const event = deps.event('user.sign_in_failed', attempt.account, attempt)
    try {
      await deps.publish([event])
    } catch (error) {
      logger.warn('a failed sign-in waits for the sweep', { error })
      await deps.pendingEvents.insert(event)
    }
  } catch (error) {
    logger.error('a failed sign-in is not told of', { error })
  }
}

/** Tells that a window is full, once: the event is in the write that notes it. The answer does not depend on it. */
export async function tellLockOut(
  deps: LockOutNeeds,
  { _id, expiresAt }: Pick<Window, '_id' | 'expiresAt'>,
  kind: 'account' | 'address',
  tried: Tried,
): Promise<void> {
  try {
    if ((await deps.windows.version(_id)) !== 1) return
    const attempt = attemptAt(deps, await deps.users.byEmail(tried.email), tried)
    const event = deps.event('user.locked_out', attempt.account, { ...attempt, kind, until: expiresAt })
    if (await deps.windows.recordLockOut(_id, event)) await deps.windows.flush(deps.publish, _id, [event])
  } catch (error) {
    logger.error('a lock-out is not told of', { error })
  }
}
