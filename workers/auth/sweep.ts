import { sweepOutbox } from '../../shared/events/outbox'
import type { Deps } from './deps'
import { keepExpiredFor } from './session'
import { revokeEarlier } from './session-commands'

const pageSize = 100

/** What cron does: finishes what a crash left and forgets what has expired. */
export async function sweep(deps: Deps): Promise<void> {
  const now = deps.now()
  for (const user of await deps.users.withRevokePending(pageSize)) await revokeEarlier(deps, user)
  await sweepOutbox(deps.users.collection, deps.publish, pageSize)
  await sweepOutbox(deps.sessions.collection, deps.publish, pageSize)
  // What still has something to tell stays until it is told.
  await deps.sessions.collection.deleteMany({ expiresAt: { $lt: now - keepExpiredFor }, outboxPending: false })
  await deps.windows.collection.deleteMany({ expiresAt: { $lte: now } })
  await deps.users.collection.updateMany({ resetUntil: { $lte: now } }, { $set: { resets: [], resetUntil: null } })
}
