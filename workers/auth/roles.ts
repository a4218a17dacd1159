import type { Actor } from '../../shared/contracts/actor'
import { AppError } from '../../shared/contracts/errors'
import type { UserId } from '../../shared/contracts/ids'
import { flushOutbox, retryOnConflict, writeWithEvents } from '../../shared/events/outbox'
import type { Deps } from './deps'
import { presentSession, revokeEarlier } from './session-commands'
import { roleChanged, type User } from './user'

/**
 * Gives a user another role: their sessions end, and it is told of in the same write. Nobody takes the role of an operator from
 * themselves, and who takes it from another is one still: so one is always left, whoever stalls or crashes in between.
 * @throws AppError `not_found`, `invalid_state` (one's own role), `token_invalid` (the operator is none any more), `conflict`
 */
export async function changeRole(
  deps: Deps,
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
    await saveBy(deps, by, found, change)
    return { user: { ...found, ...change.state }, events: change.events }
  })
  await flushOutbox(deps.users.collection, deps.publish, userId, events)
  // A repeat finishes what an attempt before it left.
  if (user.revokePending) await revokeEarlier(deps, user)
  return user
}

/**
 * Writes a change only while the operator who makes it is one. Their own document goes up a version first, after both were read: whoever
 * takes the role from them reads it before that, and conflicts, or after it, and then has gone up a version too, so that this conflicts.
 * It holds also where a batch is no transaction. @throws AppError `conflict`
 */
async function saveBy(deps: Deps, by: User, found: User, { state, events }: ReturnType<typeof roleChanged>): Promise<void> {
  try {
    const [, { matchedCount }] = await deps.users.collection.batch([
      // Where somebody wrote since, the upsert would insert an id that is there: it fails, and ends the batch before the change.
      { action: 'updateOne', filter: { _id: by._id, version: by.version }, update: { $inc: { version: 1 } }, upsert: true },
      { action: 'updateOne', ...writeWithEvents<User>(found, state, events) },
    ])
    if (matchedCount === 0) throw new AppError('conflict')
  } catch (error) {
    if (AppError.is(error, 'duplicate_key')) throw new AppError('conflict')
    throw error
  }
}
