import { inSequence } from '../../shared/events/in-sequence'
import { sweepIdempotency } from '../../shared/http/idempotency'
import { forgetDeadLetters } from './dead-letters'
import type { Deps } from './deps'
import { resumeReplays } from './replay'

/** What cron does: continues replays, deletes old resolved dead letters and old idempotency records. */
export const sweep = (deps: Deps): Promise<void> =>
  inSequence(
    () => resumeReplays(deps),
    () => forgetDeadLetters(deps),
    () => sweepIdempotency(deps),
  )
