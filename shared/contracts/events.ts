import { z } from '@hono/zod-openapi'
import { roles } from './actor'
import { attempt, groups, line, order, payment, version } from './event-parts'
import { availability, CartLineFacts, VariantFacts } from './facts'
import { idSchema, type ReplayId } from './ids'
import { CurrencySchema, MoneySchema } from './money'
import { auditor, type WorkerName, workers } from './workers'

export { auditor, type WorkerName, workers }

type Definition = { from: WorkerName; to: readonly WorkerName[]; data: z.ZodType }
const event = <const D extends Definition>(definition: D): D => definition

/**
 * THE catalogue. The publisher and every subscriber are typed from one entry: `workers/<from>` publishes it, and each of `to`
 * handles it in its `events.ts` under the same key. Audit gets all of them; those with an empty `to` are for it alone.
 */
export const events = {
  /** Somebody signed up. The welcome mail carries the link that verifies the address. */
  'user.registered': event({
    from: 'auth',
    to: ['notification', 'ai-buddy'],
    data: z.object({ version, userId: idSchema('usr'), email: z.string(), name: z.string(), role: z.enum(roles) }),
  }),
  /** Sessions ended before their time: sign-out, revocation, reuse of a refresh token, a new password, another role. */
  'user.session_revoked': event({
    from: 'auth',
    to: ['notification'],
    data: z.object({
      version,
      userId: idSchema('usr'),
      sessionId: idSchema('ses'),
      reason: z.enum(['logout', 'revoked', 'refresh_reuse', 'password_reset', 'role_changed']),
    }),
  }),
  /** A user signed in, and a session began. */
  'user.signed_in': event({
    from: 'auth',
    to: [],
    data: z.object({ version, userId: idSchema('usr'), sessionId: idSchema('ses'), address: z.string() }),
  }),
  /** Somebody did not know the password, or the account. */
  'user.sign_in_failed': event({ from: 'auth', to: [], data: z.object(attempt) }),
  /** Too many failures: the account, or the address they came from, is closed to guesses until `until`. */
  'user.locked_out': event({
    from: 'auth',
    to: [],
    data: z.object({ ...attempt, kind: z.enum(['account', 'address']), until: z.int() }),
  }),
  /** An operator gave a user another role; their sessions under the old one end. */
  'user.role_changed': event({
    from: 'auth',
    to: [],
    data: z.object({
      version,
      userId: idSchema('usr'),
      role: z.enum(roles),
      previous: z.enum(roles),
      by: idSchema('usr'),
    }),
  }),
  /** Somebody asked for a new password. The token itself is never in the event: notification asks auth for it. */
  'user.password_reset_requested': event({
    from: 'auth',
    to: ['notification'],
    data: z.object({ version, userId: idSchema('usr'), requestId: idSchema('req') }),
  }),
  /** A product was created, changed or archived; the facts are those after the change. */
  'product.updated': event({
    from: 'product',
    to: ['cart', 'notification', 'seller-dashboard', 'ai-buddy'],
    data: z.object({
      version,
      change: z.enum(['created', 'updated', 'archived']),
      productId: idSchema('prd'),
      sellerId: idSchema('usr'),
      title: z.string(),
      status: z.enum(['draft', 'active', 'archived']),
      variants: z.array(VariantFacts),
      /** Opening stock of the variants that this change added. Later levels come by stock.changed. */
      opened: z
        .array(z.object({ variantId: idSchema('var'), availability: z.enum(availability), available: z.int().min(0) }))
        .optional(),
    }),
  }),
  /**
   * Somebody who does not sell it looked at a product on sale, how often ever within half an hour. Only one view in `weight` is
   * published, by chance, and one that cannot be sent is not published again: a sample, of which nothing but counts is made. Its version says
   * nothing.
   */
  'product.viewed': event({
    from: 'gateway',
    to: ['seller-dashboard'],
    data: z.object({ version, productId: idSchema('prd'), sellerId: idSchema('usr'), weight: z.int().min(1) }),
  }),
  /** The availability of a variant went from one of in, low and out to another. */
  'stock.changed': event({
    from: 'inventory',
    to: ['product', 'cart', 'notification', 'seller-dashboard', 'ai-buddy'],
    data: z.object({
      version,
      variantId: idSchema('var'),
      productId: idSchema('prd'),
      sellerId: idSchema('usr'),
      availability: z.enum(availability),
      previous: z.enum(availability),
      available: z.int().min(0),
    }),
  }),
  /** A shopper's cart after a change. */
  'cart.updated': event({
    from: 'cart',
    to: ['order', 'notification'],
    data: z.object({
      version,
      cartId: idSchema('crt'),
      userId: idSchema('usr'),
      currency: CurrencySchema.nullable(),
      itemCount: z.int().min(0),
      subtotal: MoneySchema.nullable(),
      items: z.array(CartLineFacts),
    }),
  }),
  /** Stock is held and the order written; payment may start. */
  'order.created': event({
    from: 'order',
    to: ['payment', 'notification', 'seller-dashboard'],
    data: z.object({ ...order, payBefore: z.int(), items: z.array(line), groups }),
  }),
  /** The money is there and the stock confirmed. */
  'order.paid': event({
    from: 'order',
    to: ['inventory', 'notification', 'seller-dashboard', 'ai-buddy'],
    data: z.object({ ...order, items: z.array(line), groups }),
  }),
  /**
   * The order ended unfulfilled; `wasPaid` says whether stock had been committed and money taken. With `refunded`, all of the
   * money went back before everything was sent: `items` and `sellerIds` are those of what had not left.
   */
  'order.canceled': event({
    from: 'order',
    to: ['inventory', 'payment', 'notification', 'seller-dashboard'],
    data: z.object({
      ...order,
      reason: z.enum(['buyer', 'seller', 'expired', 'payment_failed', 'refunded']),
      wasPaid: z.boolean(),
      items: z.array(line),
    }),
  }),
  /** One seller's group left; `status` is the whole order's. */
  'order.shipped': event({
    from: 'order',
    to: ['notification', 'seller-dashboard'],
    data: z.object({
      ...order,
      sellerId: idSchema('usr'),
      carrier: z.string().nullable(),
      trackingNumber: z.string().nullable(),
    }),
  }),
  /** One seller's group arrived. */
  'order.delivered': event({ from: 'order', to: ['notification'], data: z.object({ ...order, sellerId: idSchema('usr') }) }),
  'payment.succeeded': event({ from: 'payment', to: ['order', 'notification'], data: z.object(payment) }),
  'payment.failed': event({
    from: 'payment',
    to: ['order', 'notification'],
    data: z.object({ ...payment, declineCode: z.string() }),
  }),
  'payment.refunded': event({
    from: 'payment',
    to: ['order', 'notification', 'seller-dashboard'],
    data: z.object({ ...payment, refundId: idSchema('ref'), refundedTotal: MoneySchema, reason: z.string() }),
  }),
  /** An operator wants money to go back. */
  'refund.requested': event({
    from: 'payment',
    to: [],
    data: z.object({ ...payment, refundId: idSchema('ref'), refund: MoneySchema, reason: z.string(), by: idSchema('usr') }),
  }),
  /** An operator sends parked messages to their Worker once more. */
  'dead_letters.redriven': event({
    from: 'audit',
    to: [],
    data: z.object({ version, worker: z.string(), deadLetterIds: z.array(z.string()), by: idSchema('usr') }),
  }),
  /** An operator gives a parked message up. */
  'dead_letters.discarded': event({
    from: 'audit',
    to: [],
    data: z.object({ version, worker: z.string(), deadLetterId: z.string(), reason: z.string(), by: idSchema('usr') }),
  }),
  /** An operator wants a mail that was given up for the `version`th time to be tried again. It waits as a dead letter until then. */
  'mail.retry_requested': event({
    from: 'audit',
    to: ['notification'],
    data: z.object({ version, mailId: z.string(), userId: idSchema('usr') }),
  }),
  /** An operator has events of the past sent to a Worker again. */
  'events.replayed': event({
    from: 'audit',
    to: [],
    data: z.object({
      version,
      replayId: idSchema('rpl'),
      to: z.string(),
      from: z.string(),
      until: z.string(),
      types: z.array(z.string()),
      by: idSchema('usr'),
    }),
  }),
} as const satisfies Record<string, Definition>

