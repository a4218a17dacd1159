import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { AuthApi } from '../../shared/contracts/auth'
import { AppError } from '../../shared/contracts/errors'
import { newId, type VariantId } from '../../shared/contracts/ids'
import { routeBattery } from '../../shared/testing/battery'
import { anActor } from '../../shared/testing/factories'
import { type CallOptions, call } from '../../shared/testing/http'
import { app } from './routes'
import { aShop } from './testing/fixtures'

const shop = aShop()
const auth = { verifyAccessToken: async () => anActor('guest') } as unknown as AuthApi
const services = { PRODUCT: shop.product, INVENTORY: shop.inventory, AUTH: auth } as unknown as Pick<
  CartEnv,
  'PRODUCT' | 'INVENTORY' | 'AUTH'
>
const endpoint = (request: Request) => app.fetch(request, { ...env, ...services })
const { variantId } = shop.sell()

const foreign = async () => {
  const owned = shop.sell()
  const owner = anActor('buyer')
  await call(endpoint, 'POST', '/v1/cart/items', { actor: owner, body: { variantId: owned.variantId, quantity: 2 } })
  return { path: `/v1/cart/items/${owned.variantId}`, actor: anActor('buyer') }
}

/** A buyer with one piece of a variant in their cart. */
const works = async () => {
  const actor = anActor('buyer')
  const { variantId } = shop.sell()
  await call(endpoint, 'POST', '/v1/cart/items', { actor, body: { variantId, quantity: 1 } })
  return { actor, path: `/v1/cart/items/${variantId}` }
}

routeBattery(app, endpoint, [
  { route: 'GET /v1/cart', access: 'signed-in', path: '/v1/cart' },
  { route: 'DELETE /v1/cart', access: 'signed-in', path: '/v1/cart', works: async () => ({ actor: anActor('buyer') }) },
  {
    ...{ route: 'POST /v1/cart/items', access: 'signed-in', path: '/v1/cart/items', body: { variantId, quantity: 1 } },
    works: async () => ({ other: { variantId, quantity: 2 } }),
  },
  {
    ...{ route: 'PATCH /v1/cart/items/{variantId}', access: 'signed-in', path: `/v1/cart/items/${variantId}` },
    ...{ body: { quantity: 1 }, foreign, works: async () => ({ ...(await works()), other: { quantity: 2 } }) },
  },
  { route: 'DELETE /v1/cart/items/{variantId}', access: 'signed-in', path: `/v1/cart/items/${variantId}`, foreign, works },
  {
    ...{ route: 'POST /v1/cart/merge', access: ['buyer', 'seller'], path: '/v1/cart/merge', body: { guestToken: 'token' } },
    works: async () => ({ other: { guestToken: 'another' } }),
  },
])

/** A new shopper, and the calls they make. */
function aVisitor(role: 'guest' | 'buyer' = 'buyer') {
  const actor = anActor(role)
  const send = (method: string, path: string, options: CallOptions = {}) =>
    call(endpoint, method, `/v1/cart${path}`, { actor, ...options })
  const add = (chosen: string, quantity: number, headers = {}) =>
    send('POST', '/items', { body: { variantId: chosen, quantity }, headers })
  return { actor, send, add }
}

