import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import type { Actor, Role } from '../../../shared/contracts/actor'
import type { AuthApi, Contact } from '../../../shared/contracts/auth'
import type { DataApi } from '../../../shared/contracts/data'
import type { Envelope, EventData } from '../../../shared/contracts/events'
import { newId, type ProductId, type UserId } from '../../../shared/contracts/ids'
import { money } from '../../../shared/contracts/money'
import { consumer } from '../../../shared/events/consume'
import { type StoreBindings, storeOf } from '../../../shared/storage/store'
import { storeBindings } from '../../../shared/testing/data'
import { aClock, anActor, anEvent, aPublisher } from '../../../shared/testing/factories'
import { call } from '../../../shared/testing/http'
import { liveDevice } from '../../../shared/testing/live'
import { deliver } from '../../../shared/testing/queue'
import { depsFrom } from '../deps'
import type { Email } from '../email/email'
import type { EmailBinding } from '../email/mailer'
import { handlers } from '../events'
import type { KnownProduct } from '../product-repo'
import { app } from '../routes'

/** A world of its own: users whom auth knows, a clock, and this Worker with the real data Worker behind it. */
export function aWorld(overrides: Partial<NotificationEnv> & { EMAIL?: EmailBinding; RESEND_WEBHOOK_SECRET?: string } = {}) {
  const contacts = new Map<UserId, Contact>()
  const tokens = new Map<string, string>()
  const tokenOf = (key: string, userId: UserId) => {
    const contact = contacts.get(userId)
    const token = tokens.get(key)
    return contact && token ? { contact, token, expiresAt: now() + 3_600_000 } : null
  }
  const auth = {
    down: false,
    calls: 0,
    verifyAccessToken: () => Promise.reject(new Error('not used here')),
    contact: async (userId) => {
      auth.calls++
      if (auth.down) throw new Error('auth is down')
      return contacts.get(userId) ?? null
    },
    emailVerification: async (userId) => tokenOf(userId, userId),
    passwordReset: async (userId, requestId) => tokenOf(requestId, userId),
  } satisfies AuthApi & { down: boolean; calls: number }
  const store = {
    /** Round trips so far. */
    trips: 0,
    /** Called after each of them, when the store has done its work; its error reaches the caller of the store. */
    afterTrip: (): void => undefined,
    /** How many operations of the next batch are done before the store fails. */
    cutNextAfter: Number.POSITIVE_INFINITY,
  }
  const real = storeOf(env as unknown as StoreBindings)
  const counting = async <T>(trip: Promise<T>): Promise<T> => {
    store.trips += 1
    const answer = await trip
    store.afterTrip()
    return answer
  }
  const data: Pick<DataApi, 'run' | 'batch'> = {
    run: (...args) => counting(real.run(...args)),
    batch: (operations) => {
      const done = operations.slice(0, store.cutNextAfter)
      store.cutNextAfter = Number.POSITIVE_INFINITY
      return counting(
        real.batch(done).then((answer) => {
          if (done.length < operations.length) throw new Error('the store failed')
          return answer
        }),
      )
    },
  }
  const bindings = { ...env, ...storeBindings(data), AUTH: auth, ...overrides } as unknown as NotificationEnv
  const now = aClock(Date.now())
  const deps = { ...depsFrom(bindings, undefined, { now, publish: aPublisher().publish }), random: () => 0 }
  const fetch = (request: Request) => app.fetch(request, bindings)
  const queue = consumer('notification', handlers, () => deps)
  const stored = {
    emails: deps.documents.collection<Email>({ name: 'mails' }),
    products: deps.documents.collection<KnownProduct>({ name: 'products' }),
  }

  return {
    bindings,
    auth,
    store,
    tokens,
    deps,
    /** The collections themselves, for tests that look into them or change them. */
    stored,
    now,
    fetch,
    /** A user with an account; a guest has none. */
    person: (role: Role = 'buyer'): Actor & { email: string } => {
      const actor = anActor(role)
      const email = `${actor.userId}@example.com`
      if (role !== 'guest') contacts.set(actor.userId, { userId: actor.userId, email, name: actor.name, role })
      return { ...actor, email }
    },
    /** Delivers events one after the other; each must be acked. */
    deliver: async (...events: Envelope[]) => {
      for (const event of events)
        expect(await deliver(queue, bindings, 'notification', [event])).toEqual({ acked: ['m0'], retried: [] })
    },
    /** Delivers one event and returns which messages are acked and retried. */
    attempt: (event: Envelope) => deliver(queue, bindings, 'notification', [event]),
    inbox: async (actor: Actor, query = '') => {
      const { json } = await call(fetch, 'GET', `/v1/notifications${query}`, { actor: actorOnly(actor) })
      return json.items as {
        id: string
        type: string
        title: string
        body: string
        readAt: string | null
        data: Record<string, string>
      }[]
    },
    mailbox: async (to: string) => {
      const { json } = await call(fetch, 'GET', `/v1/dev/mailbox?to=${encodeURIComponent(to)}`)
      return json.items as { id: string; to: string; subject: string; text: string; html: string }[]
    },
    get: (actor: Actor, path: string) => call(fetch, 'GET', path, { actor: actorOnly(actor) }),
    send: (actor: Actor, method: string, path: string, body?: unknown) =>
      call(fetch, method, path, { actor: actorOnly(actor), body }),
    ticket: async (actor: Actor) =>
      (await call(fetch, 'POST', '/v1/realtime/tickets', { actor: actorOnly(actor) })).json.ticket as string,
    upgrade: (ticket: string, last?: number) =>
      fetch(
        new Request(`http://credenza.test/v1/realtime?ticket=${ticket}${last === undefined ? '' : `&last=${last}`}`, {
          headers: { upgrade: 'websocket' },
        }),
      ),
    stub: (actor: Pick<Actor, 'userId'>) => env.SESSIONS.get(env.SESSIONS.idFromName(actor.userId)),
    /** A user who had a device connected before, so that frames for them are kept. */
    async returner() {
      const person = this.person()
      ;(await this.device(person)).close()
      return person
    },
    /** A device of a user, connected by a ticket of its own. */
    async device(actor: Actor, last?: number) {
      const response = await this.upgrade(await this.ticket(actor), last)
      expect(response.status).toBe(101)
      return deviceOf(response)
    },
  }
}

