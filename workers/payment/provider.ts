import { z } from '@hono/zod-openapi'
import type { Id, Instant, OrderId } from '../../shared/contracts/ids'
import { idSchema } from '../../shared/contracts/ids'
import { type Money, MoneySchema } from '../../shared/contracts/money'
import type { CircuitBreaker } from '../../shared/runtime/circuit-breaker'

/** Who can take money. Each is one implementation of `PaymentProvider` in deps.ts. */
export const providerNames = ['sandbox'] as const
export type ProviderName = (typeof providerNames)[number]

/** One attempt to collect an amount, as the provider knows it. */
export const IntentSchema = z.object({
  id: idSchema('pi'),
  /** A declined intent is back at `requires_payment_method`, with the decline code. */
  status: z.enum(['requires_payment_method', 'processing', 'succeeded', 'canceled']),
  amount: MoneySchema,
  declineCode: z.string().nullable(),
  /** Money that went back, each under the key of the call that asked for it, in the intent's currency. */
  refunds: z.array(z.object({ idempotencyKey: z.string(), amount: z.int().min(0) })),
})
export type Intent = z.infer<typeof IntentSchema>
export type IntentId = Id<'pi'>

/** What a webhook told: the intent as it was then, or something that is of no concern to us. */
export type ProviderEvent = { id: string; intent: Intent | null }

/**
 * The port to a payment provider. Each call is idempotent by its key and answers the intent as it now is. An AppError below 500
 * whose code may not be retried is a refusal: nothing happened. Whatever else is thrown leaves the outcome open.
 */
export interface PaymentProvider {
  /** @throws AppError `idempotency_key_reused` for a key that made another intent */
  createIntent(wish: { orderId: OrderId; amount: Money; idempotencyKey: string }): Promise<Intent>
  /** Refuses a payment method that nobody could pay with, before anything is begun; asks nobody. @throws AppError `validation_failed` */
  checkMethod(paymentMethod: string): Promise<void>
  /** Begins to collect; the outcome comes by webhook. @throws AppError `invalid_state`, `validation_failed`, `not_found` */
  confirm(intentId: IntentId, paymentMethod: string, idempotencyKey: string): Promise<Intent>
  /** Ends an intent that has not succeeded; one that has is answered as it is. @throws AppError `not_found` */
  cancelIntent(intentId: IntentId): Promise<Intent>
  /** Gives money back. @throws AppError `invalid_state` (not captured, or more than is left), `not_found` */
  refund(wish: { intentId: IntentId; amount: number; idempotencyKey: string }): Promise<Intent>
  /** The intent as it now is; null when the provider does not know it. */
  retrieve(intentId: IntentId): Promise<Intent | null>
  /**
   * Checks the signature on the raw bytes, and only then reads them; asks nobody.
   * @throws AppError `signature_invalid` (absent, wrong or stale), `bad_request` (signed, but not what the provider sends)
   */
  verifyWebhook(rawBody: Uint8Array, headers: Headers, now: Instant): Promise<ProviderEvent>
}

/** A provider that is left alone while it fails. What asks nobody goes on meanwhile, so that no webhook is turned away. */
export const behind = (dependency: CircuitBreaker, provider: PaymentProvider): PaymentProvider => ({
  ...provider,
  createIntent: (...asked) => dependency.run(() => provider.createIntent(...asked)),
  confirm: (...asked) => dependency.run(() => provider.confirm(...asked)),
  cancelIntent: (...asked) => dependency.run(() => provider.cancelIntent(...asked)),
  refund: (...asked) => dependency.run(() => provider.refund(...asked)),
  retrieve: (...asked) => dependency.run(() => provider.retrieve(...asked)),
})
