import type { Instant } from '../../shared/contracts/ids'
import { sweepOutbox } from '../../shared/events/outbox'
import { sweepIdempotency } from '../../shared/http/idempotency'
import { logger } from '../../shared/http/logger'
import { settle } from './checkout'
import { expire } from './commands'
import type { Deps } from './deps'

const pageSize = 100
const hour = 3_600_000
/** Longer than an idempotency key lives, so that a retry always finds the plan of the attempt before. */
const rememberPlansFor: Instant = 25 * hour
const rememberQuotesFor: Instant = 24 * hour

/** What cron does: sends and finishes what a crash left, ends what nobody paid, forgets what is of no more use. */
export async function sweep(deps: Deps): Promise<void> {
  const now = deps.now()
  await sweepOutbox(deps.orders.collection, deps.publish, pageSize)
  for (const order of await deps.orders.unsettled(pageSize)) await settle(deps, order)
  await expireOverdue(deps, now)
  await sweepIdempotency(deps.idempotency, now)
  await deps.plans.deleteMany({ createdAt: { $lt: now - rememberPlansFor } })
  await deps.quotes.collection.deleteMany({ checkedAt: { $lt: now - rememberQuotesFor } })
}

async function expireOverdue(deps: Deps, now: Instant): Promise<void> {
  for (;;) {
    const overdue = await deps.orders.overdue(now, pageSize)
    let failures = 0
    for (const { _id } of overdue) {
      try {
        await expire(deps, _id)
      } catch (error) {
        failures += 1
        logger.warn('order is not expired yet', { orderId: _id, error })
      }
    }
    // Those that failed would be found again at once; the next tick tries them.
    if (overdue.length < pageSize || failures > 0) return
  }
}
