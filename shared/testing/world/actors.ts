import type { Actor } from '../../contracts/actor'
import type { OrderId, ProductId, VariantId } from '../../contracts/ids'
import { newId } from '../../contracts/ids'
import { type Answer, call } from '../http'
import { advance, restartWorkers } from './driver'
import { marketplace } from './marketplace'
import type { Member } from './modules'

/** A request that its sender repeats under the same Idempotency-Key. */
type ActorRequest = { to: Member; method: string; path: string; actor: Actor; body?: unknown }

/** Sends a request once. Undefined when there is no answer. */
async function send({ to, method, path, actor, body }: ActorRequest, key: string): Promise<Answer | undefined> {
  try {
    const endpoint = marketplace.endpoint(to)
    return await call(endpoint, method, path, {
      actor,
      headers: { 'idempotency-key': key },
      ...(body === undefined ? {} : { body }),
    })
  } catch {
    return undefined
  } finally {
    await restartWorkers()
  }
}

/** What may be asked again: no answer, a failure of the marketplace, or a word that it is being done. */
const isOpen = (answer: Answer | undefined): boolean =>
  !answer || answer.status >= 500 || ['idempotency_in_progress', 'conflict', 'busy'].includes(answer.json?.code)

/** Sends a request until it is answered, each time after the lock of the attempt before has run out. */
export async function requestUntilAnswered(request: ActorRequest): Promise<Answer> {
  const key = newId('req')
  for (let attempt = 1; attempt <= 8; attempt++) {
    const answer = await send(request, key)
    if (answer && !isOpen(answer)) return answer
    advance(31_000)
  }
  throw new Error(`Nobody answers ${request.method} ${request.path}`)
}

/** Sends a request and goes away, whatever comes of it. */
export const requestOnce = (request: ActorRequest): Promise<Answer | undefined> => send(request, newId('req'))

export type Offer = { seller: Actor; productId: ProductId; variantId: VariantId }

/** A seller who lists something new. */
export async function anOffer({ stock = 6, amount = 1_000 }: { stock?: number; amount?: number } = {}): Promise<Offer> {
  const seller = marketplace.auth.person('seller')
  const variant = { sku: 'DESK', price: { amount, currency: 'USD' }, stock }
  const product = { title: 'A desk', description: 'Of oak', category: 'desks', status: 'active', variants: [variant] }
  const { status, json } = await requestUntilAnswered({
    to: 'product',
    method: 'POST',
    path: '/v1/products',
    actor: seller,
    body: product,
  })
  if (status !== 201) throw new Error(`Nothing was listed: ${JSON.stringify(json)}`)
  return { seller, productId: json.id, variantId: json.variants[0].id }
}

export const fill = (buyer: Actor, offer: Offer, quantity: number): Promise<Answer> =>
  requestUntilAnswered(requests.fill(buyer, offer, quantity))

const shippingAddress = { name: 'A buyer', line1: '1 Main Street', city: 'Springfield', postalCode: '12345', country: 'US' }

/** The wishes of a purchase's life. */
export const requests = {
  fill: (actor: Actor, { variantId }: Offer, quantity: number): ActorRequest => ({
    ...{ to: 'cart', method: 'POST', path: '/v1/cart/items', actor, body: { variantId, quantity } },
  }),
  empty: (actor: Actor): ActorRequest => ({ to: 'cart', method: 'DELETE', path: '/v1/cart', actor }),
  place: (actor: Actor): ActorRequest => ({ to: 'order', method: 'POST', path: '/v1/orders', actor, body: { shippingAddress } }),
  confirm: (actor: Actor, id: OrderId, paymentMethod = 'pm_card_visa'): ActorRequest => ({
    ...{ to: 'payment', method: 'POST', path: `/v1/payments/${id}/confirm`, actor, body: { paymentMethod } },
  }),
  cancel: (actor: Actor, id: OrderId): ActorRequest => ({
    to: 'order',
    method: 'POST',
    path: `/v1/orders/${id}/cancel`,
    actor,
    body: {},
  }),
  ship: (actor: Actor, id: OrderId): ActorRequest => ({
    to: 'order',
    method: 'POST',
    path: `/v1/orders/${id}/shipments`,
    actor,
    body: {},
  }),
  deliver: (actor: Actor, id: OrderId): ActorRequest => ({
    ...{ to: 'order', method: 'POST', path: `/v1/orders/${id}/deliveries`, actor, body: {} },
  }),
  refund: (actor: Actor, id: OrderId): ActorRequest => ({
    to: 'payment',
    method: 'POST',
    path: `/v1/payments/${id}/refunds`,
    actor,
    body: {},
  }),
  change: (actor: Actor, id: ProductId, body: object): ActorRequest => ({
    ...{ to: 'product', method: 'PATCH', path: `/v1/products/${id}`, actor, body },
  }),
  watch: (actor: Actor, id: ProductId): ActorRequest => ({
    to: 'notification',
    method: 'PUT',
    path: `/v1/products/${id}/watch`,
    actor,
  }),
}
