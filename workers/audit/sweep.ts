import { inSequence } from '../../shared/events/in-turn'
import { sweepIdempotency } from '../../shared/http/idempotency'
import type { Deps } from './deps'
import { forgetLetters } from './letters'
import { resumeReplays } from './replay'

/** What cron does: goes on with replays, forgets dead letters that were seen to and answers that are past their day. */
export const sweep = (deps: Deps): Promise<void> =>
  inSequence(
    () => resumeReplays(deps),
    () => forgetLetters(deps),
    () => sweepIdempotency(deps),
  )
