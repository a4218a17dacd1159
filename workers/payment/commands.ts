import { AppError, problems } from '../../shared/contracts/errors'
import type { EventData } from '../../shared/contracts/events'
import type { OrderId, UserId } from '../../shared/contracts/ids'
import type { Money } from '../../shared/contracts/money'
import { withOutbox } from '../../shared/events/outbox'
import { logger } from '../../shared/runtime/logger'
import { act } from './act'
import type { Deps } from './deps'
import {
  decide,
  dueAtOf,
  evolve,
  opened,
  owed,
  type Payment,
  type PaymentState,
  type PaymentStatus,
  type Refund,
  type RefundId,
} from './payment'
import type { Intent, PaymentProvider, ProviderName } from './provider'
import { findForWebhook } from './repo'

type Order = Pick<EventData<'order.created'>, 'orderId' | 'buyerId' | 'grand'>

/** Makes the payment of an order and its intent. Idempotent by order id: the payment is written first, so that nobody makes two. */
export async function begin(deps: Deps, order: Order): Promise<void> {
  await advance(deps, await open(deps, order, (state) => state))
}

/**
 * The order ended: nothing may be collected for it any more, and what was collected goes back. When this comes before
 * `order.created`, the voided payment is remembered, and that event finds nothing left to do.
 */
export async function cancel(
  deps: Deps,
  { reason, ...order }: Order & Pick<EventData<'order.canceled'>, 'reason'>,
): Promise<void> {
  const command = { type: 'cancelOrder', reason, refundId: deps.newId('ref') } as const
  const now = deps.now()
  const canceled = (state: PaymentState) => decide(state, command, now).reduce((next, fact) => evolve(next, fact, now), state)
  const payment = (await deps.payments.byOrder(order.orderId)) ?? (await open(deps, order, canceled))
  await advance(deps, await act(deps, payment, command))
}

/** Writes the payment of an order, in the state that `first` makes of a new one. Returns the one that is there, when one is. */
async function open(
  deps: Deps,
  { orderId, buyerId, grand }: Order,
  first: (state: PaymentState) => PaymentState,
): Promise<Payment> {
  const now = deps.now()
  const state = first(opened({ orderId, buyerId, amount: grand, provider: deps.provider }, now))
  const payment: Payment = { ...withOutbox([]), _id: deps.newId('pay'), ...state, dueAt: dueAtOf(state, now), journal: [] }
  if (await deps.payments.collection.insertIfAbsent(payment)) return payment
  return paymentOf(deps, orderId)
}

/** The payment of an order. @throws AppError `not_found`, while it is not there yet and for somebody else's too */
export async function paymentOf(deps: Deps, orderId: OrderId, buyerId: UserId | 'any' = 'any'): Promise<Payment> {
  const payment = await deps.payments.byOrder(orderId)
  if (!payment || (buyerId !== 'any' && payment.buyerId !== buyerId)) throw new AppError('not_found')
  return payment
}

/**
 * Begins to collect the money. Returns the status: `processing` until the provider has decided, or where a payment that was
 * confirmed before has got to.
 * @throws AppError `not_found`, `validation_failed` (no such payment method), `invalid_state` (the order is not to be paid, or
 *   the payment has ended)
 */
export async function confirm(deps: Deps, buyerId: UserId, orderId: OrderId, paymentMethod: string): Promise<PaymentStatus> {
  const order = await deps.order.payable(orderId)
  if (!order || order.buyerId !== buyerId) throw new AppError('not_found')
  const known = await deps.payments.byOrder(orderId)
  await (known ? providerOf(deps, known) : deps.providers[deps.provider]).checkMethod(paymentMethod)
  const isOpen = order.status === 'pending' && order.payBefore > deps.now()
  if (!known && !isOpen) throw new AppError('invalid_state', 'The order can no longer be paid')
  // The shopper need not wait for order.created, which finds this very payment, since an order has but one.
  const found = known ?? (await open(deps, order, (state) => state))
  const payment = found.status === 'created' ? await advance(deps, found) : found
  if (payment.status === 'requires_payment_method' && !isOpen) {
    throw new AppError('invalid_state', 'The order can no longer be paid')
  }
  const idempotencyKey = deps.newId('req')
  const started = await act(deps, payment, { type: 'confirm', paymentMethod, idempotencyKey })
  // Of two at once, the one whose confirmation was written tells the provider.
  if (started.confirmation?.idempotencyKey !== idempotencyKey) return started.status
  return (await sendConfirmation(deps, started)).status
}

