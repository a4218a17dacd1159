import { AppError } from '../../shared/contracts/errors'
import type { EventData } from '../../shared/contracts/events'
import type { Id, Instant, OrderId, PaymentId, UserId } from '../../shared/contracts/ids'
import type { Money } from '../../shared/contracts/money'
import type { Stored } from '../../shared/events/outbox'
import type { Transaction } from './ledger'
import type { Intent, IntentId, ProviderName } from './provider'

export const paymentStatuses = [
  'created',
  'requires_payment_method',
  'processing',
  'succeeded',
  'failed',
  'voided',
  'refunding',
  'refunded',
] as const
export type PaymentStatus = (typeof paymentStatuses)[number]

export type RefundId = Id<'ref'>
/** Money on its way back. Its id is the provider's idempotency key; `amount` is in the payment's currency. */
export type Refund = { id: RefundId; amount: number; reason: string; status: 'pending' | 'succeeded' | 'failed'; at: Instant }
export type CancelReason = EventData<'order.canceled'>['reason']

/** The payment of one order. `status` follows from the other fields and is stored for those who query. */
export type PaymentState = {
  orderId: OrderId
  buyerId: UserId
  amount: Money
  provider: ProviderName
  status: PaymentStatus
  /** null until the provider's intent is made. */
  intentId: IntentId | null
  /** The shopper's payment method, written before the provider gets it. */
  confirmation: { paymentMethod: string; idempotencyKey: string } | null
  declineCode: string | null
  /** Why the order ended, once it has. */
  canceled: CancelReason | null
  /** Whether the provider canceled the intent, so that no money can come any more. */
  intentClosed: boolean
  captured: boolean
  refunds: Refund[]
  createdAt: Instant
  updatedAt: Instant
}

export type Payment = Stored &
  PaymentState & {
    _id: PaymentId
    /** When the reconciler looks at it; null while nothing is under way. */
    dueAt: Instant | null
    /** Ledger transactions not yet in their own collection. */
    journal: Transaction[]
  }

export type Command =
  /** The provider's present state of the intent; confirmation, webhook and reconciler all end in this command. */
  | { type: 'applyIntent'; intent: Intent; refundId: RefundId }
  | { type: 'confirm'; paymentMethod: string; idempotencyKey: string }
  | { type: 'refuseConfirmation'; idempotencyKey: string }
  | { type: 'cancelOrder'; reason: CancelReason; refundId: RefundId }
  /** Requested by an operator, `by`. */
  | { type: 'refund'; refundId: RefundId; amount: number | null; reason: string; by: UserId }
  | { type: 'refuseRefund'; refundId: RefundId }

export type PaymentEvent =
  | { type: 'intentAttached'; intentId: IntentId }
  | { type: 'confirmationStarted'; paymentMethod: string; idempotencyKey: string }
  | { type: 'confirmationRefused' }
  /** `late` when the payment had already ended: the money goes back. */
  | { type: 'captured'; late: boolean }
  | { type: 'declined'; declineCode: string }
  | { type: 'orderCanceled'; reason: CancelReason }
  | { type: 'intentClosed' }
  /** `by` is the operator who requested it; null when it follows from other events. */
  | { type: 'refundRequested'; refund: Refund; by: UserId | null }
  | { type: 'refundSucceeded'; refundId: RefundId }
  | { type: 'refundFailed'; refundId: RefundId }

type Opening = { orderId: OrderId; buyerId: UserId; amount: Money; provider: ProviderName }

/** The state of a new payment. */
export const opened = ({ orderId, buyerId, amount, provider }: Opening, at: Instant): PaymentState => ({
  orderId,
  buyerId,
  amount,
  provider,
  status: 'created',
  intentId: null,
  confirmation: null,
  declineCode: null,
  canceled: null,
  intentClosed: false,
  captured: false,
  refunds: [],
  createdAt: at,
  updatedAt: at,
})

