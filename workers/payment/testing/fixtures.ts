import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import type { Actor } from '../../../shared/contracts/actor'
import type { Envelope, EventData, EventName } from '../../../shared/contracts/events'
import { newId, type OrderId } from '../../../shared/contracts/ids'
import { type Money, money } from '../../../shared/contracts/money'
import type { Payable } from '../../../shared/contracts/order'
import { resultOf } from '../../../shared/contracts/outcome'
import { storeOf } from '../../../shared/storage/store'
import { aCountedStore, storeBindings } from '../../../shared/testing/data'
import { aClock, anActor, anEvent } from '../../../shared/testing/factories'
import { type CallOptions, call } from '../../../shared/testing/http'
import { deliver } from '../../../shared/testing/queue'
import { depsFrom } from '../deps'
import worker from '../index'
import { balanced } from '../ledger'
import type { IntentId, PaymentProvider } from '../provider'
import { app } from '../routes'

/** Milliseconds after which an alarm would run by itself: no test takes that long. */
export const never = 3_600_000

/** A webhook on its way from the sandbox to us. */
type Posted = { headers: Record<string, string>; body: string }

/**
 * The payment Worker among fakes: an order Worker that knows the orders made here, and inboxes that record what is sent to them
 * and fail while `down` is set. The clock stands still. `change` replaces bindings.
 */
export function aWorld(change: (bindings: PaymentEnv) => Partial<PaymentEnv> = () => ({})) {
  const clock = aClock(Date.now())
  const orders = new Map<OrderId, Payable>()
  const sent: Envelope[] = []
  const recorded: Envelope[] = []
  const posted: Posted[] = []
  const inbox = (record: Envelope[]) => ({
    sendBatch: async (messages: { body: Envelope }[]) => {
      if (world.down) throw new Error('the queue is down')
      record.push(...messages.map(({ body }) => body))
    },
  })
  const fakes = {
    ORDER: { payable: async (orderId: OrderId) => orders.get(orderId) ?? null },
    QUEUE_ORDER: inbox(sent),
    QUEUE_NOTIFICATION: inbox([]),
    QUEUE_SELLER_DASHBOARD: inbox([]),
    QUEUE_AUDIT: inbox(recorded),
  }
  const store = aCountedStore(storeOf(env))
  const bindings = { ...env, ...fakes, ...storeBindings(store) } as unknown as PaymentEnv
  const testEnv = { ...bindings, ...change(bindings) }
  const deps = depsFrom(testEnv, undefined, { now: clock })
  const endpoint = (request: Request) => app.fetch(request, testEnv)

  const operator = anActor('admin')

  const world = {
    down: false,
    operator,
    env: testEnv,
    clock,
    store,
    orders,
    deps,
    /** All webhooks that the sandbox sent. */
    posted,
    /** Answers the sandbox's webhooks. */
    receive: endpoint as (request: Request) => Response | Promise<Response>,
    endpoint,
    call: (method: string, path: string, options?: CallOptions) => call(endpoint, method, path, options),
    deliver: (...events: Envelope[]) => deliver(worker.queue, testEnv, 'payment', events),
    /** The events of an order that the order Worker got. */
    sentOf: <E extends EventName>(type: E, orderId: OrderId) => aboutOrder(sent, type, orderId),
    /** The events of an order that audit got. */
    recordedOf: <E extends EventName>(type: E, orderId: OrderId) => aboutOrder(recorded, type, orderId),
    /** The types of an order's events that the order Worker got, in order of arrival. */
    sentTo: (orderId: OrderId) =>
      sent.filter(({ data }) => 'orderId' in data && data.orderId === orderId).map(({ type }) => type),
    /** A refund by an operator. */
    refund: (orderId: OrderId, amount?: number, key: string = newId('req')) =>
      world.call('POST', `/v1/payments/${orderId}/refunds`, {
        actor: operator,
        headers: { 'idempotency-key': key },
        body: amount === undefined ? {} : { amount: { amount, currency: 'USD' } },
      }),
    /** The same deps with some methods of the provider replaced. */
    depsWith: (changes: Partial<PaymentProvider>) => ({
      ...deps,
      providers: { sandbox: { ...deps.providers.sandbox, ...changes } },
    }),
    payment: async (orderId: OrderId) => {
      const payment = await deps.payments.byOrder(orderId)
      if (!payment) throw new Error('there is no such payment')
      return payment
    },
    /** All payments of an order, of which there must be one at most. */
    storedPayments: async (orderId: OrderId) => {
      const target = { database: 'credenza_payment', collection: 'payments' }
      const result = resultOf(await store.run(target, { action: 'find', filter: { orderId } }))
      return 'documents' in result ? result.documents : []
    },
    intentId: async (orderId: OrderId): Promise<IntentId> => {
      const { intentId } = await world.payment(orderId)
      if (!intentId) throw new Error('the payment has no intent')
      return intentId
    },
    stub: async (orderId: OrderId) => env.SANDBOX.getByName(await world.intentId(orderId)),
    /** Makes the sandbox wait for `runDurableObjectAlarm` and send its webhooks here. An evicted object forgets this. */
    pace: async (intentId: IntentId) => {
      await runInDurableObject(env.SANDBOX.getByName(intentId), (sandbox) => {
        sandbox.surroundings = {
          now: clock,
          decideAfter: never,
          retryAfter: (attempts) => never + attempts,
          post: async (request) => {
            posted.push({ headers: Object.fromEntries(request.headers), body: await request.clone().text() })
            return world.receive(request)
          },
        }
      })
    },
  }
  return world
}

