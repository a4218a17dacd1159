import { exports } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import type { Availability } from '../../shared/contracts/facts'
import { newId, type ProductId, type VariantId } from '../../shared/contracts/ids'
import type { ProductApi } from '../../shared/contracts/product'
import { anActor, anEvent, aPublisher } from '../../shared/testing/factories'
import { call } from '../../shared/testing/http'
import { deliver } from '../../shared/testing/queue'
import { archiveProduct, changeProduct, createProduct } from './commands'
import worker from './index'
import type { Draft } from './product'
import { quote } from './queries'
import { sweep } from './sweep'
import { aDraft, aProductWorker, aVariant } from './testing/fixtures'

const publisher = aPublisher()
const { endpoint, deps, env, inventory } = aProductWorker({ publish: publisher.publish })
const seller = anActor('seller')
const create = async (overrides: Record<string, unknown> = {}) =>
  (await call(endpoint, 'POST', '/v1/products', { actor: seller, body: aDraft(overrides) })).json
const read = async (id: string) => (await call(endpoint, 'GET', `/v1/products/${id}`)).json

type Made = { id: ProductId; variants: { id: VariantId }[] }
const stockChanged = (
  { id, variants }: Made,
  version: number,
  availability: Availability,
  variantId = variants[0]?.id ?? newId('var'),
) =>
  anEvent('stock.changed', variantId, {
    ...{ version, variantId, productId: id, sellerId: seller.userId },
    ...{ availability, previous: 'in', available: availability === 'out' ? 0 : 1 },
  })
const aMinimalDraft = (status: 'draft' | 'active'): Draft => ({
  ...{ title: 'Walnut desk', description: 'Solid', category: 'desks', tags: [], images: [], status },
  variants: [{ sku: newId('req'), price: { amount: 5, currency: 'USD' } }],
})
const receive = (...events: unknown[]) => deliver(worker.queue, env, 'product', events)

it('shows a new availability, also where the product was cached, and keeps its version', async () => {
  const product = await create({ variants: [aVariant(), aVariant()], category: 'stocked' })
  await read(product.id)
  await call(endpoint, 'GET', '/v1/products?category=stocked')
  expect(await receive(stockChanged(product, 3, 'low'))).toEqual({ acked: ['m0'], retried: [] })
  const [first, second] = product.variants
  const after = { ...product, variants: [{ ...first, availability: 'low' }, second] }
  expect(await read(product.id)).toEqual(after)
  expect((await call(endpoint, 'GET', '/v1/products?category=stocked')).json.items).toEqual([after])
})

it('ignores stock.changed that is repeated or older than the recorded one', async () => {
  const product = await create()
  await receive(stockChanged(product, 9, 'out'))
  await receive(stockChanged(product, 7, 'low'), stockChanged(product, 9, 'in'))
  expect((await read(product.id)).variants[0].availability).toBe('out')
  await receive(stockChanged(product, 12, 'low'))
  expect((await read(product.id)).variants[0].availability).toBe('low')
})

it('records the newest of several stock.changed in one batch, in any order', async () => {
  const product = await create()
  await receive(stockChanged(product, 4, 'in'), stockChanged(product, 6, 'out'), stockChanged(product, 5, 'low'))
  expect((await read(product.id)).variants[0].availability).toBe('out')
})

it('accepts stock.changed of an unknown product or variant, and does nothing', async () => {
  const product = await create()
  const stray = { id: newId('prd'), variants: [{ id: newId('var') }] }
  expect(await receive(stockChanged(stray, 1, 'out'), stockChanged(product, 5, 'out', newId('var')))).toEqual({
    acked: ['m0', 'm1'],
    retried: [],
  })
  expect(await deps.products.load(stray.id)).toBeNull()
  expect(Object.keys((await deps.products.load(product.id))?.stock ?? {})).toEqual([product.variants[0].id])
})

it('does not lose stock.changed to a concurrent change of the product', async () => {
  const product = await create()
  const { load } = deps.products
  const racing = {
    ...deps,
    products: {
      ...deps.products,
      load: async (id: ProductId) => {
        const found = await load(id)
        racing.products.load = load
        await receive(stockChanged(product, 5, 'out'))
        return found
      },
    },
  }
  await changeProduct(racing, seller, product.id, {
    variants: [{ id: product.variants[0].id, price: { amount: 1, currency: 'USD' } }],
  })
  expect((await read(product.id)).variants[0]).toMatchObject({ availability: 'out', price: { amount: 1 } })
})

