import type { Instant } from '../../shared/contracts/ids'
import { sweepIdempotency } from '../../shared/http/idempotency'
import { logger } from '../../shared/http/logger'
import { flush } from './act'
import { advance, providerOf, sendConfirmation, settle } from './commands'
import type { Deps } from './deps'
import type { Payment } from './payment'

const pageSize = 100
/** No provider sends a webhook again after this. */
const rememberReceiptsFor: Instant = 30 * 24 * 3_600_000

/** What cron does: reconciles what has been under way for too long, sends what a crash left, forgets what is past use. */
export async function sweep(deps: Deps): Promise<void> {
  const now = deps.now()
  for (const payment of await deps.payments.due(now, pageSize)) {
    try {
      if (await deps.payments.claim(payment, now)) await reconcile(deps, payment)
    } catch (error) {
      logger.warn('payment stays due', { paymentId: payment._id, status: payment.status, error })
    }
  }
  const left = await deps.payments.collection.find({ outboxPending: true }, { sort: { _id: 1 }, limit: pageSize })
  for (const { _id, outbox, journal } of left) await flush(deps, _id, { events: outbox, transactions: journal })
  await sweepIdempotency(deps.idempotency, now)
  await deps.receipts.forgetBefore(now - rememberReceiptsFor)
}

/** Makes up for a lost webhook or a call that broke off: asks the provider, settles, then asks for what is still owed. */
async function reconcile(deps: Deps, payment: Payment): Promise<void> {
  const intent = payment.intentId && (await providerOf(deps, payment).retrieve(payment.intentId))
  if (payment.intentId && !intent) throw new Error('The provider does not know the intent')
  const settled = intent ? await settle(deps, payment._id, intent) : payment
  // It never heard what the shopper pays with.
  const unheard = settled.status === 'processing' && intent && intent.status === 'requires_payment_method'
  await advance(deps, unheard ? await sendConfirmation(deps, settled) : settled)
}
