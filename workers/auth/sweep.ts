import { inSequence } from '../../shared/events/in-sequence'
import { sweepOutbox } from '../../shared/events/outbox'
import { sweepIdempotency } from '../../shared/http/idempotency'
import type { Deps } from './deps'
import { keepExpiredFor } from './session'
import { revokeEarlier } from './session-commands'
import type { User } from './user'

const pageSize = 100
/** How many sessions of earlier epochs one run ends; they are void already, so it can wait. */
const endedPerRun = 200

/** What cron does: finishes what a crash left and forgets what has expired. */
export async function sweep(deps: Deps): Promise<void> {
  const now = deps.now()
  const { users, sessions, windows, untold, publish } = deps
  await inSequence(
    () => sweepOutbox({ collection: users.collection, publish }),
    () => sweepOutbox({ collection: sessions.collection, publish }),
    () => sweepOutbox({ collection: windows.collection, publish }),
    () => sweepOutbox({ collection: untold, publish }),
    () => untold.deleteMany({ outboxPending: false }),
    // What still has something to tell stays until it is told.
    () => sessions.collection.deleteMany({ expiresAt: { $lt: now - keepExpiredFor }, outboxPending: false }),
    () => sweepIdempotency(deps),
    () => windows.collection.deleteMany({ expiresAt: { $lte: now }, outboxPending: false }),
    () => users.collection.updateMany({ resetUntil: { $lte: now } }, { $set: { resets: [], resetUntil: null } }),
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
