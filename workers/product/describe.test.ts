import { exports } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import type { Availability } from '../../shared/contracts/facts'
import { newId } from '../../shared/contracts/ids'
import type { ProductApi } from '../../shared/contracts/product'
import { anActor, anEvent, aPublisher } from '../../shared/testing/factories'
import { call } from '../../shared/testing/http'
import { deliver } from '../../shared/testing/queue'
import { archiveProduct } from './commands'
import worker from './index'
import { describe } from './queries'
import { aDraft, aProductWorker, aVariant } from './testing/fixtures'

const { endpoint, deps, env } = aProductWorker({ publish: aPublisher().publish })
const seller = anActor('seller')
const create = async (overrides: Record<string, unknown> = {}) =>
  (await call(endpoint, 'POST', '/v1/products', { actor: seller, body: aDraft(overrides) })).json
const read = async (id: string) => (await call(endpoint, 'GET', `/v1/products/${id}`)).json

it('describes products of any status from the database, and leaves out unknown ids', async () => {
  const desk = await create({
    tags: ['walnut', 'office'],
    images: ['https://img.test/desk.jpg'],
    variants: [aVariant({ title: 'small', options: { size: 'S' }, stock: 50 }), aVariant({ title: 'large', stock: 2 })],
  })
  const [draft, old] = [await create({ status: 'draft' }), await create()]
  await archiveProduct(deps, seller, old.id)
  await read(desk.id)
  await deps.products.collection.updateOne({ _id: desk.id }, { $set: { title: 'Unpublished' } })
  const described = await describe(deps, [desk.id, newId('prd'), draft.id, old.id])
  const byId = new Map(described.map((each) => [each.productId, each]))
  expect(described.map(({ productId }) => productId).sort()).toEqual([desk.id, draft.id, old.id].sort())
  expect([byId.get(draft.id)?.status, byId.get(old.id)?.status, byId.get(old.id)?.version]).toEqual(['draft', 'archived', 2])
  expect(byId.get(desk.id)).toEqual({
    ...{ productId: desk.id, version: 1, sellerId: seller.userId, status: 'active', title: 'Unpublished' },
    ...{ description: desk.description, category: 'furniture', tags: ['walnut', 'office'] },
    ...{ images: ['https://img.test/desk.jpg'], createdAt: Date.parse(desk.createdAt) },
    variants: desk.variants.map((variant: { id: string; sku: string; price: unknown }, at: number) => ({
      ...{ variantId: variant.id, sku: variant.sku, unitPrice: variant.price },
      ...{ title: at === 0 ? 'small' : 'large', options: at === 0 ? { size: 'S' } : {}, availability: at === 0 ? 'in' : 'low' },
    })),
  })
  expect(await (exports as unknown as { ProductRpc: ProductApi }).ProductRpc.describe([desk.id])).toEqual([byId.get(desk.id)])
  expect(await describe(deps, [])).toEqual([])
  const tooMany = Array.from({ length: 101 }, () => newId('prd'))
  await expect(describe(deps, tooMany)).rejects.toMatchObject({ code: 'bad_request' })
})

it('describes the availability of the newest stock.changed', async () => {
  const desk = await create()
  const [variant] = desk.variants
  const stockChanged = (version: number, availability: Availability) =>
    anEvent('stock.changed', variant.id, {
      ...{
        version,
        variantId: variant.id,
        productId: desk.id,
        sellerId: seller.userId,
        previous: 'in',
        availability,
        available: 0,
      },
    })
  const availabilityNow = async () => (await describe(deps, [desk.id]))[0]?.variants[0]?.availability
  expect(await availabilityNow()).toBe('in')
  await deliver(worker.queue, env, 'product', [stockChanged(3, 'out')])
  expect(await availabilityNow()).toBe('out')
  await deliver(worker.queue, env, 'product', [stockChanged(2, 'in')])
  expect(await availabilityNow()).toBe('out')
})
