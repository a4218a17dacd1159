import { describe, expect, it } from 'vitest'
import { newId, type ProductId } from '../../shared/contracts/ids'
import type { Revision } from '../../shared/contracts/product'
import { anActor, aPublisher } from '../../shared/testing/factories'
import { call } from '../../shared/testing/http'
import { reviseProduct } from './commands'
import { aDraft, aProductWorker, aVariant } from './testing/fixtures'

const publisher = aPublisher()
const { endpoint, deps } = aProductWorker({ publish: publisher.publish })
const seller = anActor('seller')
const create = async () =>
  (await call(endpoint, 'POST', '/v1/products', { actor: seller, body: aDraft({ variants: [aVariant(), aVariant()] }) })).json
const read = async (id: string) => (await call(endpoint, 'GET', `/v1/products/${id}`, { actor: seller })).json
const revise = (id: ProductId, revision: Revision, sellerId = seller.userId) => reviseProduct(deps, sellerId, id, revision)

describe('a revision', () => {
  it('changes the fields that it has, keeps the rest, and publishes the change', async () => {
    const before = await create()
    const [first, second] = before.variants
    const unitPrice = { amount: 19_900, currency: 'USD' as const }
    const changes = { title: 'Oak desk', description: 'Another text.', tags: ['oak'], images: ['https://images.example/oak.jpg'] }
    const version = await revise(before.id, { version: 1, ...changes, prices: [{ variantId: second.id, unitPrice }] })
    expect(version).toBe(2)
    expect(await read(before.id)).toMatchObject({
      ...{ version, ...changes, category: before.category, status: before.status },
      variants: [first, { ...second, price: unitPrice }],
    })
    const [published] = publisher
      .ofType('product.updated')
      .filter(({ data }) => data.productId === before.id && data.version === 2)
    expect(published?.data.variants[1]?.unitPrice).toEqual(unitPrice)
  })

  it('is a conflict at another version, unless it changes nothing', async () => {
    const { id, title } = await create()
    expect(await revise(id, { version: 1, title })).toBe(1)
    await revise(id, { version: 1, title: 'Oak desk' })
    await expect(revise(id, { version: 1, title: 'Elm desk' })).rejects.toMatchObject({ code: 'conflict' })
    expect(await read(id)).toMatchObject({ title: 'Oak desk', version: 2 })
  })

  it.each([
    ['a blank title', { title: ' ' }, 'title'],
    ['a title of two lines', { title: 'Oak\ndesk' }, 'title'],
    ['a title with an e-mail address', { title: 'Oak desk, me@evil.example' }, 'title'],
    ['an image over http', { images: ['http://images.example/oak.jpg'] }, 'images.0'],
    ['21 tags', { tags: Array.from({ length: 21 }, (_none, at) => `t${at}`) }, 'tags'],
    ['no version', { version: undefined as unknown as number, title: 'Oak desk' }, 'version'],
    [
      'half a cent',
      { prices: [{ variantId: newId('var'), unitPrice: { amount: 0.5, currency: 'USD' as const } }] },
      'variants.0.price.amount',
    ],
    [
      "somebody else's variant",
      { prices: [{ variantId: newId('var'), unitPrice: { amount: 1, currency: 'USD' as const } }] },
      'variants.0.id',
    ],
    ['a field it may not change', { status: 'archived' }, ''],
  ])('is refused with %s, as a PATCH is', async (_name, wrong, path) => {
    const { id } = await create()
    const refused = revise(id, { version: 1, ...wrong } as Revision)
    await expect(refused).rejects.toMatchObject({ code: 'validation_failed', meta: { errors: [{ path }] } })
    expect(await read(id)).toMatchObject({ version: 1 })
  })

  it("answers not_found for another seller's product and for an unknown id", async () => {
    const { id } = await create()
    await expect(revise(id, { version: 1, title: 'Mine' }, newId('usr'))).rejects.toMatchObject({ code: 'not_found' })
    await expect(revise(newId('prd'), { version: 1, title: 'Mine' })).rejects.toMatchObject({ code: 'not_found' })
  })
})
