import { inSequence } from '../../shared/events/in-turn'
import { sweepIdempotency } from '../../shared/http/idempotency'
import { staleAfterWriteMs } from '../../shared/storage/read-through'
import type { Deps } from './deps'
import { renewShelves } from './read-through'

/** The most products of one round. */
const atOnce = 100

/** What cron does: tells what waits to be told, and forgets answers that are past their day. */
export const sweep = (deps: Deps): Promise<void> =>
  inSequence(
    () => tellLeft(deps),
    () => sweepIdempotency(deps),
  )

/**
 * Tells what a crash, or a cache that did not answer, left. While the cache still does not answer, only of what
 * changed so long ago that no answer from before is believed any more.
 */
async function tellLeft(deps: Deps): Promise<void> {
  const left = await deps.products.untold(atOnce)
  if (left.length === 0) return
  const renewed = await renewShelves(
    deps.cache,
    left.map(({ _id }) => _id),
  )
  const ripe = renewed ? left : left.filter(({ updatedAt }) => updatedAt + staleAfterWriteMs < deps.now())
  await deps.products.flush(deps.publish, ripe)
}
