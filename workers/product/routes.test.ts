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