describe('a shopper', () => {
  it.each(['guest', 'buyer'] as const)('who is a %s adds, changes, removes and clears', async (role) => {
    const { actor, send, add } = aVisitor(role)
    const [desk, lamp] = [shop.sell({ amount: 24_900 }), shop.sell({ amount: 1 })]
    const empty = await send('GET', '')
    expect([empty.status, empty.headers.get('etag')]).toEqual([200, '"0"'])
    expect(empty.json).toEqual({
      ...{ id: `crt_${actor.userId.slice(4)}`, version: 0, currency: null, items: [], itemCount: 0, subtotal: null },
    })
    await add(desk.variantId, 1)
    const added = await add(desk.variantId, 1)
    expect([added.status, added.headers.get('etag')]).toEqual([200, '"2"'])
    expect(added.json).toEqual({
      ...{ id: `crt_${actor.userId.slice(4)}`, version: 2, currency: 'USD', itemCount: 2 },
      subtotal: { amount: 49_800, currency: 'USD' },
      items: [
        {
          ...{ variantId: desk.variantId, productId: desk.productId, sellerId: desk.sellerId, title: desk.title },
          ...{ unitPrice: { amount: 24_900, currency: 'USD' }, lineTotal: { amount: 49_800, currency: 'USD' } },
          ...{ quantity: 2, status: 'available' },
        },
      ],
    })
    await add(lamp.variantId, 5)
    expect((await send('PATCH', `/items/${lamp.variantId}`, { body: { quantity: 3 } })).json.itemCount).toBe(5)
    expect((await send('DELETE', `/items/${desk.variantId}`)).json.subtotal).toEqual({ amount: 3, currency: 'USD' })
    const cleared = await send('DELETE', '')
    expect([cleared.status, cleared.json.version, cleared.json.items]).toEqual([200, 6, []])
    expect((await send('GET', '')).json).toEqual(cleared.json)
  })

  it.each([0, -1, 1.5, 100, '2', null])('cannot ask for %s pieces', async (quantity) => {
    const { send, add } = aVisitor()
    await add(variantId, 1)
    const body = { variantId, quantity }
    expect(await send('POST', '/items', { body })).toMatchObject({ status: 422, json: { code: 'validation_failed' } })
    expect(await send('PATCH', `/items/${variantId}`, { body: { quantity } })).toMatchObject({ status: 422 })
    expect((await send('GET', '')).json).toMatchObject({ version: 1, itemCount: 1 })
  })

  it('gets 404 for a variant that is not on sale', async () => {
    const { send, add } = aVisitor()
    expect(await add(newId('var'), 1)).toMatchObject({ status: 404, json: { code: 'not_found' } })
    expect((await send('GET', '')).json.version).toBe(0)
  })

  it('gets the available number when there is not enough', async () => {
    const { send, add } = aVisitor()
    const scarce = shop.sell({ stock: 3 })
    expect(await add(scarce.variantId, 4)).toMatchObject({ status: 409, json: { code: 'out_of_stock', available: 3 } })
    expect((await add(scarce.variantId, 3)).json.items[0].status).toBe('low')
    const more = await send('PATCH', `/items/${scarce.variantId}`, { body: { quantity: 4 } })
    expect(more).toMatchObject({ status: 409, json: { code: 'out_of_stock', available: 3 } })
    const none = shop.sell({ stock: 0 })
    expect(await add(none.variantId, 1)).toMatchObject({ status: 409, json: { code: 'out_of_stock', available: 0 } })
    expect((await send('GET', '')).json).toMatchObject({ version: 1, itemCount: 3 })
  })

  it('is limited to one currency and to the capacity of a cart', async () => {
    const { send, add } = aVisitor()
    await add(variantId, 99)
    expect(await add(shop.sell({ currency: 'EUR' }).variantId, 1)).toMatchObject({
      status: 409,
      json: { code: 'currency_mismatch' },
    })
    expect(await add(variantId, 1)).toMatchObject({ status: 409, json: { code: 'cart_full' } })
    expect((await send('GET', '')).json).toMatchObject({ version: 1, itemCount: 99 })
  })

  it('can shop while the database is down, with what the cache of product and the cart last knew', async () => {
    const open = aShop()
    const [sold, out] = [open.sell(), open.sell()]
    open.change(sold.variantId, { lastKnown: true, availability: 'low' })
    open.change(out.variantId, { lastKnown: true, availability: 'out' })
    const asked: unknown[] = []
    const product = {
      quote: (ids: VariantId[], options: unknown) => {
        asked.push(options)
        return open.product.quote(ids)
      },
    }
    const inventory = { levels: () => Promise.reject(new AppError('unavailable')) }
    const { actor } = aVisitor()
    const outage = { ...env, ...services, PRODUCT: product, INVENTORY: inventory } as unknown as CartEnv
    const send = (method: string, path: string, body?: unknown) =>
      call((request) => app.fetch(request, outage), method, `/v1/cart${path}`, { actor, ...(body ? { body } : {}) })
    const added = await send('POST', '/items', { variantId: sold.variantId, quantity: 2 })
    expect([added.status, added.json.items[0]]).toMatchObject([200, { quantity: 2, status: 'low' }])
    expect(await send('POST', '/items', { variantId: out.variantId, quantity: 1 })).toMatchObject({
      ...{ status: 409, json: { code: 'out_of_stock' } },
    })
    expect(await send('PATCH', `/items/${sold.variantId}`, { quantity: 5 })).toMatchObject({
      status: 200,
      json: { itemCount: 5 },
    })
    expect(await send('GET', '')).toMatchObject({ status: 200, json: { itemCount: 5 } })
    expect(await send('DELETE', `/items/${sold.variantId}`)).toMatchObject({ status: 200, json: { itemCount: 0 } })
    expect(asked).toEqual([{ orLastKnown: true }, { orLastKnown: true }])
  })

  it('gets 503 while product does not answer', async () => {
    const { actor } = aVisitor()
    const down = aShop()
    down.down = true
    const closed = (request: Request) => app.fetch(request, { ...env, ...services, PRODUCT: down.product as unknown as Service })
    expect(await call(closed, 'POST', '/v1/cart/items', { actor, body: { variantId, quantity: 1 } })).toMatchObject({
      status: 503,
    })
  })
})

