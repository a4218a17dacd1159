import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { newId } from '../../shared/contracts/ids'
import { storeOf } from '../../shared/storage/store'
import { storeBindings } from '../../shared/testing/data'
import { anActor } from '../../shared/testing/factories'
import { type CallOptions, call, type Endpoint } from '../../shared/testing/http'
import { app } from './routes'
import { aShop } from './testing/fixtures'

const shop = aShop()
const services = { PRODUCT: shop.product, INVENTORY: shop.inventory } as unknown as Pick<CartEnv, 'PRODUCT' | 'INVENTORY'>
const endpoint: Endpoint = (request) => app.fetch(request, { ...env, ...services })
/** A Worker that dies before it can keep an answer: the change is made, and the client does not know. */
const { run } = storeOf(env)
const dying = storeBindings({ run, batch: () => Promise.reject(new Error('the isolate died')) }) as unknown as CartEnv
const mortal: Endpoint = (request) => app.fetch(request, { ...env, ...services, ...dying })

/** A shopper with 2 pieces of a variant in their cart, and a change that is made but not answered, then requested again. */
async function broken(method: string, path: (variantId: string) => string, options: CallOptions) {
  const actor = anActor('buyer')
  const { variantId } = shop.sell()
  await call(endpoint, 'POST', '/v1/cart/items', { actor, body: { variantId, quantity: 2 } })
  const sent = { actor, ...options, headers: { ...options.headers, 'idempotency-key': newId('req') } }
  const body = 'quantity' in ((options.body ?? {}) as object) && method === 'POST' ? { variantId, quantity: 1 } : options.body
  const send = (through: Endpoint) => call(through, method, path(variantId), { ...sent, ...(body ? { body } : {}) })
  expect((await send(mortal)).status).toBeGreaterThanOrEqual(500)
  const made = (await call(endpoint, 'GET', '/v1/cart', { actor })).json
  return { made, again: await send(endpoint) }
}

it('does not repeat an addition, though a retry in between was refused', async () => {
  const actor = anActor('buyer')
  const { variantId } = shop.sell()
  const sent = { actor, body: { variantId, quantity: 2 }, headers: { 'idempotency-key': newId('req') } }
  const add = (through: Endpoint) => call(through, 'POST', '/v1/cart/items', sent)
  const offSale: Endpoint = (request) => app.fetch(request, { ...env, ...services, PRODUCT: aShop().product as never })
  const statuses = [(await add(mortal)).status, (await add(offSale)).status]
  const { status, json } = await add(endpoint)
  expect([...statuses, status, json.itemCount]).toEqual([503, 404, 200, 2])
})

it.each([
  ['an addition', 'POST', () => '/v1/cart/items', { body: { quantity: 1 } }, 3],
  ['an addition with If-Match', 'POST', () => '/v1/cart/items', { body: { quantity: 1 }, headers: { 'if-match': '"1"' } }, 3],
  ['a quantity', 'PATCH', (id: string) => `/v1/cart/items/${id}`, { body: { quantity: 5 }, headers: { 'if-match': '"1"' } }, 5],
  ['a removal', 'DELETE', (id: string) => `/v1/cart/items/${id}`, {}, 0],
  ['an emptying', 'DELETE', () => '/v1/cart', { headers: { 'if-match': '"1"' } }, 0],
] as const)('does not repeat %s whose answer was lost', async (_what, method, path, options, count) => {
  const { made, again } = await broken(method, path, options)
  expect([made.itemCount, made.version]).toEqual([count, 2])
  expect([again.status, again.json]).toEqual([200, made])
})
