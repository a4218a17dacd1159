import type { Instant } from '../../shared/contracts/ids'
import { inSequence } from '../../shared/events/in-sequence'
import { sweepIdempotency } from '../../shared/http/idempotency'
import { expire } from './commands'
import type { Deps } from './deps'
import { finishOrders } from './finish'

/**
 * The platform allows 32 calls by service binding in one run. A page of expiring orders costs three of them whatever its size; each
 * order that is finished costs one, besides the two of its page.
 */
const pageSize = 100
const expiryPagesPerRun = 3
const finishedPerRun = 8
const hour = 3_600_000
/** Longer than an idempotency key lives, so that a retry always finds the plan of the attempt before. */
const rememberPlansFor: Instant = 25 * hour
const rememberQuotesFor: Instant = 24 * hour

/** What cron does: sends events and finishes orders that a crash left, cancels unpaid orders, deletes what is out of date. */
export function sweep(deps: Deps): Promise<void> {
  const now = deps.now()
  return inSequence(
    () => deps.orders.sweepOutbox(deps.publish, pageSize),
    async () => finishOrders(deps, await deps.orders.unfinished(now, finishedPerRun)),
    () => expireOverdue(deps, now),
    () => sweepIdempotency(deps),
    () => deps.plans.deleteBefore(now - rememberPlansFor),
    () => deps.quotes.deleteBefore(now - rememberQuotesFor),
  )
}

async function expireOverdue(deps: Deps, now: Instant): Promise<void> {
  for (let page = 0; page < expiryPagesPerRun; page++) {
    const overdue = await deps.orders.overdue(now, pageSize)
    const handled = await expire(deps, overdue)
    // Orders that failed would be found again at once; the next run retries them.
    if (overdue.length < pageSize || handled.length < overdue.length) return
  }
}
