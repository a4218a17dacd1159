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
  /** What the shopper pays with, from the moment that the provider may be told. */
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
  /** The one verb in which confirmation, webhook and reconciler end: this is what the provider says. */
  | { type: 'settle'; intent: Intent; refundId: RefundId }
  | { type: 'confirm'; paymentMethod: string; idempotencyKey: string }
  | { type: 'refuseConfirmation'; idempotencyKey: string }
  | { type: 'cancelOrder'; reason: CancelReason; refundId: RefundId }
  /** An operator's wish: `by` is theirs. */
  | { type: 'refund'; refundId: RefundId; amount: number | null; reason: string; by: UserId }
  | { type: 'refuseRefund'; refundId: RefundId }

export type PaymentFact =
  | { type: 'intentAttached'; intentId: IntentId }
  | { type: 'confirmationStarted'; paymentMethod: string; idempotencyKey: string }
  | { type: 'confirmationRefused' }
  /** `late` when nobody waits for the money any more: it goes back. */
  | { type: 'captured'; late: boolean }
  | { type: 'declined'; declineCode: string }
  | { type: 'orderCanceled'; reason: CancelReason }
  | { type: 'intentClosed' }
  /** `by` an operator; null when it follows from what happened. */
  | { type: 'refundRequested'; refund: Refund; by: UserId | null }
  | { type: 'refundSucceeded'; refundId: RefundId }
  | { type: 'refundFailed'; refundId: RefundId }

type Opening = { orderId: OrderId; buyerId: UserId; amount: Money; provider: ProviderName }

/** The state of a payment nobody has acted on. */
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

/** What went back to the shopper, in minor units. */
export const refundedTotal = ({ refunds }: Pick<PaymentState, 'refunds'>): number => total(refunds, 'succeeded')
/** What may still be given back, in minor units: refunds under way count as gone. */
export const refundable = ({ captured, amount, refunds }: PaymentState): number =>
  captured ? amount.amount - total(refunds, 'succeeded') - total(refunds, 'pending') : 0

const total = (refunds: readonly Refund[], status: Refund['status']): number =>
  refunds.reduce((sum, refund) => sum + (refund.status === status ? refund.amount : 0), 0)

const isUndecided = ({ captured, declineCode, canceled }: PaymentState): boolean =>
  !captured && declineCode === null && canceled === null

/**
 * What a command changes. `[]` means that it is already so, which makes redelivery harmless.
 * @throws AppError `invalid_state` for a shopper's or an operator's command that cannot be done; never for `settle` and `cancelOrder`
 */
export function decide(payment: PaymentState, command: Command, now: Instant): PaymentFact[] {
  switch (command.type) {
    case 'settle':
      return settled(payment, command.intent, command.refundId, now)
    case 'confirm':
      return confirmed(payment, command)
    case 'refuseConfirmation':
      if (payment.confirmation?.idempotencyKey !== command.idempotencyKey || !isUndecided(payment)) return []
      return [{ type: 'confirmationRefused' }]
    case 'cancelOrder':
      if (payment.canceled !== null) return []
      return [{ type: 'orderCanceled', reason: command.reason }, ...restBack(payment, command.refundId, command.reason, now)]
    case 'refund':
      return refundAsked(payment, command, now)
    case 'refuseRefund':
      return payment.refunds.some(({ id, status }) => id === command.refundId && status === 'pending')
        ? [{ type: 'refundFailed', refundId: command.refundId }]
        : []
    default:
      return command satisfies never
  }
}

function settled(payment: PaymentState, intent: Intent, refundId: RefundId, now: Instant): PaymentFact[] {
  const attached: PaymentFact[] = payment.intentId === null ? [{ type: 'intentAttached', intentId: intent.id }] : []
  return [...attached, ...outcome(payment, intent, refundId, now), ...refundsDone(payment, intent)]
}

function outcome(payment: PaymentState, intent: Intent, refundId: RefundId, now: Instant): PaymentFact[] {
  if (payment.captured) return []
  switch (intent.status) {
    case 'succeeded': {
      const late = !isUndecided(payment)
      const reason = payment.canceled ?? 'payment_failed'
      return [{ type: 'captured', late }, ...(late ? restBack({ ...payment, captured: true }, refundId, reason, now) : [])]
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

const refundsDone = ({ refunds }: PaymentState, intent: Intent): PaymentFact[] =>
  refunds
    .filter(({ id, status }) => status === 'pending' && intent.refunds.some(({ idempotencyKey }) => idempotencyKey === id))
    .map(({ id }) => ({ type: 'refundSucceeded', refundId: id }))

/** Gives back all that is left. A payment of nothing is given back once, too: the order hears that it is settled. */
function restBack(payment: PaymentState, id: RefundId, reason: string, at: Instant): PaymentFact[] {
  const amount = refundable(payment)
  const owed = payment.captured && (amount > 0 || payment.refunds.length === 0)
  return owed ? [{ type: 'refundRequested', refund: { id, amount, reason, status: 'pending', at }, by: null }] : []
}

function confirmed(
  payment: PaymentState,
  { paymentMethod, idempotencyKey }: Extract<Command, { type: 'confirm' }>,
): PaymentFact[] {
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

function refundAsked(payment: PaymentState, command: Extract<Command, { type: 'refund' }>, at: Instant): PaymentFact[] {
  if (payment.refunds.some(({ id }) => id === command.refundId)) return []
  if (!payment.captured) throw new AppError('invalid_state', `The payment is ${payment.status}: there is nothing to give back`)
  const left = refundable(payment)
  const amount = command.amount ?? left
  if (amount > left || amount === 0) throw new AppError('invalid_state', `No more than ${left} can be given back`)
  const refund: Refund = { id: command.refundId, amount, reason: command.reason, status: 'pending', at }
  return [{ type: 'refundRequested', refund, by: command.by }]
}

/** The payment after a fact. */
export function evolve<P extends PaymentState>(payment: P, fact: PaymentFact, now: Instant): P {
  const next = { ...payment, ...changed(payment, fact), updatedAt: now }
  return { ...next, status: statusOf(next) }
}

function changed(payment: PaymentState, fact: PaymentFact): Partial<PaymentState> {
  const withRefund = (refundId: RefundId, status: Refund['status']) => ({
    refunds: payment.refunds.map((refund) => (refund.id === refundId ? { ...refund, status } : refund)),
  })
  switch (fact.type) {
    case 'intentAttached':
      return { intentId: fact.intentId }
    case 'confirmationStarted':
      return { confirmation: { paymentMethod: fact.paymentMethod, idempotencyKey: fact.idempotencyKey } }
    case 'confirmationRefused':
      return { confirmation: null }
    case 'captured':
      return { captured: true }
    case 'declined':
      return { declineCode: fact.declineCode }
    case 'orderCanceled':
      return { canceled: fact.reason }
    case 'intentClosed':
      return { intentClosed: true }
    case 'refundRequested':
      return { refunds: [...payment.refunds, fact.refund] }
    case 'refundSucceeded':
      return withRefund(fact.refundId, 'succeeded')
    case 'refundFailed':
      return withRefund(fact.refundId, 'failed')
    default:
      return fact satisfies never
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

/** The next thing that the provider must be asked for, so that state and provider agree; null when they do. */
export function owed(payment: PaymentState): { do: 'create' } | { do: 'cancel' } | { do: 'refund'; refund: Refund } | null {
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
  payment.status === 'processing' || owed(payment) !== null ? now + reconcileAfter : null