export type World = ReturnType<typeof aWorld>

/** The device behind an upgrade response. */
export function deviceOf(response: Response) {
  const socket = response.webSocket
  if (!socket) throw new Error('the response has no WebSocket')
  const device = liveDevice(socket)
  socket.accept()
  return { ...device, socket }
}

const actorOnly = ({ userId, sessionId, role, name }: Actor): Actor => ({ userId, sessionId, role, name })

/** An order with two sellers, and every event of its life. */
export function anOrder(world: World, buyer = world.person(), sellers = [world.person('seller'), world.person('seller')]) {
  const orderId = newId('ord')
  const facts = {
    orderId,
    number: `C-${orderId.slice(-6)}`,
    buyerId: buyer.userId,
    email: buyer.role === 'guest' ? buyer.email : null,
    sellerIds: sellers.map(({ userId }) => userId),
    grand: money(5_000, 'USD'),
  }
  const items = sellers.map(({ userId: sellerId }, index) => ({
    ...{ variantId: newId('var'), productId: newId('prd'), sellerId, quantity: index + 1, lineTotal: money(2_500, 'USD') },
  }))
  const groups = sellers.map(({ userId: sellerId }) => ({
    ...{ sellerId, subtotal: money(2_500, 'USD'), commission: money(250, 'USD') },
  }))
  const payment = { version: 1, paymentId: newId('pay'), orderId, buyerId: buyer.userId, amount: facts.grand }
  const sellerId = sellers[0]?.userId ?? newId('usr')
  const shipment = { ...facts, sellerId }
  return {
    ...{ buyer, sellers, orderId, number: facts.number, items },
    created: anEvent('order.created', orderId, { ...facts, version: 1, status: 'pending', items, groups, payBefore: 0 }),
    paid: anEvent('order.paid', orderId, { ...facts, version: 2, status: 'paid', items, groups }),
    shipped: anEvent('order.shipped', orderId, {
      ...shipment,
      version: 3,
      status: 'shipped',
      carrier: 'DHL',
      trackingNumber: 'T-1',
    }),
    delivered: anEvent('order.delivered', orderId, { ...shipment, version: 4, status: 'delivered' }),
    canceled: (more: Partial<EventData<'order.canceled'>> = {}) =>
      anEvent('order.canceled', orderId, {
        ...{ ...facts, version: 3, status: 'canceled', items, reason: 'buyer', wasPaid: false },
        ...more,
      }),
    succeeded: anEvent('payment.succeeded', payment.paymentId, payment),
    declined: anEvent('payment.failed', payment.paymentId, { ...payment, declineCode: 'card_declined' }),
    refunded: anEvent('payment.refunded', payment.paymentId, {
      ...{ ...payment, version: 2, amount: money(1_000, 'USD') },
      ...{ refundId: newId('ref'), refundedTotal: money(3_000, 'USD'), reason: 'requested' },
    }),
  }
}

export type Order = ReturnType<typeof anOrder>

/** A seller's product with one variant, and the events about it. */
export function aProduct(sellerId: UserId = newId('usr')) {
  const productId: ProductId = newId('prd')
  const variantId = newId('var')
  const title = `Desk ${productId.slice(-6)}`
  return {
    ...{ productId, variantId, sellerId, title },
    updated: (version: number, amount: number, more: Partial<EventData<'product.updated'>> = {}) =>
      anEvent('product.updated', productId, {
        ...{ version, change: version === 1 ? 'created' : 'updated', productId, sellerId, title, status: 'active' },
        variants: [{ variantId, sku: 'DESK-1', title: '', unitPrice: money(amount, 'USD') }],
        ...more,
      }),
    stock: (version: number, previous: 'in' | 'low' | 'out', availability: 'in' | 'low' | 'out', available = 3) =>
      anEvent('stock.changed', variantId, { version, variantId, productId, sellerId, previous, availability, available }),
  }
}

export const aCartEvent = (userId: UserId, cartId: `crt_${string}`, version: number) =>
  anEvent('cart.updated', cartId, {
    version,
    cartId,
    userId,
    currency: 'USD',
    itemCount: version,
    subtotal: money(version, 'USD'),
    items: [],
  })

export const typesOf = (items: readonly { type: string }[]): string[] => items.map(({ type }) => type).sort()
