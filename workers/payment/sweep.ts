import type { Instant } from '../../shared/contracts/ids'
import { inSequence } from '../../shared/events/in-sequence'
import { sweepIdempotency } from '../../shared/http/idempotency'
import { logger } from '../../shared/runtime/logger'
import { advance, applyIntent, providerOf, sendConfirmation } from './apply-command'
import type { Deps } from './deps'
import type { Payment } from './payment'

/** The platform allows 32 calls by service binding in one run; reconciling a payment makes up to five. */
const reconciledPerRun = 5
/** No provider sends a webhook again after this. */
const keepReceiptsFor: Instant = 30 * 24 * 3_600_000

/** What cron does: reconciles payments that are under way for too long, sends events that a crash left, deletes what is out of date. */
export function sweep(deps: Deps): Promise<void> {
  const now = deps.now()
  return inSequence(
    () => reconcileDue(deps, now),
    () => deps.payments.sweepOutbox(deps.publish),
    () => sweepIdempotency(deps),
    () => deps.receipts.deleteBefore(now - keepReceiptsFor),
  )
}

/** Payments that this run does not reach are due the longest next time: a claimed payment becomes due after them. */
async function reconcileDue(deps: Deps, now: Instant): Promise<void> {
  for (const payment of await deps.payments.claim(await deps.payments.due(now, reconciledPerRun), now)) {
    try {
      await reconcile(deps, payment)
    } catch (error) {
      logger.warn('payment stays due', { paymentId: payment._id, status: payment.status, error })
    }
  }
}

/** Makes up for a lost webhook or a call that broke off: applies the provider's state, then makes the next provider calls. */
async function reconcile(deps: Deps, payment: Payment): Promise<void> {
  const intent = payment.intentId && (await providerOf(deps, payment).retrieve(payment.intentId))
  if (payment.intentId && !intent) throw new Error('The provider does not know the intent')
  const current = intent ? await applyIntent(deps, payment, intent) : payment
  // The provider never got the shopper's payment method.
  const isUnconfirmed = current.status === 'processing' && intent && intent.status === 'requires_payment_method'
  await advance(deps, isUnconfirmed ? await sendConfirmation(deps, current) : current)
}
