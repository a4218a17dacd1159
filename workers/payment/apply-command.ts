import { AppError, problems } from '../../shared/contracts/errors'
import type { Instant, NewId } from '../../shared/contracts/ids'
import { change } from '../../shared/events/change'
import type { Decision } from '../../shared/events/outbox-repo'
import type { MakeEvent, Publish } from '../../shared/events/publish'
import { logger } from '../../shared/runtime/logger'
import type { Transaction } from './ledger'
import { type Command, decide, dueAtOf, evolve, nextProviderCall, type Payment } from './payment'
import type { Intent, PaymentProvider, ProviderName } from './provider'
import { consequencesOf } from './published-events'
import type { PaymentRepo } from './repo'

/** What it takes to change a payment and to bring its provider to the same state. */
export type PaymentNeeds = {
  payments: Pick<PaymentRepo, 'publishing'>
  providers: Record<ProviderName, PaymentProvider>
  event: MakeEvent<'payment'>
  publish: Publish
  newId: NewId
  now(): Instant
}

/** Enough for a crowd on one payment: each round of writers lets one through. */
const attempts = 50

/**
 * Decide, save, publish: the one way in which a payment changes. It starts from the payment as the caller has it, and loads it only
 * when another writer has changed it since. A command that changes nothing in an older state changes nothing in the present one either,
 * except after a confirmation that the provider refused. Returns the payment as it then is.
 * @throws AppError `not_found`, and what `decide` throws
 */
export async function applyCommand(deps: PaymentNeeds, payment: Payment, command: Command): Promise<Payment> {
  const decideOn = (before: Payment) => decisionOn(deps, before, command)
  const changed = await change(deps.payments.publishing(deps.publish), payment, decideOn, attempts)
  if (!changed) throw new AppError('not_found')
  return changed
}

function decisionOn(deps: PaymentNeeds, before: Payment, command: Command): Decision<Payment, Transaction> | null {
  const now = deps.now()
  const happened = decide(before, command, now)
  if (happened.length === 0) return null
  let after = before
  const consequences = happened.map((each) => {
    after = evolve(after, each, now)
    return consequencesOf(deps.event, after, each)
  })
  const { _id, version, outbox, outboxPending, journal, ...state } = after
  return {
    state: { ...state, dueAt: dueAtOf(after, now) },
    events: consequences.flatMap(({ events }) => events),
    records: consequences.flatMap(({ records }) => records),
  }
}

/** Brings a payment to what its provider says. Confirmation, webhook and reconciler all end here. */
export const applyIntent = (deps: PaymentNeeds, payment: Payment, intent: Intent): Promise<Payment> =>
  applyCommand(deps, payment, { type: 'applyIntent', intent, refundId: deps.newId('ref') })

/**
 * Asks the provider for all that follows from a payment: to make an intent, to cancel one, to give money back. Each call is
 * idempotent, so this may run again at any time, and does after a crash.
 * @throws AppError what the provider throws; a redelivery or the reconciler asks for the rest
 */
export async function advance(deps: PaymentNeeds, payment: Payment): Promise<Payment> {
  const answer = await callProvider(deps, payment)
  if (!answer) return payment
  const next = await applyCommand(deps, payment, answer)
  // A provider that answers without a change has not done it yet; asking on would not hurry it.
  return next.version === payment.version ? next : advance(deps, next)
}

/** Makes the next provider call of a payment and returns what the answer means for it; null when there is no call to make. */
async function callProvider(deps: PaymentNeeds, payment: Payment): Promise<Command | null> {
  const provider = providerOf(deps, payment)
  const { intentId, orderId, amount } = payment
  const call = nextProviderCall(payment)
  const answered = (intent: Intent): Command => ({ type: 'applyIntent', intent, refundId: deps.newId('ref') })
  if (call?.do === 'create') return answered(await provider.createIntent({ orderId, amount, idempotencyKey: orderId }))
  if (call === null || intentId === null) return null
  if (call.do === 'cancel') return answered(await provider.cancelIntent(intentId))
  const { id: refundId, amount: refunded } = call.refund
  try {
    return answered(await provider.refund({ intentId, amount: refunded, idempotencyKey: refundId }))
  } catch (error) {
    if (!isRefusal(error)) throw error
    logger.error('the provider refuses a refund', { paymentId: payment._id, refundId, error })
    return { type: 'refuseRefund', refundId }
  }
}

/** Sends the shopper's payment method to the provider. When it does not answer, the reconciler asks again. @throws AppError the refusal */
export async function sendConfirmation(deps: PaymentNeeds, payment: Payment): Promise<Payment> {
  const { intentId, confirmation } = payment
  if (intentId === null || confirmation === null) return payment
  const { paymentMethod, idempotencyKey } = confirmation
  let intent: Intent
  try {
    intent = await providerOf(deps, payment).confirm(intentId, paymentMethod, idempotencyKey)
  } catch (error) {
    if (isRefusal(error)) {
      await applyCommand(deps, payment, { type: 'refuseConfirmation', idempotencyKey })
      throw error
    }
    logger.warn('confirmation waits for the reconciler', { paymentId: payment._id, error })
    return payment
  }
  return advance(deps, await applyIntent(deps, payment, intent))
}

/** The provider that takes the money of a payment. */
export const providerOf = (
  { providers }: Pick<PaymentNeeds, 'providers'>,
  { provider }: Pick<Payment, 'provider'>,
): PaymentProvider => providers[provider]

/** Whether the provider said no, rather than nothing. */
function isRefusal(error: unknown): boolean {
  const known = AppError.from(error)
  return known !== undefined && known.status < 500 && !problems[known.code].retry
}
