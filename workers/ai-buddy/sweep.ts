import { inTurn } from '../../shared/events/in-turn'
import { sweepIdempotency } from '../../shared/http/idempotency'
import type { Deps } from './deps'
import { embedArticles } from './search/indexing'
import { sweepSuggestions } from './suggestions/recompute'

/** What cron does: deletes what has expired, computes suggestions for sellers, embeds articles. */
export const sweep = (deps: Deps): Promise<void> =>
  inTurn(
    () => sweepIdempotency(deps),
    () => sweepSuggestions(deps),
    () => embedArticles(deps),
    () => deps.conversations.deleteExpired(deps.now()),
    () => deps.interests.deleteExpired(deps.now()),
    () => deps.budgets.deleteExpired(deps.now()),
  )
