import { expect, it } from 'vitest'
import { newId } from '../../shared/contracts/ids'
import { routeBattery } from '../../shared/testing/battery'
import { anActor } from '../../shared/testing/factories'
import { call } from '../../shared/testing/http'
import { aDraft, aProductWorker } from './fixtures'
import { app } from './routes'

const { door } = aProductWorker()
const somebodys = async () => {
  const { json } = await call(door, 'POST', '/v1/products', { actor: anActor('seller'), body: aDraft({ status: 'draft' }) })
  return { path: `/v1/products/${json.id}`, actor: anActor('seller') }
}
const path = `/v1/products/${newId('prd')}`

routeBattery(app, door, [
  { route: 'GET /v1/products', access: 'public', path: '/v1/products' },
  { route: 'GET /v1/products/{productId}', access: 'public', path, foreign: somebodys },
  { route: 'POST /v1/products', access: ['seller'], path: '/v1/products', body: aDraft() },
  {
    route: 'PATCH /v1/products/{productId}',
    access: ['seller', 'admin'],
    path,
    body: { title: 'Another', variants: [{ sku: 'S-1' }], version: 1 },
    foreign: somebodys,
  },
  { route: 'DELETE /v1/products/{productId}', access: ['seller', 'admin'], path, foreign: somebodys },
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
