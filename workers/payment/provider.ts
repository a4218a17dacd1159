import { z } from '@hono/zod-openapi'
import type { Id, Instant, OrderId } from '../../shared/contracts/ids'
import { idSchema } from '../../shared/contracts/ids'
import { type Money, MoneySchema } from '../../shared/contracts/money'
import type { CircuitBreaker } from '../../shared/runtime/circuit-breaker'

/** The providers that can take money. Each is one implementation of `PaymentProvider` in deps.ts. */
export const providerNames = ['sandbox'] as const
export type ProviderName = (typeof providerNames)[number]

/** One attempt to collect an amount, as the provider knows it. */
export const IntentSchema = z.object({
  id: idSchema('pi'),
  /** A declined intent is back at `requires_payment_method`, with the decline code. */
  status: z.enum(['requires_payment_method', 'processing', 'succeeded', 'canceled']),
  amount: MoneySchema,
  declineCode: z.string().nullable(),
  /** Refunds, each under the key of the call that requested it, in the intent's currency. */
  refunds: z.array(z.object({ idempotencyKey: z.string(), amount: z.int().min(0) })),
})
export type Intent = z.infer<typeof IntentSchema>
export type IntentId = Id<'pi'>

/** The content of a webhook: the intent as it was then, or null for a type that does not concern us. */
export type ProviderEvent = { id: string; intent: Intent | null }

/**
 * The port to a payment provider. Each call is idempotent by its key and answers the intent as it now is. An AppError below 500
 * whose code may not be retried is a refusal: nothing happened. Any other error leaves the outcome open.
 */
export interface PaymentProvider {
  /** @throws AppError `idempotency_key_reused` for a key that made another intent */
  createIntent(request: { orderId: OrderId; amount: Money; idempotencyKey: string }): Promise<Intent>
  /** Refuses a payment method that cannot exist, before anything is begun; makes no call. @throws AppError `validation_failed` */
  checkMethod(paymentMethod: string): Promise<void>
  /** Begins to collect; the outcome comes by webhook. @throws AppError `invalid_state`, `validation_failed`, `not_found` */
  confirm(intentId: IntentId, paymentMethod: string, idempotencyKey: string): Promise<Intent>
  /** Cancels an intent that has not succeeded; one that has stays as it is. @throws AppError `not_found` */
  cancelIntent(intentId: IntentId): Promise<Intent>
  /** Refunds money. @throws AppError `invalid_state` (not captured, or more than is left), `not_found` */
  refund(request: { intentId: IntentId; amount: number; idempotencyKey: string }): Promise<Intent>
  /** The intent as it now is; null when the provider does not know it. */
  retrieve(intentId: IntentId): Promise<Intent | null>
  /**
   * Checks the signature on the raw bytes, and only then reads them; makes no call.
   * @throws AppError `signature_invalid` (absent, wrong or stale), `bad_request` (signed, but not what the provider sends)
   */
  verifyWebhook(rawBody: Uint8Array, headers: Headers, now: Instant): Promise<ProviderEvent>
}

/** A provider behind a circuit breaker. Methods that make no call bypass it, so that webhooks are accepted while it is open. */
export const withBreaker = (breaker: CircuitBreaker, provider: PaymentProvider): PaymentProvider => ({
  ...provider,
  createIntent: (...request) => breaker.run(() => provider.createIntent(...request)),
  confirm: (...request) => breaker.run(() => provider.confirm(...request)),
  cancelIntent: (...request) => breaker.run(() => provider.cancelIntent(...request)),
  refund: (...request) => breaker.run(() => provider.refund(...request)),
  retrieve: (...request) => breaker.run(() => provider.retrieve(...request)),
})
