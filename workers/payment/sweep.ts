import type { Instant } from '../../shared/contracts/ids'
import { inSequence } from '../../shared/events/in-turn'
import { sweepIdempotency } from '../../shared/http/idempotency'
import { logger } from '../../shared/runtime/logger'
import { advance, applyIntent, providerOf, sendConfirmation } from './apply-command'
import type { Deps } from './deps'
import type { Payment } from './payment'

/** The platform allows 32 calls by service binding in one run; a payment that is reconciled makes up to five. */
const reconciledPerRun = 5
/** No provider sends a webhook again after this. */
const rememberReceiptsFor: Instant = 30 * 24 * 3_600_000

/** What cron does: reconciles what has been under way for too long, sends what a crash left, forgets what is past use. */
export function sweep(deps: Deps): Promise<void> {
  const now = deps.now()
  return inSequence(
    () => reconcileDue(deps, now),
    () => deps.payments.sweepOutbox(deps.publish),
    () => sweepIdempotency(deps),
    () => deps.receipts.deleteBefore(now - rememberReceiptsFor),
  )
}

/** Those that are not reached are due for the longest next time: who was claimed comes after them. */
async function reconcileDue(deps: Deps, now: Instant): Promise<void> {
  for (const payment of await deps.payments.claim(await deps.payments.due(now, reconciledPerRun), now)) {
    try {
      await reconcile(deps, payment)
    } catch (error) {
      logger.warn('payment stays due', { paymentId: payment._id, status: payment.status, error })
    }
  }
}

/** Makes up for a lost webhook or a call that broke off: asks the provider, settles, then asks for what is still owed. */
async function reconcile(deps: Deps, payment: Payment): Promise<void> {
  const intent = payment.intentId && (await providerOf(deps, payment).retrieve(payment.intentId))
  if (payment.intentId && !intent) throw new Error('The provider does not know the intent')
  const settled = intent ? await applyIntent(deps, payment, intent) : payment
  // It never heard what the shopper pays with.
  const unheard = settled.status === 'processing' && intent && intent.status === 'requires_payment_method'
  await advance(deps, unheard ? await sendConfirmation(deps, settled) : settled)
}
