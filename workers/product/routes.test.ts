import { expect, it } from 'vitest'
import type { DataApi } from '../../shared/contracts/data'
import { newId } from '../../shared/contracts/ids'
import { routeBattery } from '../../shared/testing/battery'
import { storeBindings } from '../../shared/testing/data'
import { anActor } from '../../shared/testing/factories'
import { call, type Door } from '../../shared/testing/http'
import { app } from './routes'
import { aDraft, aProductWorker } from './testing/fixtures'

const { door } = aProductWorker()
const somebodys = async () => {
  const { json } = await call(door, 'POST', '/v1/products', { actor: anActor('seller'), body: aDraft({ status: 'draft' }) })
  return { path: `/v1/products/${json.id}`, actor: anActor('seller') }
}
const mine = async () => {
  const actor = anActor('seller')
  const { json } = await call(door, 'POST', '/v1/products', { actor, body: aDraft() })
  return { path: `/v1/products/${json.id}`, actor }
}
const path = `/v1/products/${newId('prd')}`

routeBattery(app, door, [
  { route: 'GET /v1/products', access: 'public', path: '/v1/products' },
  { route: 'GET /v1/products/{productId}', access: 'public', path, foreign: somebodys },
  {
    ...{ route: 'POST /v1/products', access: ['seller'], path: '/v1/products', body: aDraft() },
    works: async () => ({ other: aDraft({ title: 'Another' }) }),
  },
  {
    route: 'PATCH /v1/products/{productId}',
    access: ['seller', 'admin'],
    path,
    body: { title: 'Another', variants: [{ sku: 'S-1' }], version: 1 },
    foreign: somebodys,
    works: async () => ({ ...(await mine()), body: { title: 'Another' }, other: { title: 'A third' } }),
  },
  { route: 'DELETE /v1/products/{productId}', access: ['seller', 'admin'], path, foreign: somebodys, works: mine },
])

it('takes names of one line alone, since they head mails, and no image at an address that is no text', async () => {
  const [variant] = aDraft().variants
  for (const [path, change] of [
    ['title', { title: 'Desk\r\nBcc: all' }],
    ['tags.0', { tags: ['a\nb'] }],
    ['variants.0.title', { variants: [{ ...variant, title: 'Oak\u2028light' }] }],
    ['images.0', { images: ['https://x.example/\ud800'] }],
  ] as const) {
    const { status, json } = await call(door, 'POST', '/v1/products', { actor: anActor('seller'), body: aDraft(change) })
    expect([status, json.errors?.[0].path]).toEqual([422, path])
  }
  const lines = aDraft({ description: 'One.\nTwo.' })
  expect((await call(door, 'POST', '/v1/products', { actor: anActor('seller'), body: lines })).status).toBe(201)
})

it('lists a product once under an Idempotency-Key, though the first answer was lost', async () => {
  const { env, data, door } = aProductWorker()
  const body = aDraft()
  const list = (through: Door) => call(through, 'POST', '/v1/products', { actor, body, headers: { 'idempotency-key': 'lost' } })
  const actor = anActor('seller')
  // The Worker dies before it can keep the answer, which it does in the only batch of that collection.
  const batch: DataApi['batch'] = (operations) =>
    operations.some(({ target }) => target.collection === 'idempotency')
      ? Promise.reject(new Error('the isolate died'))
      : data.batch(operations)
  const dying = { ...env, ...storeBindings({ ...data, batch }) } as unknown as ProductEnv
  expect((await list((request) => app.fetch(request, dying))).status).toBeGreaterThanOrEqual(500)
  const listed = await list(door)
  const { json } = await call(door, 'GET', `/v1/products?seller=${actor.userId}`, { actor })
  expect([listed.status, json.items.map(({ id }: { id: string }) => id)]).toEqual([201, [listed.json.id]])
})

it('says whose product was looked at, while it is on sale, for the gateway to count', async () => {
  const seller = anActor('seller')
  const made = await call(door, 'POST', '/v1/products', { actor: seller, body: aDraft({ status: 'active' }) })
  const { id } = made.json
  const viewed = async () => (await call(door, 'GET', `/v1/products/${id}`, { actor: seller })).headers.get('x-credenza-viewed')
  expect(await viewed()).toBe(seller.userId)
  await call(door, 'PATCH', `/v1/products/${id}`, { actor: seller, body: { status: 'draft' } })
  expect(await viewed()).toBeNull()
  await call(door, 'DELETE', `/v1/products/${id}`, { actor: seller })
  expect(await viewed()).toBeNull()
})
