import type { Actor } from '../../shared/contracts/actor'
import { AppError } from '../../shared/contracts/errors'
import type { UserId } from '../../shared/contracts/ids'
import { retryOnConflict } from '../../shared/events/outbox'
import type { UserRepo } from './repo'
import { currentSession, revokeEarlier, type SessionNeeds } from './session-commands'
import { roleChanged, type User } from './user'

type Needs = SessionNeeds & { users: Pick<UserRepo, 'saveAs' | 'flush'> }

/**
 * Gives a user another role, with the event in the same write, and ends their sessions. Operators cannot take the role from themselves,
 * and an operator who takes it from another must still be one: so at least one is left, even if one of them stalls or crashes.
 * @throws AppError `not_found`, `invalid_state` (their own role), `token_invalid` (no longer an operator), `conflict`
 */
export async function changeRole(
  deps: Needs,
  operator: Actor,
  userId: UserId,
  wanted: Pick<User, 'role' | 'storeName'>,
): Promise<User> {
  const { user, events } = await retryOnConflict(async () => {
    const { user: by } = await currentSession(deps, operator)
    if (by?.role !== 'admin') throw new AppError('token_invalid')
    if (by._id === userId && wanted.role !== by.role)
      throw new AppError('invalid_state', 'Operators cannot take the role from themselves; another operator can')
    const found = await deps.users.load(userId)
    if (!found) throw new AppError('not_found')
    if (found.role === wanted.role && found.storeName === wanted.storeName) return { user: found, events: [] }
    const change = roleChanged(found, wanted, by._id, deps.event)
    await deps.users.saveAs(by, found, change)
    return { user: { ...found, ...change.state }, events: change.events }
  })
  if (events.length > 0) await deps.users.flush([{ _id: userId, outbox: events }], deps.publish)
  // A repeat finishes what an interrupted attempt left.
  if (user.revokePending) await revokeEarlier(deps, user)
  return user
}
