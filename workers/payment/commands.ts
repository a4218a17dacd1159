import { AppError } from '../../shared/contracts/errors'
import type { EventData } from '../../shared/contracts/events'
import type { OrderId, UserId } from '../../shared/contracts/ids'
import type { Money } from '../../shared/contracts/money'
import { withOutbox } from '../../shared/events/outbox'
import { logger } from '../../shared/runtime/logger'
import { advance, applyCommand, applyIntent, providerOf, sendConfirmation } from './apply-command'
import type { Deps } from './deps'
import {
  decide,
  dueAtOf,
  evolve,
  opened,
  type Payment,
  type PaymentState,
  type PaymentStatus,
  type Refund,
  type RefundId,
} from './payment'
import type { ProviderName } from './provider'
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
  await advance(deps, await applyCommand(deps, payment, command))
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
  if (await deps.payments.insertIfAbsent(payment)) return payment
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
  const started = await applyCommand(deps, payment, { type: 'confirm', paymentMethod, idempotencyKey })
  // Of two at once, the one whose confirmation was written tells the provider.
  if (started.confirmation?.idempotencyKey !== idempotencyKey) return started.status
  return (await sendConfirmation(deps, started)).status
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
  const asked = await applyCommand(deps, payment, { type: 'refund', refundId, amount: wish.amount?.amount ?? null, reason, by })
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
  const { isKnown, payment } = await findForWebhook(deps, name, id, intent.id)
  if (isKnown) return
  if (!payment) throw new AppError('not_found', 'There is no payment for this intent')
  await advance(deps, await applyIntent(deps, payment, intent))
  await deps.receipts.record(name, id, deps.now())
}