/** How much went back to the shopper, in minor units. */
export const refundedTotal = ({ refunds }: Pick<PaymentState, 'refunds'>): number => total(refunds, 'succeeded')
/** How much can still be refunded, in minor units: refunds under way count as refunded. */
export const refundable = ({ captured, amount, refunds }: PaymentState): number =>
  captured ? amount.amount - total(refunds, 'succeeded') - total(refunds, 'pending') : 0

const total = (refunds: readonly Refund[], status: Refund['status']): number =>
  refunds.reduce((sum, refund) => sum + (refund.status === status ? refund.amount : 0), 0)

const isUndecided = ({ captured, declineCode, canceled }: PaymentState): boolean =>
  !captured && declineCode === null && canceled === null

/**
 * The events that follow from a command. `[]` means that it is already so, which makes redelivery harmless.
 * @throws AppError `invalid_state` for a shopper's or an operator's command that cannot be done; never for `applyIntent` and `cancelOrder`
 */
export function decide(payment: PaymentState, command: Command, now: Instant): PaymentEvent[] {
  switch (command.type) {
    case 'applyIntent':
      return decideIntent(payment, command.intent, command.refundId, now)
    case 'confirm':
      return decideConfirmation(payment, command)
    case 'refuseConfirmation':
      if (payment.confirmation?.idempotencyKey !== command.idempotencyKey || !isUndecided(payment)) return []
      return [{ type: 'confirmationRefused' }]
    case 'cancelOrder':
      if (payment.canceled !== null) return []
      return [
        { type: 'orderCanceled', reason: command.reason },
        ...refundRemaining(payment, command.refundId, command.reason, now),
      ]
    case 'refund':
      return decideRefund(payment, command, now)
    case 'refuseRefund':
      return payment.refunds.some(({ id, status }) => id === command.refundId && status === 'pending')
        ? [{ type: 'refundFailed', refundId: command.refundId }]
        : []
    default:
      return command satisfies never
  }
}

function decideIntent(payment: PaymentState, intent: Intent, refundId: RefundId, now: Instant): PaymentEvent[] {
  const attached: PaymentEvent[] = payment.intentId === null ? [{ type: 'intentAttached', intentId: intent.id }] : []
  return [...attached, ...decideOutcome(payment, intent, refundId, now), ...completedRefunds(payment, intent)]
}

function decideOutcome(payment: PaymentState, intent: Intent, refundId: RefundId, now: Instant): PaymentEvent[] {
  if (payment.captured) return []
  switch (intent.status) {
    case 'succeeded': {
      const late = !isUndecided(payment)
      const reason = payment.canceled ?? 'payment_failed'
      return [{ type: 'captured', late }, ...(late ? refundRemaining({ ...payment, captured: true }, refundId, reason, now) : [])]
    }
    case 'canceled':
      if (payment.intentClosed) return []
      return [
        { type: 'intentClosed' },
        ...(isUndecided(payment) ? [{ type: 'declined' as const, declineCode: 'intent_canceled' }] : []),
      ]
    case 'requires_payment_method':
      return intent.declineCode !== null && isUndecided(payment) ? [{ type: 'declined', declineCode: intent.declineCode }] : []
    case 'processing':
      return []
    default:
      return intent.status satisfies never
  }
}

const completedRefunds = ({ refunds }: PaymentState, intent: Intent): PaymentEvent[] =>
  refunds
    .filter(({ id, status }) => status === 'pending' && intent.refunds.some(({ idempotencyKey }) => idempotencyKey === id))
    .map(({ id }) => ({ type: 'refundSucceeded', refundId: id }))

/** Refunds all that is left. A payment of zero is refunded once too, so that the order gets its event. */
function refundRemaining(payment: PaymentState, id: RefundId, reason: string, at: Instant): PaymentEvent[] {
  const amount = refundable(payment)
  const isDue = payment.captured && (amount > 0 || payment.refunds.length === 0)
  return isDue ? [{ type: 'refundRequested', refund: { id, amount, reason, status: 'pending', at }, by: null }] : []
}

