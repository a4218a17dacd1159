import { env as bindings } from 'cloudflare:workers'
import { afterEach, beforeEach, vi } from 'vitest'
import type { Actor } from '../../../shared/contracts/actor'
import type { DataApi, Operation, Target } from '../../../shared/contracts/data'
import type { Envelope, EventName } from '../../../shared/contracts/events'
import { newId, type OrderId, type UserId } from '../../../shared/contracts/ids'
import { type StoreBindings, storeOf } from '../../../shared/storage/store'
import { storeBindings } from '../../../shared/testing/data'
import { anActor, anEvent } from '../../../shared/testing/factories'
import { type CallOptions, call } from '../../../shared/testing/http'
import { deliver } from '../../../shared/testing/queue'
import { depsFrom } from '../deps'
import worker from '../index'
import { app } from '../routes'
import { aMarket } from './market'

export const shippingAddress = {
  name: 'A buyer',
  line1: '1 Main Street',
  city: 'Springfield',
  postalCode: '12345',
  country: 'US',
}

export type World = ReturnType<typeof aWorld>

/** The order Worker on the real document store, in a market of fakes, with inboxes that record what is sent to them. */
export function aWorld() {
  const market = aMarket()
  const sent: { to: string; envelope: Envelope }[] = []
  const outside = {
    queuesDown: false,
    /** Calls by service binding so far. */
    calls: 0,
    /** Called with each operation on the document store, which throws what they throw. */
    beforeWrite: (_target: Target, _operation: Operation): void => undefined,
    afterWrite: (_target: Target, _operation: Operation): void => undefined,
  }
  const inbox = (to: string) => ({
    sendBatch: async (messages: { body: Envelope }[]) => {
      if (outside.queuesDown) throw new Error('the queue is down')
      sent.push(...messages.map(({ body }) => ({ to, envelope: body })))
    },
  })
  const store = storeOf(bindings as unknown as StoreBindings)
  const data: Pick<DataApi, 'run' | 'batch'> = {
    run: async (target, operation) => {
      outside.calls += 1
      outside.beforeWrite(target, operation)
      const result = await store.run(target, operation)
      outside.afterWrite(target, operation)
      return result
    },
    batch: async (operations) => {
      outside.calls += 1
      for (const { target, operation } of operations) outside.beforeWrite(target, operation)
      const results = await store.batch(operations)
      for (const { target, operation } of operations) outside.afterWrite(target, operation)
      return results
    },
  }
  const counted = <Api extends object>(api: Api): Api =>
    new Proxy(api, {
      get: (target, verb) => {
        outside.calls += 1
        return Reflect.get(target, verb)
      },
    })
  const env = {
    ...bindings,
    ...storeBindings(data),
    CART: counted(market.cart),
    PRODUCT: counted(market.product),
    INVENTORY: counted(market.inventory),
    QUEUE_INVENTORY: inbox('inventory'),
    QUEUE_PAYMENT: inbox('payment'),
    QUEUE_NOTIFICATION: inbox('notification'),
    QUEUE_SELLER_DASHBOARD: inbox('seller-dashboard'),
    QUEUE_AI_BUDDY: inbox('ai-buddy'),
  } as unknown as OrderEnv
  const endpoint = (request: Request) => app.fetch(request, env)
  const send = (method: string, path: string, options: CallOptions) => call(endpoint, method, path, options)

  return {
    ...{ market, outside, sent, env, endpoint, deps: depsFrom(env) },
    /** The published events of a type, each once. */
    published: <E extends EventName>(type: E): Envelope<E>[] => {
      const unique = new Map(sent.map(({ envelope }) => [envelope.id, envelope]))
      return [...unique.values()].filter((envelope) => envelope.type === type) as unknown as Envelope<E>[]
    },
    get: (actor: Actor, path: string) => send('GET', path, { actor }),
    post: (actor: Actor, path: string, body: unknown = {}) => send('POST', path, { actor, body }),
    place: (actor: Actor, key: string = newId('req'), body: Record<string, unknown> = { shippingAddress }) =>
      send('POST', '/v1/orders', { actor, body, headers: { 'idempotency-key': key } }),
    receive: (...events: Envelope[]) => deliver(worker.queue, env, 'order', events),
  }
}

/** A buyer's order of 2 pieces at 10.00 from each of `sellers` (one by default), while 5 are in stock. */
export async function anOrder(world: World, { buyer = anActor('buyer'), sellers = [anActor('seller')] } = {}) {
  const variantIds = sellers.map(({ userId }) => world.market.sells(userId, { amount: 1_000, stock: 5 }))
  world.market.puts(
    buyer.userId,
    variantIds.map((variantId) => [variantId, 2]),
  )
  const { status, json } = await world.place(buyer)
  if (status !== 201) throw new Error(`the order was refused: ${JSON.stringify(json)}`)
  return { id: json.id as OrderId, buyer, sellers, variantIds, json }
}

type PaymentOutcome = 'payment.succeeded' | 'payment.failed' | 'payment.refunded'

/** An event of payment about an order of `amount` cents; `refundedTotal` in cents for a refund. */
export function paymentEvent(type: PaymentOutcome, orderId: OrderId, amount: number, refundedTotal = amount): Envelope {
  const paymentId = newId('pay')
  const common = { version: 2, paymentId, orderId, buyerId: newId('usr') as UserId, amount: { amount, currency: 'USD' as const } }
  switch (type) {
    case 'payment.succeeded':
      return anEvent(type, paymentId, common)
    case 'payment.failed':
      return anEvent(type, paymentId, { ...common, declineCode: 'card_declined' })
    case 'payment.refunded': {
      const refund = {
        refundId: newId('ref'),
        refundedTotal: { amount: refundedTotal, currency: 'USD' as const },
        reason: 'buyer',
      }
      return anEvent(type, paymentId, { ...common, ...refund })
    }
    default:
      return type satisfies never
  }
}

/** The stock of an order's variants, in the order of its lines. */
export const stockOf = (world: World, { variantIds }: { variantIds: readonly `var_${string}`[] }) =>
  variantIds.map((variantId) => world.market.inventory.stock.get(variantId))

/** The order as it is stored. */
export async function load(world: World, id: OrderId) {
  const order = await world.deps.orders.load(id)
  if (!order) throw new Error('no such order')
  return order
}

/** Does what inventory does with order.canceled of an unpaid order. */
export async function release(world: World, { id }: { id: OrderId }) {
  const { items } = await load(world, id)
  await world.market.inventory.release(
    id,
    items.map(({ variantId, quantity }) => ({ variantId, quantity })),
    'any',
  )
}

/** Stops the clock at `now` in every test of a file, so that Date.now() returns it; timers still run. */
export function stopTheClock(now: number): void {
  beforeEach(() => {
    vi.useFakeTimers({ now, toFake: ['Date'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })
}