export type EventName = keyof typeof events
export type EventData<E extends EventName> = z.infer<(typeof events)[E]['data']>
/** The events that Worker `W` publishes. */
export type Published<W extends WorkerName> = { [E in EventName]: (typeof events)[E]['from'] extends W ? E : never }[EventName]
/** The events that Worker `W` consumes. */
export type Consumed<W extends WorkerName> = W extends typeof auditor
  ? EventName
  : { [E in EventName]: W extends (typeof events)[E]['to'][number] ? E : never }[EventName]

/** Everyone whose inbox gets an event. */
export const subscribersOf = (type: EventName): readonly WorkerName[] => [...events[type].to, auditor]

/** Every Worker with an inbox. */
export const consumers: readonly WorkerName[] = workers.filter(
  (worker) => worker === auditor || Object.values(events).some(({ to }) => (to as readonly WorkerName[]).includes(worker)),
)

/**
 * The Workers that take replayed events: what they make of events is state alone, and the same however often it is made. All others
 * refuse them, since a replay must not send a mail, move money or ship a parcel.
 */
export const replayable: readonly WorkerName[] = ['product', 'seller-dashboard', 'ai-buddy']

/** The most bytes that an event has as JSON: what the queues take in one message. Source: Cloudflare Queues, limits */
export const maxEventBytes = 128_000

/** CloudEvents 1.0 in JSON, with W3C trace context. Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md */
export type Envelope<E extends EventName = EventName> = {
  [N in E]: {
    specversion: '1.0'
    id: `evt_${string}`
    source: `/workers/${WorkerName}`
    type: N
    /** The aggregate's id. */
    subject: string
    time: string
    datacontenttype: 'application/json'
    traceparent: string
    dataversion: number
    /** Which replay sent it once more; absent when it is news. */
    replay?: ReplayId
    data: EventData<N>
  }
}[E]

export const EnvelopeSchema = z.object({
  specversion: z.literal('1.0'),
  id: idSchema('evt'),
  source: z.string(),
  type: z.enum(Object.keys(events) as [EventName, ...EventName[]]),
  subject: z.string(),
  time: z.string(),
  datacontenttype: z.literal('application/json'),
  traceparent: z.string(),
  dataversion: z.int(),
  replay: idSchema('rpl').optional(),
  data: z.unknown(),
})

/** One handler per consumed event: a missing or a surplus one does not compile. */
export type Handlers<W extends WorkerName, Deps> = {
  [E in Consumed<W>]: (event: Envelope<E>, deps: Deps) => Promise<void>
}
