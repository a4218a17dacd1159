import { sweepOutbox } from '../../shared/events/outbox'
import type { Deps } from './deps'

/** What cron does: sends the events that a crash left. */
export const sweep = (deps: Deps): Promise<number> => sweepOutbox({ collection: deps.products.collection, publish: deps.publish })