it('keeps an event that overtook the answer of inventory', async () => {
  const product = await create()
  const variantId = product.variants[0].id
  const overtaken = {
    ...deps,
    inventory: {
      ...deps.inventory,
      setOnHand: async () => {
        await receive(stockChanged(product, 5, 'out'))
        return [{ variantId, available: 9, availability: 'in' as const }]
      },
    },
  }
  await changeProduct(overtaken, seller, product.id, { variants: [{ id: variantId, stock: 9 }] })
  expect((await read(product.id)).variants[0].availability).toBe('out')
})

it('publishes each change once, with the product after it', async () => {
  const { _id } = await createProduct(deps, seller.userId, aMinimalDraft('draft'))
  await changeProduct(deps, seller, _id, { title: 'Oak desk', status: 'active' })
  await archiveProduct(deps, seller, _id)
  const published = publisher.ofType('product.updated').filter(({ subject }) => subject === _id)
  expect(published.map(({ data }) => [data.version, data.change, data.status, data.title, data.variants[0]?.title])).toEqual([
    [1, 'created', 'draft', 'Walnut desk', 'Walnut desk'],
    [2, 'updated', 'active', 'Oak desk', 'Oak desk'],
    [3, 'archived', 'archived', 'Oak desk', 'Oak desk'],
  ])
})

it('publishes by the sweep, once, what a crash between write and send left', async () => {
  const product = await create()
  publisher.down = true
  await changeProduct(deps, seller, product.id, { title: 'Oak desk' })
  await changeProduct(deps, seller, product.id, { title: 'Elm desk' })
  publisher.down = false
  const published = () => publisher.ofType('product.updated').filter(({ subject }) => subject === product.id)
  expect(published()).toEqual([])
  await sweep(deps)
  await sweep(deps)
  expect(published().map(({ data }) => [data.version, data.title])).toEqual([
    [2, 'Oak desk'],
    [3, 'Elm desk'],
  ])
  expect(await deps.products.load(product.id)).toMatchObject({ outbox: [], outboxPending: false })
})

it('leaves only unused stock when it crashes before the product is written', async () => {
  const before = await deps.products.collection.find({ sellerId: seller.userId })
  const opened = inventory.openings.length
  const crash = {
    ...deps,
    products: { ...deps.products, insert: () => Promise.reject(new Error('evicted')) },
  }
  await expect(createProduct(crash, seller.userId, aMinimalDraft('active'))).rejects.toThrow('evicted')
  expect(inventory.openings).toHaveLength(opened + 1)
  expect(await deps.products.collection.find({ sellerId: seller.userId })).toHaveLength(before.length)
})

it('quotes from the database, one answer per id in the same order', async () => {
  const [desk, draft] = [
    await create({ variants: [aVariant(), aVariant({ title: 'large' })] }),
    await create({ status: 'draft' }),
  ]
  const [small, large] = desk.variants
  const unknown = newId('var')
  await read(desk.id)
  await deps.products.collection.updateOne({ _id: desk.id }, { $set: { title: 'Unpublished' } })
  const quotes = await quote(deps, [unknown, large.id, draft.variants[0].id, small.id, large.id])
  expect(quotes.map(({ variantId, status }) => [variantId, status])).toEqual([
    [unknown, 'gone'],
    [large.id, 'active'],
    [draft.variants[0].id, 'gone'],
    [small.id, 'active'],
    [large.id, 'active'],
  ])
  expect(quotes[1]).toMatchObject({
    productId: desk.id,
    productVersion: 1,
    sellerId: seller.userId,
    title: 'Unpublished, large',
    unitPrice: large.price,
  })
  expect(await (exports as unknown as { ProductRpc: ProductApi }).ProductRpc.quote([large.id, unknown])).toEqual([
    quotes[1],
    quotes[0],
  ])
  expect(await quote(deps, [])).toEqual([])
  await expect(
    quote(
      deps,
      Array.from({ length: 101 }, () => newId('var')),
    ),
  ).rejects.toMatchObject({ code: 'bad_request' })
})
