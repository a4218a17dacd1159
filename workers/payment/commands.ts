import { AppError } from '../../shared/contracts/errors'
import type { EventData } from '../../shared/contracts/events'
import type { OrderId, UserId } from '../../shared/contracts/ids'
import type { Money } from '../../shared/contracts/money'
import type { OrderApi } from '../../shared/contracts/order'
import { withOutbox } from '../../shared/events/outbox'
import { logger } from '../../shared/runtime/logger'
import type { Documents } from '../../shared/storage/documents'
import { advance, applyCommand, applyIntent, type PaymentNeeds, providerOf, sendConfirmation } from './apply-command'
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
import { findForWebhook, type PaymentRepo, type ReceiptRepo } from './repo'

type Needs = PaymentNeeds & {
  payments: Pick<PaymentRepo, 'byOrder' | 'insertIfAbsent' | 'planFindByIntent'>
  receipts: Pick<ReceiptRepo, 'planFind' | 'record'>
  documents: Pick<Documents, 'batch'>
  order: Pick<OrderApi, 'payable'>
  /** Takes the money of new orders. */
  provider: ProviderName
}

type Order = Pick<EventData<'order.created'>, 'orderId' | 'buyerId' | 'grand'>

/** Makes the payment of an order and its intent. Idempotent by order id: the payment is written first, so there is never a second. */
export async function begin(deps: Needs, order: Order): Promise<void> {
  await advance(deps, await open(deps, order, (state) => state))
}

/**
 * Ends the payment of an order that ended: nothing is collected for it any more, and collected money goes back. When this comes
 * before `order.created`, it writes a voided payment, and that event finds nothing left to do.
 */
export async function cancel(
  deps: Needs,
  { reason, ...order }: Order & Pick<EventData<'order.canceled'>, 'reason'>,
): Promise<void> {
  const command = { type: 'cancelOrder', reason, refundId: deps.newId('ref') } as const
  const now = deps.now()
  const canceled = (state: PaymentState) => decide(state, command, now).reduce((next, event) => evolve(next, event, now), state)
  const payment = (await deps.payments.byOrder(order.orderId)) ?? (await open(deps, order, canceled))
  await advance(deps, await applyCommand(deps, payment, command))
}

/** Writes the payment of an order in the state that `first` makes of a new one. Returns the existing payment when there is one. */
async function open(
  deps: Needs,
  { orderId, buyerId, grand }: Order,
  first: (state: PaymentState) => PaymentState,
): Promise<Payment> {
  const now = deps.now()
  const state = first(opened({ orderId, buyerId, amount: grand, provider: deps.provider }, now))
  const payment: Payment = { ...withOutbox([]), _id: deps.newId('pay'), ...state, dueAt: dueAtOf(state, now), journal: [] }
  if (await deps.payments.insertIfAbsent(payment)) return payment
  return paymentOf(deps, orderId)
}

/** The payment of an order. @throws AppError `not_found`, also while it does not exist yet and for another buyer's */
export async function paymentOf(
  { payments }: { payments: Pick<PaymentRepo, 'byOrder'> },
  orderId: OrderId,
  buyerId: UserId | 'any' = 'any',
): Promise<Payment> {
  const payment = await payments.byOrder(orderId)
  if (!payment || (buyerId !== 'any' && payment.buyerId !== buyerId)) throw new AppError('not_found')
  return payment
}

/**
 * Begins to collect the money. Returns the status: `processing` until the provider has decided, or the present one of a payment that
 * was confirmed before.
 * @throws AppError `not_found`, `validation_failed` (no such payment method), `invalid_state` (the order cannot be paid, or
 *   the payment has ended)
 */
export async function confirm(deps: Needs, buyerId: UserId, orderId: OrderId, paymentMethod: string): Promise<PaymentStatus> {
  const order = await deps.order.payable(orderId)
  if (!order || order.buyerId !== buyerId) throw new AppError('not_found')
  const known = await deps.payments.byOrder(orderId)
  await (known ? providerOf(deps, known) : deps.providers[deps.provider]).checkMethod(paymentMethod)
  const isOpen = order.status === 'pending' && order.payBefore > deps.now()
  if (!known && !isOpen) throw new AppError('invalid_state', 'The order can no longer be paid')
  // The shopper need not wait for order.created, which finds this payment, since an order has only one.
  const found = known ?? (await open(deps, order, (state) => state))
  const payment = found.status === 'created' ? await advance(deps, found) : found
  if (payment.status === 'requires_payment_method' && !isOpen) {
    throw new AppError('invalid_state', 'The order can no longer be paid')
  }
  const idempotencyKey = deps.newId('req')
  const started = await applyCommand(deps, payment, { type: 'confirm', paymentMethod, idempotencyKey })
  // Of two confirmations at once, only the one that was written goes to the provider.
  if (started.confirmation?.idempotencyKey !== idempotencyKey) return started.status
  return (await sendConfirmation(deps, started)).status
}

/**
 * Gives money back at an operator's request: all that is left when there is no `amount`. Idempotent by `refundId`. When the provider
 * does not answer, the refund stays `pending`, and the reconciler asks again.
 * @throws AppError `not_found`, `validation_failed` (another currency), `invalid_state` (more than is left, or nothing captured)
 */
export async function refund(
  deps: Needs,
  orderId: OrderId,
  { refundId, amount, reason, by }: { refundId: RefundId; amount: Money | null; reason: string; by: UserId },
): Promise<Refund> {
  const payment = await paymentOf(deps, orderId)
  if (amount && amount.currency !== payment.amount.currency) {
    const errors = [{ path: 'amount.currency', message: `must be ${payment.amount.currency}` }]
    throw new AppError('validation_failed', undefined, { errors })
  }
  const asked = await applyCommand(deps, payment, { type: 'refund', refundId, amount: amount?.amount ?? null, reason, by })
  const done = await advance(deps, asked).catch((error: unknown) => {
    logger.warn('refund waits for the reconciler', { paymentId: payment._id, refundId, error })
    return asked
  })
  const found = done.refunds.find(({ id }) => id === refundId)
  if (!found || found.status === 'failed') throw new AppError('invalid_state', 'The provider refuses this refund')
  return found
}

/**
 * Applies a provider's webhook. The intent is applied before the receipt is written: a crash in between applies it twice, which
 * changes nothing, and never zero times.
 * @throws AppError `signature_invalid`, `bad_request`, `not_found` for an intent that no payment has (yet): the provider sends it again
 */
export async function receiveWebhook(deps: Needs, name: ProviderName, rawBody: Uint8Array, headers: Headers): Promise<void> {
  const { id, intent } = await deps.providers[name].verifyWebhook(rawBody, headers, deps.now())
  if (!intent) return
  const { isKnown, payment } = await findForWebhook(deps, name, id, intent.id)
  if (isKnown) return
  if (!payment) throw new AppError('not_found', 'There is no payment for this intent')
  await advance(deps, await applyIntent(deps, payment, intent))
  await deps.receipts.record(name, id, deps.now())
}
