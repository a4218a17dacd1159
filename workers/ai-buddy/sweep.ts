import { inSequence } from '../../shared/events/in-turn'
import { sweepIdempotency } from '../../shared/http/idempotency'
import type { Deps } from './deps'
import { embedArticles } from './search/indexing'
import { sweepSuggestions } from './suggestions/recompute'

/** What cron does: forgets what is past its day, computes what is suggested to sellers, has articles found by meaning. */
export const sweep = (deps: Deps): Promise<void> =>
  inSequence(
    () => sweepIdempotency(deps),
    () => sweepSuggestions(deps),
    () => embedArticles(deps),
    () => deps.conversations.forgetOld(deps.now()),
    () => deps.interests.forgetOld(deps.now()),
    () => deps.budgets.forgetOld(deps.now()),
  )
