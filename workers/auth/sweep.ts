import { inSequence } from '../../shared/events/in-sequence'
import { sweepIdempotency } from '../../shared/http/idempotency'
import type { Deps } from './deps'
import { keepExpiredFor } from './session'
import { revokeEarlier } from './session-commands'
import type { User } from './user'

const pageSize = 100
/** How many sessions of earlier epochs one run ends; they are void already, so the rest can wait. */
const endedPerRun = 200

/** What cron does: finishes what a crash left, and deletes what has expired. */
export async function sweep(deps: Deps): Promise<void> {
  const now = deps.now()
  const { users, sessions, windows, pendingEvents, publish } = deps
  await inSequence(
    () => users.sweepOutbox(publish),
    () => sessions.sweepOutbox(publish),
    () => windows.sweepOutbox(publish),
    () => pendingEvents.sweepOutbox(publish),
    () => pendingEvents.forgetPublished(),
    // Documents with unpublished events stay until these are published.
    () => sessions.forgetExpired(now - keepExpiredFor),
    () => sweepIdempotency(deps),
    () => windows.forgetEnded(now),
    () => users.forgetResets(now),
    () => finishRevoking(deps),
  )
}

async function finishRevoking(deps: Deps): Promise<void> {
  const users = await deps.users.withRevokePending(pageSize)
  let left = endedPerRun
  const finish = async (user: User) => {
    if (left > 0) left -= await revokeEarlier(deps, user, left)
  }
  await inSequence(...users.map((user) => () => finish(user)))
}