describe('If-Match', () => {
  const cases = [
    ['POST', '/items', { variantId, quantity: 1 }],
    ['PATCH', `/items/${variantId}`, { quantity: 5 }],
    ['DELETE', `/items/${variantId}`, undefined],
    ['DELETE', '', undefined],
    ['POST', '/merge', { guestToken: 'token' }],
  ] as const

  it.each(cases)('is honoured by %s %s', async (method, path, body) => {
    const { send, add } = aVisitor()
    await add(variantId, 2)
    const headers = (tag: string) => ({ headers: { 'if-match': tag }, ...(body ? { body } : {}) })
    for (const stale of ['"0"', '"2"', 'W/"1"', '"x"', '"0", "7"']) {
      expect(await send(method, path, headers(stale))).toMatchObject({ status: 412, json: { code: 'precondition_failed' } })
    }
    for (const malformed of ['1', '"1', 'nonsense', '"1" "2"'])
      expect((await send(method, path, headers(malformed))).status).toBe(422)
    expect((await send('GET', '')).json).toMatchObject({ version: 1, itemCount: 2 })
    expect((await send(method, path, headers('"0", "1"'))).status).toBe(200)
  })

  it('accepts *', async () => {
    expect((await aVisitor().add(variantId, 1, { 'if-match': '*' })).status).toBe(200)
  })
})

it('adds once under one Idempotency-Key, however many requests come at once, and again under another key', async () => {
  const { add, send } = aVisitor()
  const { variantId } = shop.sell()
  const asks = Array.from({ length: 100 }, () => add(variantId, 1, { 'idempotency-key': 'one' }))
  const codes = (await Promise.all(asks)).map(({ status, json }) => (status === 200 ? json.itemCount : json.code))
  expect(new Set([...codes, 1, 'idempotency_in_progress'])).toEqual(new Set([1, 'idempotency_in_progress']))
  expect((await add(variantId, 1, { 'idempotency-key': 'two' })).json.itemCount).toBe(2)
  expect((await add(variantId, 1, { 'idempotency-key': 'one' })).json.itemCount).toBe(1)
  expect((await send('GET', '')).json.itemCount).toBe(2)
})
