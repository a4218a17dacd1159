import { inSequence } from '../../shared/events/in-sequence'
import { sweepIdempotency } from '../../shared/http/idempotency'
import type { Deps } from './deps'

/** What cron does: deletes answers that are older than a day. */
export const sweep = (deps: Deps): Promise<void> => inSequence(() => sweepIdempotency(deps))