/** Tells the provider what the shopper pays with. An outcome that stays open is found by the reconciler. @throws AppError the refusal */
export async function sendConfirmation(deps: Deps, payment: Payment): Promise<Payment> {
  const { intentId, confirmation } = payment
  if (intentId === null || confirmation === null) return payment
  const { paymentMethod, idempotencyKey } = confirmation
  let intent: Intent
  try {
    intent = await providerOf(deps, payment).confirm(intentId, paymentMethod, idempotencyKey)
  } catch (error) {
    if (isRefusal(error)) {
      await act(deps, payment, { type: 'refuseConfirmation', idempotencyKey })
      throw error
    }
    logger.warn('confirmation waits for the reconciler', { paymentId: payment._id, error })
    return payment
  }
  return advance(deps, await settle(deps, payment, intent))
}

/** Brings a payment to what its provider says. Client confirmation, webhook and reconciler all end here. */
export const settle = (deps: Deps, payment: Payment, intent: Intent): Promise<Payment> =>
  act(deps, payment, { type: 'settle', intent, refundId: deps.newId('ref') })

/**
 * Asks the provider for all that is owed: an intent to be made, one to be canceled, money to go back. Each call is idempotent,
 * so this may run again at any time, and does after a crash.
 * @throws AppError what the provider throws, with the rest left to a redelivery or the reconciler
 */
export async function advance(deps: Deps, payment: Payment): Promise<Payment> {
  const next = await advanceOnce(deps, payment)
  // A provider that answers without a change has not done it yet; asking on would not hurry it.
  return next.version === payment.version ? next : advance(deps, next)
}

async function advanceOnce(deps: Deps, payment: Payment): Promise<Payment> {
  const provider = providerOf(deps, payment)
  const task = owed(payment)
  if (task?.do === 'create') {
    const { orderId, amount } = payment
    return settle(deps, payment, await provider.createIntent({ orderId, amount, idempotencyKey: orderId }))
  }
  if (task === null || payment.intentId === null) return payment
  if (task.do === 'cancel') return settle(deps, payment, await provider.cancelIntent(payment.intentId))
  const { id, amount } = task.refund
  let intent: Intent
  try {
    intent = await provider.refund({ intentId: payment.intentId, amount, idempotencyKey: id })
  } catch (error) {
    if (!isRefusal(error)) throw error
    logger.error('the provider refuses a refund', { paymentId: payment._id, refundId: id, error })
    return act(deps, payment, { type: 'refuseRefund', refundId: id })
  }
  return settle(deps, payment, intent)
}

/**
 * Gives money back on an operator's word: all that is left without an `amount`. Idempotent by `refundId`. A provider that does
 * not answer leaves it `pending`, and the reconciler asks again.
 * @throws AppError `not_found`, `validation_failed` (another currency), `invalid_state` (more than is left, or nothing captured)
 */
export async function refund(
  deps: Deps,
  orderId: OrderId,
  wish: { refundId: RefundId; amount: Money | null; reason: string; by: UserId },
): Promise<Refund> {
  const payment = await paymentOf(deps, orderId)
  if (wish.amount && wish.amount.currency !== payment.amount.currency) {
    const errors = [{ path: 'amount.currency', message: `must be ${payment.amount.currency}` }]
    throw new AppError('validation_failed', undefined, { errors })
  }
  const { refundId, reason, by } = wish
  const asked = await act(deps, payment, { type: 'refund', refundId, amount: wish.amount?.amount ?? null, reason, by })
  const done = await advance(deps, asked).catch((error: unknown) => {
    logger.warn('refund waits for the reconciler', { paymentId: payment._id, refundId: wish.refundId, error })
    return asked
  })
  const found = done.refunds.find(({ id }) => id === wish.refundId)
  if (!found || found.status === 'failed') throw new AppError('invalid_state', 'The provider refuses this refund')
  return found
}

/**
 * Takes a provider's webhook in. What the event says is settled before its receipt is written: a crash in between settles
 * twice, which changes nothing, and never zero times.
 * @throws AppError `signature_invalid`, `bad_request`, `not_found` for an intent of which we know nothing (yet): the provider sends again
 */
export async function receiveWebhook(deps: Deps, name: ProviderName, rawBody: Uint8Array, headers: Headers): Promise<void> {
  const { id, intent } = await deps.providers[name].verifyWebhook(rawBody, headers, deps.now())
  if (!intent) return
  const { isNoted, payment } = await findForWebhook(deps, name, id, intent.id)
  if (isNoted) return
  if (!payment) throw new AppError('not_found', 'There is no payment for this intent')
  await advance(deps, await settle(deps, payment, intent))
  await deps.receipts.note(name, id, deps.now())
}

export const providerOf = (deps: Deps, { provider }: Pick<Payment, 'provider'>): PaymentProvider => deps.providers[provider]

/** Whether the provider said no, rather than nothing. */
function isRefusal(error: unknown): boolean {
  const known = AppError.from(error)
  return known !== undefined && known.status < 500 && !problems[known.code].retry
}
