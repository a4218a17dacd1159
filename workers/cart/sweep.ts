import { inSequence } from '../../shared/events/in-turn'
import { sweepIdempotency } from '../../shared/http/idempotency'
import type { Deps } from './deps'

/** What cron does: forgets answers that are past their day. Carts see to themselves, by their alarms. */
export const sweep = (deps: Deps): Promise<void> => inSequence(() => sweepIdempotency(deps))
