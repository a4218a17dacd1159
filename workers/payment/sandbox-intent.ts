import { z } from '@hono/zod-openapi'
import { AppError } from '../../shared/contracts/errors'
import { idSchema, type OrderId } from '../../shared/contracts/ids'
import type { Money } from '../../shared/contracts/money'
import { type Intent, type IntentId, IntentSchema } from './provider'

/** Stripe's test payment methods and the decline code of each. Source: https://docs.stripe.com/testing */
const declineCodes: ReadonlyMap<string, string | null> = new Map([
  ...[
    'visa',
    'visa_debit',
    'mastercard',
    'mastercard_debit',
    'mastercard_prepaid',
    'amex',
    'discover',
    'diners',
    'jcb',
    'unionpay',
  ].map((brand) => [`pm_card_${brand}`, null] as const),
  ['pm_card_chargeDeclined', 'generic_decline'],
  ['pm_card_chargeDeclinedInsufficientFunds', 'insufficient_funds'],
  ['pm_card_chargeDeclinedLostCard', 'lost_card'],
  ['pm_card_chargeDeclinedStolenCard', 'stolen_card'],
  ['pm_card_chargeDeclinedExpiredCard', 'expired_card'],
  ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc'],
  ['pm_card_chargeDeclinedProcessingError', 'processing_error'],
])

/** @throws AppError `validation_failed` for a name that is not a test method */
export function requireMethod(paymentMethod: string): void {
  if (declineCodes.has(paymentMethod)) return
  const errors = [{ path: 'paymentMethod', message: 'is not a payment method of the sandbox; pm_card_visa is one' }]
  throw new AppError('validation_failed', undefined, { errors })
}

/** The intent as the sandbox keeps it: `method` is the payment method of its last confirmation. */
export type SandboxIntent = Intent & { orderId: OrderId; method: string | null }

export const webhookTypes = {
  succeeded: 'payment_intent.succeeded',
  failed: 'payment_intent.payment_failed',
  canceled: 'payment_intent.canceled',
  refunded: 'charge.refunded',
} as const
export type WebhookType = (typeof webhookTypes)[keyof typeof webhookTypes]

/** What every webhook carries; `data` is read only for the types above. */
export const WebhookSchema = z.object({ id: idSchema('whk'), type: z.string(), created: z.int(), data: z.unknown() })
export const WebhookDataSchema = z.object({ object: IntentSchema })

export const isKnownWebhook = (type: string): boolean => Object.values<string>(webhookTypes).includes(type)

export const createdIntent = (id: IntentId, orderId: OrderId, amount: Money): SandboxIntent => ({
  ...{ id, orderId, amount, method: null },
  ...{ status: 'requires_payment_method', declineCode: null, refunds: [] },
})

/** @throws AppError `invalid_state` unless it waits for a payment method, `validation_failed` */
export function confirmedIntent(intent: SandboxIntent, method: string): SandboxIntent {
  requireMethod(method)
  if (intent.status !== 'requires_payment_method') throw new AppError('invalid_state', `The intent is ${intent.status}`)
  return { ...intent, status: 'processing', method, declineCode: null }
}

/** The intent after the card network answered; null when nothing is being processed. */
export function processedIntent(intent: SandboxIntent): SandboxIntent | null {
  if (intent.status !== 'processing') return null
  const declineCode = declineCodes.get(intent.method ?? '') ?? null
  return declineCode === null ? { ...intent, status: 'succeeded' } : { ...intent, status: 'requires_payment_method', declineCode }
}

/** The canceled intent; null when there is nothing to cancel, because it succeeded or was canceled before. */
export const canceledIntent = (intent: SandboxIntent): SandboxIntent | null =>
  intent.status === 'succeeded' || intent.status === 'canceled' ? null : { ...intent, status: 'canceled' }

/** @throws AppError `invalid_state` unless it succeeded and `amount` is left */
export function refundedIntent(intent: SandboxIntent, amount: number, idempotencyKey: string): SandboxIntent {
  const left = intent.amount.amount - intent.refunds.reduce((sum, refund) => sum + refund.amount, 0)
  if (intent.status !== 'succeeded' || amount > left) throw new AppError('invalid_state', `Cannot refund ${amount} of ${left}`)
  return { ...intent, refunds: [...intent.refunds, { idempotencyKey, amount }] }
}
