import { expect, it } from 'vitest'
import type { DataApi } from '../../shared/contracts/data'
import { newId } from '../../shared/contracts/ids'
import { routeBattery } from '../../shared/testing/battery'
import { storeBindings } from '../../shared/testing/data'
import { anActor } from '../../shared/testing/factories'
import { call, type Endpoint } from '../../shared/testing/http'
import { app } from './routes'
import { aDraft, aProductWorker } from './testing/fixtures'

const { endpoint } = aProductWorker()
const aForeignDraft = async () => {
  const { json } = await call(endpoint, 'POST', '/v1/products', { actor: anActor('seller'), body: aDraft({ status: 'draft' }) })
  return { path: `/v1/products/${json.id}`, actor: anActor('seller') }
}
const ownProduct = async () => {
  const actor = anActor('seller')
  const { json } = await call(endpoint, 'POST', '/v1/products', { actor, body: aDraft() })
  return { path: `/v1/products/${json.id}`, actor }
}
const path = `/v1/products/${newId('prd')}`

routeBattery(app, endpoint, [
  { route: 'GET /v1/products', access: 'public', path: '/v1/products' },
  { route: 'GET /v1/products/{productId}', access: 'public', path, foreign: aForeignDraft },
  {
    ...{ route: 'POST /v1/products', access: ['seller'], path: '/v1/products', body: aDraft() },
    works: async () => ({ other: aDraft({ title: 'Another' }) }),
  },
  {
    route: 'PATCH /v1/products/{productId}',
    access: ['seller', 'admin'],
    path,
    body: { title: 'Another', variants: [{ sku: 'S-1' }], version: 1 },
    foreign: aForeignDraft,
    works: async () => ({ ...(await ownProduct()), body: { title: 'Another' }, other: { title: 'A third' } }),
  },
  { route: 'DELETE /v1/products/{productId}', access: ['seller', 'admin'], path, foreign: aForeignDraft, works: ownProduct },
])

it('accepts names of one line only, since e-mails show them, and no image address that is not valid text', async () => {
  const [variant] = aDraft().variants
  for (const [path, change] of [
    ['title', { title: 'Desk\r\nBcc: all' }],
    ['tags.0', { tags: ['a\nb'] }],
    ['variants.0.title', { variants: [{ ...variant, title: 'Oak\u2028light' }] }],
    ['images.0', { images: ['https://x.example/\ud800'] }],
  ] as const) {
    const { status, json } = await call(endpoint, 'POST', '/v1/products', { actor: anActor('seller'), body: aDraft(change) })
    expect([status, json.errors?.[0].path]).toEqual([422, path])
  }
  const lines = aDraft({ description: 'One.\nTwo.' })
  expect((await call(endpoint, 'POST', '/v1/products', { actor: anActor('seller'), body: lines })).status).toBe(201)
})

it('lists a product once under an Idempotency-Key, though the first answer was lost', async () => {
  const { env, data, endpoint } = aProductWorker()
  const body = aDraft()
  const list = (through: Endpoint) =>
    call(through, 'POST', '/v1/products', { actor, body, headers: { 'idempotency-key': 'lost' } })
  const actor = anActor('seller')
  // The Worker dies before it keeps the answer, which is the only batch of that collection.
  const batch: DataApi['batch'] = (operations) =>
    operations.some(({ target }) => target.collection === 'idempotency')
      ? Promise.reject(new Error('the isolate died'))
      : data.batch(operations)
  const dying = { ...env, ...storeBindings({ ...data, batch }) } as unknown as ProductEnv
  expect((await list((request) => app.fetch(request, dying))).status).toBeGreaterThanOrEqual(500)
  const listed = await list(endpoint)
  const { json } = await call(endpoint, 'GET', `/v1/products?seller=${actor.userId}`, { actor })
  expect([listed.status, json.items.map(({ id }: { id: string }) => id)]).toEqual([201, [listed.json.id]])
})

it('names the seller of a viewed product, while it is on sale, for the gateway to count', async () => {
  const seller = anActor('seller')
  const made = await call(endpoint, 'POST', '/v1/products', { actor: seller, body: aDraft({ status: 'active' }) })
  const { id } = made.json
  const viewed = async () =>
    (await call(endpoint, 'GET', `/v1/products/${id}`, { actor: seller })).headers.get('x-credenza-viewed')
  expect(await viewed()).toBe(seller.userId)
  await call(endpoint, 'PATCH', `/v1/products/${id}`, { actor: seller, body: { status: 'draft' } })
  expect(await viewed()).toBeNull()
  await call(endpoint, 'DELETE', `/v1/products/${id}`, { actor: seller })
  expect(await viewed()).toBeNull()
})
