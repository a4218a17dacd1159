import { describe, expect, it } from 'vitest'
import { AppError } from '../../shared/contracts/errors'
import { newId, type ProductId, type VariantId } from '../../shared/contracts/ids'
import { aClock, anActor, anEvent, aPublisher } from '../../shared/testing/factories'
import { call } from '../../shared/testing/http'
import { changeProduct, recordStock } from './commands'
import { quote } from './queries'
import { sweep } from './sweep'
import { aDraft, aProductWorker } from './testing/fixtures'

const seller = anActor('seller')

function aWorker() {
  const [publisher, now] = [aPublisher(), aClock(Date.now())]
  const worker = aProductWorker({ publish: publisher.publish, now })
  const create = async (draft: object = aDraft()): Promise<{ id: ProductId; version: number; variants: { id: VariantId }[] }> =>
    (await call(worker.endpoint, 'POST', '/v1/products', { actor: seller, body: draft })).json
  const get = (path: string) => call(worker.endpoint, 'GET', path)
  const database = (state: 'up' | 'down') => {
    worker.data.before =
      state === 'up'
        ? undefined
        : async () => {
            throw new AppError('unavailable')
          }
  }
  return { ...worker, publisher, now, create, get, database }
}

describe('while the database is down', () => {
  it('answers products and first pages that the cache knows, with their age, and 503 for the rest', async () => {
    const { create, get, database } = aWorker()
    const [known, unknown] = [await create(aDraft({ category: 'known' })), await create()]
    await get(`/v1/products/${known.id}`)
    await get('/v1/products?category=known')
    // This write invalidates both answers.
    await create()
    database('down')
    const page = await get('/v1/products?category=known')
    expect([page.status, page.json.items[0].id, page.headers.get('age')]).toEqual([200, known.id, '0'])
    expect((await get(`/v1/products/${known.id}`)).status).toBe(200)
    expect((await get(`/v1/products/${unknown.id}`)).status).toBe(503)
    expect((await get('/v1/products?category=unknown')).status).toBe(503)
    database('up')
    expect((await get('/v1/products?category=known')).headers.get('age')).toBeNull()
  })

  it('quotes the last known price to the cart, marked, and answers nothing to an order', async () => {
    const { create, get, database, deps } = aWorker()
    const [known, unknown] = [await create(), await create()]
    await get(`/v1/products/${known.id}`)
    const ids = known.variants.map(({ id }) => id)
    const [present] = await quote(deps, ids)
    database('down')
    await expect(quote(deps, ids)).rejects.toMatchObject({ code: 'unavailable' })
    expect(await quote(deps, ids, { orLastKnown: true })).toEqual([{ ...present, lastKnown: true }])
    const some = [...ids, ...unknown.variants.map(({ id }) => id)]
    await expect(quote(deps, some, { orLastKnown: true })).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('while the cache is down', () => {
  it('publishes a change only when the cache can have no answer from before it', async () => {
    const { create, data, deps, publisher, now } = aWorker()
    const { id } = await create()
    const published = () => publisher.ofType('product.updated').filter(({ subject }) => subject === id).length
    data.cacheDown = true
    await changeProduct(deps, seller, id, { title: 'Oak desk' })
    await sweep(deps)
    expect(published()).toBe(0)
    now.advance(180_001)
    await sweep(deps)
    expect(published()).toBe(1)
  })

  it('publishes with the next sweep when the cache is back before that', async () => {
    const { create, data, deps, publisher, get } = aWorker()
    const { id } = await create()
    await get(`/v1/products/${id}`)
    data.cacheDown = true
    await changeProduct(deps, seller, id, { title: 'Oak desk' })
    data.cacheDown = false
    await sweep(deps)
    expect((await get(`/v1/products/${id}`)).json.title).toBe('Oak desk')
    expect(publisher.ofType('product.updated').at(-1)?.data.title).toBe('Oak desk')
  })

  it('retries stock.changed until then, however late it is delivered first', async () => {
    const { create, data, deps, now } = aWorker()
    const { id, variants } = await create()
    const variantId = variants[0]?.id ?? newId('var')
    const stock = { version: 7, variantId, productId: id, sellerId: seller.userId, available: 0, previous: 'in' as const }
    const { data: change } = anEvent('stock.changed', variantId, { ...stock, availability: 'out' })
    data.cacheDown = true
    await expect(recordStock(deps, change)).rejects.toMatchObject({ code: 'unavailable' })
    now.advance(179_999)
    await expect(recordStock(deps, change)).rejects.toMatchObject({ code: 'unavailable' })
    now.advance(2)
    await recordStock(deps, change)
    expect((await deps.products.load(id))?.stock[variantId]?.availability).toBe('out')
  })
})
