import { expect, it } from 'vitest'
import { newId } from '../../shared/contracts/ids'
import { routeBattery } from '../../shared/testing/battery'
import { anActor } from '../../shared/testing/factories'
import { call } from '../../shared/testing/http'
import { hold } from './commands'
import { app } from './routes'
import { anOrder, aVariantWith, aWarehouse, holdFor, inventoryEnv, line } from './testing/fixtures'

const { deps, clock } = aWarehouse()
const endpoint = (request: Request) => app.fetch(request, inventoryEnv)
const path = `/v1/inventory/${newId('var')}`
const stockOfAnother = async (below = '') => ({
  path: `/v1/inventory/${await aVariantWith(deps, 5)}${below}`,
  actor: anActor('seller'),
})

routeBattery(app, endpoint, [
  { route: 'GET /v1/inventory/{variantId}', access: ['seller', 'admin'], path, foreign: () => stockOfAnother() },
  {
    route: 'PUT /v1/inventory/{variantId}',
    access: ['seller', 'admin'],
    path,
    body: { onHand: 3, reason: 'counted' },
    foreign: () => stockOfAnother(),
    works: async () => {
      const actor = anActor('seller')
      return { actor, path: `/v1/inventory/${await aVariantWith(deps, 5, actor.userId)}`, other: { onHand: 4 } }
    },
  },
  {
    route: 'GET /v1/inventory/{variantId}/movements',
    access: ['seller', 'admin'],
    path: `${path}/movements`,
    foreign: () => stockOfAnother('/movements'),
  },
])

it('shows a seller their stock, held units included', async () => {
  const seller = anActor('seller')
  const variantId = await aVariantWith(deps, 10, seller.userId)
  await hold(deps, anOrder(), [line(variantId, 4)], clock() + holdFor)
  const stock = { variantId, onHand: 10, held: 4, available: 6, lowStockThreshold: 5 }
  expect(await call(endpoint, 'GET', `/v1/inventory/${variantId}`, { actor: seller })).toMatchObject({ status: 200, json: stock })
  expect((await call(endpoint, 'GET', `/v1/inventory/${variantId}`, { actor: anActor('admin') })).json).toEqual(stock)
})

it('sets what is on hand, and refuses less than what is held', async () => {
  const seller = anActor('seller')
  const variantId = await aVariantWith(deps, 10, seller.userId)
  await hold(deps, anOrder(), [line(variantId, 4)], clock() + holdFor)
  const put = (onHand: unknown) => call(endpoint, 'PUT', `/v1/inventory/${variantId}`, { actor: seller, body: { onHand } })
  expect(await put(7)).toMatchObject({ status: 200, json: { onHand: 7, held: 4, available: 3 } })
  expect(await put(3)).toMatchObject({ status: 409, json: { code: 'invalid_state' } })
  for (const bad of [-1, 1.5, 10_000_001, '7', null]) expect((await put(bad)).status).toBe(422)
  expect((await call(endpoint, 'GET', `/v1/inventory/${variantId}`, { actor: seller })).json.onHand).toBe(7)
})

it('hides the stock of another seller from writes', async () => {
  const variantId = await aVariantWith(deps, 10)
  const { status } = await call(endpoint, 'PUT', `/v1/inventory/${variantId}`, { actor: anActor('seller'), body: { onHand: 0 } })
  expect(status).toBe(404)
  expect(await deps.stocks.load(variantId)).toMatchObject({ available: 10 })
})

it('pages through movements, newest first, showing each once', async () => {
  const seller = anActor('seller')
  const variantId = await aVariantWith(deps, 10, seller.userId)
  for (const onHand of [9, 8, 7, 6])
    await call(endpoint, 'PUT', `/v1/inventory/${variantId}`, { actor: seller, body: { onHand } })
  const read = (query: string) => call(endpoint, 'GET', `/v1/inventory/${variantId}/movements?${query}`, { actor: seller })
  const seen: string[] = []
  let cursor = ''
  for (let pages = 0; pages < 3; pages++) {
    const { json } = await read(`limit=2${cursor}`)
    seen.push(...json.items.map((item: { id: string }) => item.id))
    cursor = `&cursor=${json.nextCursor}`
    expect(json.nextCursor === null).toBe(pages === 2)
  }
  const { json } = await read('')
  expect(json.items).toHaveLength(5)
  expect(seen).toEqual(json.items.map((item: { id: string }) => item.id))
  expect(json.items.at(-1)).toMatchObject({ kind: 'open', quantity: 10, orderId: null })
  expect((await read('cursor=nonsense')).status).toBe(422)
  expect((await read('limit=0')).status).toBe(422)
  expect((await read('color=red')).status).toBe(422)
})