export type World = ReturnType<typeof aWorld>
export type AnOrder = { orderId: OrderId; buyer: Actor; created: Envelope; canceled: (reason?: CancelReason) => Envelope }
type CancelReason = EventData<'order.canceled'>['reason']

/** A pending order without a payment. */
export function anOrder(world: World, { grand = money(5_000, 'USD') }: { grand?: Money } = {}): AnOrder {
  const orderId = newId('ord')
  const buyer = anActor('buyer')
  const payBefore = world.clock() + 1_800_000
  world.orders.set(orderId, { orderId, number: 'C-1', buyerId: buyer.userId, status: 'pending', grand, payBefore })
  const common = {
    version: 1,
    orderId,
    number: 'C-1',
    buyerId: buyer.userId,
    email: null,
    sellerIds: [newId('usr')],
    grand,
    items: [],
  }
  return {
    orderId,
    buyer,
    created: anEvent('order.created', orderId, { ...common, status: 'pending', payBefore, groups: [] }),
    canceled: (reason = 'buyer') =>
      anEvent('order.canceled', orderId, { ...common, version: 2, status: 'canceled', reason, wasPaid: false }),
  }
}

/** An order whose payment waits for a payment method. */
export async function aPayment(world: World, options?: { grand?: Money }): Promise<AnOrder> {
  const order = anOrder(world, options)
  await world.deliver(order.created)
  await world.pace(await world.intentId(order.orderId))
  return order
}

export const confirm = (world: World, { orderId, buyer }: AnOrder, paymentMethod = 'pm_card_visa') =>
  world.call('POST', `/v1/payments/${orderId}/confirm`, { actor: buyer, body: { paymentMethod } })

/** A payment that succeeded. */
export async function aPaidPayment(world: World, options?: { grand?: Money }): Promise<AnOrder> {
  const order = await aPayment(world, options)
  await confirm(world, order)
  await runDurableObjectAlarm(await world.stub(order.orderId))
  const { status } = await world.payment(order.orderId)
  if (status !== 'succeeded') throw new Error(`the payment is ${status}`)
  return order
}

/** The intent as the sandbox has it. */
export async function providerIntent(world: World, { orderId }: AnOrder) {
  const { intentId } = await world.payment(orderId)
  return intentId && world.deps.providers.sandbox.retrieve(intentId)
}

/** The balances of the ledger's accounts for one order, debits positive, after checking each transaction. */
export async function balanceOf(world: World, { orderId }: AnOrder) {
  const { _id: paymentId } = await world.payment(orderId)
  const transactions = (await world.deps.ledger.ofPayment(paymentId)).map(balanced)
  const balance = { provider_clearing: 0, platform_payable: 0 }
  for (const { account, side, amount } of transactions.flatMap(({ entries }) => entries)) {
    balance[account] += side === 'debit' ? amount : -amount
  }
  return { ...balance, transactions: transactions.length }
}

const aboutOrder = <E extends EventName>(events: readonly Envelope[], type: E, orderId: OrderId): Envelope<E>[] =>
  events.filter(
    ({ type: found, data }) => found === type && 'orderId' in data && data.orderId === orderId,
  ) as unknown as Envelope<E>[]
