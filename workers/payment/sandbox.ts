import { AppError } from '../../shared/contracts/errors'
import { client } from '../../shared/runtime/rpc'
import type { IntentId, PaymentProvider } from './provider'
import { isKnownWebhook, requireMethod, WebhookDataSchema, WebhookSchema } from './sandbox-intent'
import type { SandboxIntentApi } from './sandbox-intent.do'
import { signatureHeader, verify } from './signature'

/** The provider for development: intents are Durable Objects, payment methods are Stripe's test names. */
export function sandbox(env: Pick<PaymentEnv, 'SANDBOX' | 'SANDBOX_WEBHOOK_SECRET'>): PaymentProvider {
  const intentOf = (id: IntentId) => client<SandboxIntentApi>(env.SANDBOX.getByName(id))
  return {
    createIntent: async ({ orderId, amount, idempotencyKey }) => {
      const id = await intentIdOf(idempotencyKey)
      return intentOf(id).create(id, orderId, amount, idempotencyKey)
    },
    checkMethod: async (paymentMethod) => requireMethod(paymentMethod),
    confirm: (intentId, paymentMethod, key) => intentOf(intentId).confirm(paymentMethod, key),
    cancelIntent: (intentId) => intentOf(intentId).cancel(),
    refund: ({ intentId, amount, idempotencyKey }) => intentOf(intentId).refund(amount, idempotencyKey),
    retrieve: (intentId) => intentOf(intentId).retrieve(),
    verifyWebhook: async (rawBody, headers, now) => {
      if (!(await verify(rawBody, headers.get(signatureHeader), env.SANDBOX_WEBHOOK_SECRET, now)))
        throw new AppError('signature_invalid')
      const webhook = WebhookSchema.safeParse(parse(rawBody))
      if (!webhook.success) throw new AppError('bad_request', 'Not a webhook of the sandbox')
      const { id, type, data } = webhook.data
      if (!isKnownWebhook(type)) return { id, intent: null }
      const known = WebhookDataSchema.safeParse(data)
      if (!known.success) throw new AppError('bad_request', 'Not an intent of the sandbox')
      return { id, intent: known.data.object }
    },
  }
}

function parse(rawBody: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(rawBody))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) throw new AppError('malformed_json')
    throw error
  }
}

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** The id of the intent that a key makes: always the same, so that a second call with the key reaches the same Durable Object. */
async function intentIdOf(idempotencyKey: string): Promise<IntentId> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(idempotencyKey)))
  return `pi_${Array.from(digest.slice(0, 26), (byte) => alphabet[byte % 32]).join('')}`
}
