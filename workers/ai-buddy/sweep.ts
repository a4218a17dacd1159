import { inSequence } from '../../shared/events/in-sequence'
import { sweepIdempotency } from '../../shared/http/idempotency'
import type { Deps } from './deps'
import { embedArticles } from './search/indexing'
import { sweepSuggestions } from './suggestions/recompute'

/** What cron does: deletes what has expired, computes suggestions for sellers, embeds articles. */
export const sweep = (deps: Deps): Promise<void> =>
  inSequence(
    () => sweepIdempotency(deps),
    () => sweepSuggestions(deps),
    () => embedArticles(deps),
    () => deps.conversations.deleteExpired(deps.now()),
    () => deps.interests.deleteExpired(deps.now()),
    () => deps.budgets.deleteExpired(deps.now()),
  )
