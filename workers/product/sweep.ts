import { inSequence } from '../../shared/events/in-sequence'
import { sweepIdempotency } from '../../shared/http/idempotency'
import { staleAfterWriteMs } from '../../shared/storage/read-through'
import type { Deps } from './deps'
import { invalidateProducts } from './read-through'

/** The most products of one run. */
const pageSize = 100

/** What cron does: publishes pending events, and deletes answers that are older than a day. */
export const sweep = (deps: Deps): Promise<void> =>
  inSequence(
    () => publishPending(deps),
    () => sweepIdempotency(deps),
  )

/**
 * Publishes the events that a crash, or a cache that did not answer, left. While the cache does not answer, it publishes only changes
 * that are so old that the cache serves no answer from before them.
 */
async function publishPending(deps: Deps): Promise<void> {
  const left = await deps.products.withPendingEvents(pageSize)
  if (left.length === 0) return
  const invalidated = await invalidateProducts(
    deps.cache,
    left.map(({ _id }) => _id),
  )
  const safe = invalidated ? left : left.filter(({ updatedAt }) => updatedAt + staleAfterWriteMs < deps.now())
  await deps.products.flush(deps.publish, safe)
}
