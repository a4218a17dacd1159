import type { Actor } from '../../shared/contracts/actor'
import { AppError } from '../../shared/contracts/errors'
import type { UserId } from '../../shared/contracts/ids'
import { retryOnConflict } from '../../shared/events/outbox'
import type { UserRepo } from './repo'
import { presentSession, revokeEarlier, type SessionNeeds } from './session-commands'
import { roleChanged, type User } from './user'

type Needs = SessionNeeds & { users: Pick<UserRepo, 'saveAs' | 'flush'> }

/**
 * Gives a user another role: their sessions end, and it is told of in the same write. Nobody takes the role of an operator from
 * themselves, and who takes it from another is one still: so one is always left, whoever stalls or crashes in between.
 * @throws AppError `not_found`, `invalid_state` (one's own role), `token_invalid` (the operator is none any more), `conflict`
 */
export async function changeRole(
  deps: Needs,
  operator: Actor,
  userId: UserId,
  wanted: Pick<User, 'role' | 'storeName'>,
): Promise<User> {
  const { user, events } = await retryOnConflict(async () => {
    const { user: by } = await presentSession(deps, operator)
    if (by?.role !== 'admin') throw new AppError('token_invalid')
    if (by._id === userId && wanted.role !== by.role)
      throw new AppError('invalid_state', 'Nobody gives up the role of an operator for themselves: another operator does')
    const found = await deps.users.load(userId)
    if (!found) throw new AppError('not_found')
    if (found.role === wanted.role && found.storeName === wanted.storeName) return { user: found, events: [] }
    const change = roleChanged(found, wanted, by._id, deps.event)
    await deps.users.saveAs(by, found, change.state, change.events)
    return { user: { ...found, ...change.state }, events: change.events }
  })
  await deps.users.flush(deps.publish, userId, events)
  // A repeat finishes what an attempt before it left.
  if (user.revokePending) await revokeEarlier(deps, user)
  return user
}
