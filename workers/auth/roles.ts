import type { Actor } from '../../shared/contracts/actor'
import { AppError } from '../../shared/contracts/errors'
import type { UserId } from '../../shared/contracts/ids'
import { flushOutbox, retryOnConflict, saveWithEvents } from '../../shared/events/outbox'
import type { Deps } from './deps'
import { presentSession, revokeEarlier } from './session-commands'
import { roleChanged, type User } from './user'

/** Longer than a change of role takes. */
const leaseFor = 30_000

/**
 * Gives a user another role: their sessions end, and it is told of in the same write. Operators do so one after the other, each being
 * one still, and none to themselves: so one is always left.
 * @throws AppError `not_found`, `invalid_state` (one's own role), `token_invalid` (the operator is none any more), `busy`
 */
export async function changeRole(
  deps: Deps,
  operator: Actor,
  userId: UserId,
  wanted: Pick<User, 'role' | 'storeName'>,
): Promise<User> {
  const lease = { _id: 'lease:roles', expiresAt: deps.now() + leaseFor }
  if (!(await deps.windows.take(lease, 1))) throw new AppError('busy', undefined, { retryAfter: 1 })
  try {
    await presentSession(deps, operator)
    if (operator.userId === userId && wanted.role !== operator.role)
      throw new AppError('invalid_state', 'Nobody gives up the role of an operator for themselves: another operator does')
    return await give(deps, operator.userId, userId, wanted)
  } finally {
    await deps.windows.forget(lease._id)
  }
}

async function give(deps: Deps, by: UserId, userId: UserId, wanted: Pick<User, 'role' | 'storeName'>): Promise<User> {
  const { user, events } = await retryOnConflict(async () => {
    const found = await deps.users.load(userId)
    if (!found) throw new AppError('not_found')
    if (found.role === wanted.role && found.storeName === wanted.storeName) return { user: found, events: [] }
    const change = roleChanged(found, wanted, by, deps.event)
    await saveWithEvents(deps.users.collection, found, change.state, change.events)
    return { user: { ...found, ...change.state }, events: change.events }
  })
  await flushOutbox(deps.users.collection, deps.publish, userId, events)
  // A repeat finishes what an attempt before it left.
  if (user.revokePending) await revokeEarlier(deps, user)
  return user
}
