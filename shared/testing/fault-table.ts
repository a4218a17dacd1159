import type { DependencyName } from '../contracts/dependencies'

/**
 * What a dependency may do to a call: do it but not answer in time, answer with a 500, not take it at all, have its
 * breaker open so that nothing asks it, or answer just in time.
 */
export const faultNames = ['timeout', 'error', 'refused', 'open', 'slow'] as const
export type FaultName = (typeof faultNames)[number]

/** A status with the code of the problem, where every 503 carries Retry-After; or what a queue does with a message. */
export type Outcome = `${number}` | `${number} ${string}` | 'acked' | 'retried' | 'done'

type Row = {
  answers: Record<FaultName, Outcome>
  /** What is not lost when it fails. */
  kept: string
  /** What happens when it is back; the breaker closes by itself in every case. */
  afterwards: string
}

/** The same answer however it fails, and the usual one when it is just in time. */
const row = (failing: Outcome, usual: Outcome, kept: string, afterwards: string): Row => ({
  answers: { timeout: failing, error: failing, refused: failing, open: failing, slow: usual },
  ...{ kept, afterwards },
})

/** What becomes of whatever needs a dependency, under each fault. The first word names the Worker whose tests hold it to that. */
export const faults = {
  'payment-provider': {
    'payment order.created': row(
      'retried',
      'acked',
      'The payment, without an intent',
      'The message comes again and the intent is made, once',
    ),
    'payment POST /v1/payments/{orderId}/confirm': row(
      '202',
      '202',
      'The confirmation; the payment is `processing`',
      'The reconciler asks again, and the money is taken once',
    ),
    'payment POST /v1/payments/{orderId}/confirm before there is an intent': row(
      '503 unavailable',
      '202',
      'The order and its payment',
      'The shopper confirms again, and the money is taken once',
    ),
    'payment POST /v1/payments/{orderId}/refunds': row(
      '201',
      '201',
      'The refund, `pending`',
      'The reconciler asks again, and the money goes back once',
    ),
    'payment order.canceled': row('retried', 'acked', 'That nothing may be collected', 'The intent is canceled'),
    'payment the reconciler': row('done', 'done', 'The payment, which stays due', 'The next run settles it, once'),
    'payment POST /v1/payments/webhooks/{provider}': row('200', '200', 'All: the provider is not asked', 'Nothing is left to do'),
  },
  cache: {
    'product GET /v1/products': row('200', '200', 'The answer, from the database', 'Answers are cached again'),
    'product GET /v1/products/{id}': row('200', '200', 'The answer, from the database', 'Answers are cached again'),
    'product PATCH /v1/products/{id}': row(
      '200',
      '200',
      'The change and its event, which waits until nobody can be shown what was before',
      'The sweep publishes it, once',
    ),
    'product stock.changed': row(
      'retried',
      'acked',
      'What was noted of the stock',
      'The message comes again; nothing is noted twice',
    ),
    'cart POST /v1/cart/items': row(
      '200',
      '200',
      'The cart',
      'The cart enters the index within a minute, and changes of its products find it',
    ),
    'cart product.updated': row('retried', 'acked', 'The message', 'The message comes again, and the cart has the new price'),
  },
  database: {
    'product GET /v1/products/{id} that the cache knows': row('200', '200', 'The answer, with its Age', 'Answers are new again'),
    'product GET /v1/products/{id} that nobody knows': row('503 unavailable', '200', 'Nothing was asked for', 'It is answered'),
    'inventory GET /v1/inventory/{variantId}': row('503 unavailable', '200', 'Nothing was asked for', 'It is answered'),
    'auth POST /v1/auth/login': row('503 unavailable', '200', 'Nothing was begun', 'The same request signs in'),
    'order POST /v1/orders': row(
      '503 unavailable',
      '201',
      'At most a hold that expires',
      'The same Idempotency-Key makes the order, once',
    ),
    'order payment.succeeded': row('retried', 'acked', 'The message', 'The message comes again, and the order is paid once'),
    'payment POST /v1/payments/{orderId}/confirm': row(
      '503 unavailable',
      '202',
      'The payment as it was',
      'The shopper confirms again, and the money is taken once',
    ),
    'payment POST /v1/payments/webhooks/{provider}': row(
      '503 unavailable',
      '200',
      'The webhook, at the provider',
      'The provider sends it again, and it is acted on once',
    ),
    'notification order.created': row(
      'retried',
      'acked',
      'The message',
      'The message comes again, and the shopper gets one notification',
    ),
    'notification GET /v1/notifications': row('503 unavailable', '200', 'Nothing was asked for', 'It is answered'),
  },
  email: {
    'notification order.created': row('acked', 'acked', 'The mail, queued; the line in the inbox', 'The sweep sends it, once'),
    'notification the sweep': row('done', 'done', 'Every mail that is due, queued', 'The next sweeps send them, each once'),
  },
  model: {
    'ai-buddy POST /v1/assistant/messages': row(
      '200',
      '200',
      'The answer, composed of what was read, which says so; the conversation',
      'The model plans answers again',
    ),
  },
  vectors: {
    'ai-buddy POST /v1/assistant/messages': row('200', '200', 'The answer, found by words', 'Search goes by meaning again'),
    'ai-buddy product.updated': row(
      'retried',
      'acked',
      'What the index of words knows of the product',
      'The message comes again, and the product is found by meaning too',
    ),
  },
} as const satisfies Record<DependencyName, Record<string, Row>>

export type Faults = typeof faults
/** What a Worker does that needs a dependency. */
export type FlowOf<D extends DependencyName, W extends string> = Extract<keyof Faults[D], `${W} ${string}`>
