import type { Instant } from '../../shared/contracts/ids'
import { inSequence } from '../../shared/events/in-turn'
import { sweepIdempotency } from '../../shared/http/idempotency'
import { settle } from './checkout'
import { expire } from './commands'
import type { Deps } from './deps'

/**
 * The platform allows 32 calls by service binding in one run. A page of what expires costs three of them whatever its size; an
 * order that is settled costs one, besides the two of its page.
 */
const pageSize = 100
const expiryPagesPerRun = 3
const settledPerRun = 8
const hour = 3_600_000
/** Longer than an idempotency key lives, so that a retry always finds the plan of the attempt before. */
const rememberPlansFor: Instant = 25 * hour
const rememberQuotesFor: Instant = 24 * hour

/** What cron does: sends and finishes what a crash left, ends what nobody paid, forgets what is of no more use. */
export function sweep(deps: Deps): Promise<void> {
  const now = deps.now()
  return inSequence(
    () => deps.orders.sweepOutbox(deps.publish, pageSize),
    async () => settle(deps, await deps.orders.unsettled(now, settledPerRun)),
    () => expireOverdue(deps, now),
    () => sweepIdempotency(deps),
    () => deps.plans.deleteBefore(now - rememberPlansFor),
    () => deps.quotes.deleteBefore(now - rememberQuotesFor),
  )
}

async function expireOverdue(deps: Deps, now: Instant): Promise<void> {
  for (let page = 0; page < expiryPagesPerRun; page++) {
    const overdue = await deps.orders.overdue(now, pageSize)
    const seen = await expire(deps, overdue)
    // Those that failed would be found again at once; the next tick tries them.
    if (overdue.length < pageSize || seen.length < overdue.length) return
  }
}
