import { describe, expect, it } from 'vitest'
import type { ProductId } from '../../shared/contracts/ids'
import { anActor } from '../../shared/testing/factories'
import { call } from '../../shared/testing/http'
import { readProduct } from './queries'
import { productShelf } from './read-through'
import { aDraft, aProductWorker } from './testing/fixtures'

const seller = anActor('seller')
const create = async (door: ReturnType<typeof aProductWorker>['door'], body: object = aDraft()) =>
  (await call(door, 'POST', '/v1/products', { actor: seller, body })).json

/** How often products are read from the database while `work` runs. */
async function readsOf(worker: ReturnType<typeof aProductWorker>, work: () => Promise<unknown>): Promise<number> {
  let reads = 0
  worker.data.before = async (target, { action }) => {
    if (target.collection === 'products' && action.startsWith('find')) reads++
  }
  await work()
  worker.data.before = undefined
  return reads
}

describe('the cache', () => {
  it('answers the second reader of a product and of a first page', async () => {
    const worker = aProductWorker()
    const { id, category } = await create(worker.door, aDraft({ category: 'cached' }))
    const read = () => call(worker.door, 'GET', `/v1/products/${id}`)
    const list = () => call(worker.door, 'GET', `/v1/products?category=${category}`)
    expect(await readsOf(worker, read)).toBe(1)
    expect(await readsOf(worker, read)).toBe(0)
    expect(await readsOf(worker, list)).toBe(1)
    expect(await readsOf(worker, list)).toBe(0)
    expect((await read()).json).toEqual((await list()).json.items[0])
  })

  it('does not show a draft to the next reader', async () => {
    const { door } = aProductWorker()
    const { id } = await create(door, aDraft({ status: 'draft', category: 'secret' }))
    expect((await call(door, 'GET', `/v1/products/${id}`, { actor: seller })).status).toBe(200)
    expect((await call(door, 'GET', `/v1/products/${id}`)).status).toBe(404)
    const own = `/v1/products?seller=${seller.userId}&category=secret`
    expect((await call(door, 'GET', own, { actor: seller })).json.items).toHaveLength(1)
    expect((await call(door, 'GET', own)).json.items).toHaveLength(0)
  })

  it('is not believed after a write, whoever reads', async () => {
    const { door } = aProductWorker()
    const { id } = await create(door, aDraft({ category: 'renewed' }))
    const titles = async () => [
      (await call(door, 'GET', `/v1/products/${id}`)).json.title,
      (await call(door, 'GET', '/v1/products?category=renewed')).json.items[0]?.title,
    ]
    expect(await titles()).toEqual(['Walnut desk', 'Walnut desk'])
    await call(door, 'PATCH', `/v1/products/${id}`, { actor: seller, body: { title: 'Oak desk' } })
    expect(await titles()).toEqual(['Oak desk', 'Oak desk'])
    await call(door, 'DELETE', `/v1/products/${id}`, { actor: seller })
    expect(await titles()).toEqual(['There is no such thing here', undefined])
  })

  it('is not poisoned by a reader who stores what was true before a write', async () => {
    const slow = aProductWorker()
    const { id } = await create(slow.door)
    const quick = aProductWorker()
    const stored = await slow.deps.products.load(id)
    slow.deps.products.loadShown = async () => {
      await call(quick.door, 'PATCH', `/v1/products/${id}`, { actor: seller, body: { title: 'Oak desk' } })
      return stored
    }
    expect(JSON.parse((await readProduct(slow.deps, undefined, id)).text).title).toBe('Walnut desk')
    expect((await call(quick.door, 'GET', `/v1/products/${id}`)).json.title).toBe('Oak desk')
  })

  it('is never asked for more than it may lose: all works while it is down, and it is right again afterwards', async () => {
    const worker = aProductWorker()
    const { door, data } = worker
    data.cacheDown = true
    const product = await create(door, aDraft({ category: 'down' }))
    const read = () => call(door, 'GET', `/v1/products/${product.id}`)
    expect((await read()).json).toEqual(product)
    expect((await call(door, 'GET', '/v1/products?category=down')).json.items).toEqual([product])
    expect((await call(door, 'PATCH', `/v1/products/${product.id}`, { actor: seller, body: { title: 'Oak desk' } })).status).toBe(
      200,
    )
    expect((await read()).json.title).toBe('Oak desk')
    data.cacheDown = false
    expect(await readsOf(worker, read)).toBe(1)
    expect((await read()).json.title).toBe('Oak desk')
    await call(door, 'PATCH', `/v1/products/${product.id}`, { actor: seller, body: { title: 'Elm desk' } })
    expect((await read()).json.title).toBe('Elm desk')
  })

  it('keeps an answer for as long as it may stand in, and its stamp for longer', async () => {
    const { door, deps } = aProductWorker()
    const { id } = await create(door)
    await call(door, 'GET', `/v1/products/${id}`)
    const { key, stampKey } = productShelf(id as ProductId)
    const [entry = 0, stamp = 0] = (await deps.cache.attempt((redis) => Promise.all([redis.ttl(key), redis.ttl(stampKey)]))) ?? []
    expect(entry).toBeGreaterThan(500)
    expect(entry).toBeLessThanOrEqual(660)
    expect(stamp).toBeGreaterThan(3_000)
  })
})

it('does not keep answers that are very long', async () => {
  const worker = aProductWorker()
  const description = 'long '.repeat(1_900)
  for (let count = 0; count < 30; count++) await create(worker.door, aDraft({ category: 'long', description }))
  const list = () => call(worker.door, 'GET', '/v1/products?category=long&limit=30')
  expect((await list()).json.items).toHaveLength(30)
  expect(await readsOf(worker, list)).toBe(1)
})