function decideConfirmation(
  payment: PaymentState,
  { paymentMethod, idempotencyKey }: Extract<Command, { type: 'confirm' }>,
): PaymentEvent[] {
  switch (payment.status) {
    case 'requires_payment_method':
      return [{ type: 'confirmationStarted', paymentMethod, idempotencyKey }]
    case 'processing':
    case 'succeeded':
      return []
    case 'created':
      throw new AppError('unavailable', 'The payment is not ready yet')
    case 'failed':
    case 'voided':
    case 'refunding':
    case 'refunded':
      throw new AppError('invalid_state', `The payment is ${payment.status}`)
    default:
      return payment.status satisfies never
  }
}

function decideRefund(payment: PaymentState, command: Extract<Command, { type: 'refund' }>, at: Instant): PaymentEvent[] {
  if (payment.refunds.some(({ id }) => id === command.refundId)) return []
  if (!payment.captured) throw new AppError('invalid_state', `The payment is ${payment.status}: there is nothing to refund`)
  const left = refundable(payment)
  const amount = command.amount ?? left
  if (amount > left || amount === 0) throw new AppError('invalid_state', `No more than ${left} can be refunded`)
  const refund: Refund = { id: command.refundId, amount, reason: command.reason, status: 'pending', at }
  return [{ type: 'refundRequested', refund, by: command.by }]
}

/** The payment after an event. */
export function evolve<P extends PaymentState>(payment: P, event: PaymentEvent, now: Instant): P {
  const next = { ...payment, ...changed(payment, event), updatedAt: now }
  return { ...next, status: statusOf(next) }
}

function changed(payment: PaymentState, event: PaymentEvent): Partial<PaymentState> {
  const withRefund = (refundId: RefundId, status: Refund['status']) => ({
    refunds: payment.refunds.map((refund) => (refund.id === refundId ? { ...refund, status } : refund)),
  })
  switch (event.type) {
    case 'intentAttached':
      return { intentId: event.intentId }
    case 'confirmationStarted':
      return { confirmation: { paymentMethod: event.paymentMethod, idempotencyKey: event.idempotencyKey } }
    case 'confirmationRefused':
      return { confirmation: null }
    case 'captured':
      return { captured: true }
    case 'declined':
      return { declineCode: event.declineCode }
    case 'orderCanceled':
      return { canceled: event.reason }
    case 'intentClosed':
      return { intentClosed: true }
    case 'refundRequested':
      return { refunds: [...payment.refunds, event.refund] }
    case 'refundSucceeded':
      return withRefund(event.refundId, 'succeeded')
    case 'refundFailed':
      return withRefund(event.refundId, 'failed')
    default:
      return event satisfies never
  }
}

function statusOf(payment: PaymentState): PaymentStatus {
  if (payment.captured) {
    if (payment.refunds.some(({ status }) => status === 'pending')) return 'refunding'
    const returned =
      payment.refunds.some(({ status }) => status === 'succeeded') && refundedTotal(payment) === payment.amount.amount
    return returned ? 'refunded' : 'succeeded'
  }
  if (payment.declineCode !== null) return 'failed'
  if (payment.canceled !== null) return 'voided'
  if (payment.confirmation !== null) return 'processing'
  return payment.intentId === null ? 'created' : 'requires_payment_method'
}

/** The next call that the provider must get so that state and provider agree; null when they do. */
export function nextProviderCall(
  payment: PaymentState,
): { do: 'create' } | { do: 'cancel' } | { do: 'refund'; refund: Refund } | null {
  if (payment.status === 'created') return { do: 'create' }
  const refund = payment.refunds.find(({ status }) => status === 'pending')
  if (refund) return { do: 'refund', refund }
  const canceled = payment.canceled !== null && !payment.captured && !payment.intentClosed && payment.intentId !== null
  return canceled ? { do: 'cancel' } : null
}

/** How long something may be under way before the reconciler asks the provider. */
export const reconcileAfter: Instant = 60_000

/** When the reconciler must look at a payment. */
export const dueAtOf = (payment: PaymentState, now: Instant): Instant | null =>
  payment.status === 'processing' || nextProviderCall(payment) !== null ? now + reconcileAfter : null
