import { describe, expect, it } from 'vitest'
import type { ProductId } from '../../shared/contracts/ids'
import { anActor } from '../../shared/testing/factories'
import { call } from '../../shared/testing/http'
import { readProduct } from './queries'
import { productEntry } from './read-through'
import { aDraft, aProductWorker } from './testing/fixtures'

const seller = anActor('seller')
const create = async (endpoint: ReturnType<typeof aProductWorker>['endpoint'], body: object = aDraft()) =>
  (await call(endpoint, 'POST', '/v1/products', { actor: seller, body })).json

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
    const { id, category } = await create(worker.endpoint, aDraft({ category: 'cached' }))
    const read = () => call(worker.endpoint, 'GET', `/v1/products/${id}`)
    const list = () => call(worker.endpoint, 'GET', `/v1/products?category=${category}`)
    expect(await readsOf(worker, read)).toBe(1)
    expect(await readsOf(worker, read)).toBe(0)
    expect(await readsOf(worker, list)).toBe(1)
    expect(await readsOf(worker, list)).toBe(0)
    expect((await read()).json).toEqual((await list()).json.items[0])
  })

  it('does not show a cached draft to other readers', async () => {
    const { endpoint } = aProductWorker()
    const { id } = await create(endpoint, aDraft({ status: 'draft', category: 'secret' }))
    expect((await call(endpoint, 'GET', `/v1/products/${id}`, { actor: seller })).status).toBe(200)
    expect((await call(endpoint, 'GET', `/v1/products/${id}`)).status).toBe(404)
    const own = `/v1/products?seller=${seller.userId}&category=secret`
    expect((await call(endpoint, 'GET', own, { actor: seller })).json.items).toHaveLength(1)
    expect((await call(endpoint, 'GET', own)).json.items).toHaveLength(0)
  })

  it('serves nothing older than a write, to any reader', async () => {
    const { endpoint } = aProductWorker()
    const { id } = await create(endpoint, aDraft({ category: 'renewed' }))
    const titles = async () => [
      (await call(endpoint, 'GET', `/v1/products/${id}`)).json.title,
      (await call(endpoint, 'GET', '/v1/products?category=renewed')).json.items[0]?.title,
    ]
    expect(await titles()).toEqual(['Walnut desk', 'Walnut desk'])
    await call(endpoint, 'PATCH', `/v1/products/${id}`, { actor: seller, body: { title: 'Oak desk' } })
    expect(await titles()).toEqual(['Oak desk', 'Oak desk'])
    await call(endpoint, 'DELETE', `/v1/products/${id}`, { actor: seller })
    expect(await titles()).toEqual(['Not found', undefined])
  })

  it('ignores an answer that a slow reader stores after a later write', async () => {
    const slow = aProductWorker()
    const { id } = await create(slow.endpoint)
    const quick = aProductWorker()
    const stored = await slow.deps.products.load(id)
    slow.deps.products.loadShown = async () => {
      await call(quick.endpoint, 'PATCH', `/v1/products/${id}`, { actor: seller, body: { title: 'Oak desk' } })
      return stored
    }
    expect(JSON.parse((await readProduct(slow.deps, undefined, id)).text).title).toBe('Walnut desk')
    expect((await call(quick.endpoint, 'GET', `/v1/products/${id}`)).json.title).toBe('Oak desk')
  })

  it('may be down: everything works without it, and it is correct again afterwards', async () => {
    const worker = aProductWorker()
    const { endpoint, data } = worker
    data.cacheDown = true
    const product = await create(endpoint, aDraft({ category: 'down' }))
    const read = () => call(endpoint, 'GET', `/v1/products/${product.id}`)
    expect((await read()).json).toEqual(product)
    expect((await call(endpoint, 'GET', '/v1/products?category=down')).json.items).toEqual([product])
    expect(
      (await call(endpoint, 'PATCH', `/v1/products/${product.id}`, { actor: seller, body: { title: 'Oak desk' } })).status,
    ).toBe(200)
    expect((await read()).json.title).toBe('Oak desk')
    data.cacheDown = false
    expect(await readsOf(worker, read)).toBe(1)
    expect((await read()).json.title).toBe('Oak desk')
    await call(endpoint, 'PATCH', `/v1/products/${product.id}`, { actor: seller, body: { title: 'Elm desk' } })
    expect((await read()).json.title).toBe('Elm desk')
  })

  it('keeps an answer as long as it may be served while the database is down, and its version token longer', async () => {
    const { endpoint, deps } = aProductWorker()
    const { id } = await create(endpoint)
    await call(endpoint, 'GET', `/v1/products/${id}`)
    const { key, tokenKey } = productEntry(id as ProductId)
    const [entry = 0, token = 0] = (await deps.cache.attempt((redis) => Promise.all([redis.ttl(key), redis.ttl(tokenKey)]))) ?? []
    expect(entry).toBeGreaterThan(500)
    expect(entry).toBeLessThanOrEqual(660)
    expect(token).toBeGreaterThan(3_000)
  })
})

it('does not keep very long answers', async () => {
  const worker = aProductWorker()
  const description = 'long '.repeat(1_900)
  for (let count = 0; count < 30; count++) await create(worker.endpoint, aDraft({ category: 'long', description }))
  const list = () => call(worker.endpoint, 'GET', '/v1/products?category=long&limit=30')
  expect((await list()).json.items).toHaveLength(30)
  expect(await readsOf(worker, list)).toBe(1)
})
