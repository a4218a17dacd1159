import { describe, expect, it } from 'vitest'
import { newId, type VariantId } from '../../shared/contracts/ids'
import { aClock, anActor, aPublisher } from '../../shared/testing/factories'
import { call } from '../../shared/testing/http'
import { archiveProduct, changeProduct, createProduct } from './commands'
import { aDraft, aProductWorker, aVariant } from './testing/fixtures'

const { endpoint, inventory, deps } = aProductWorker()
const seller = anActor('seller')
const create = async (body: object = aDraft(), actor = seller) => call(endpoint, 'POST', '/v1/products', { actor, body })
const patch = (id: string, body: object, options: object = {}) =>
  call(endpoint, 'PATCH', `/v1/products/${id}`, { actor: seller, body, ...options })
const read = (id: string, actor = seller) => call(endpoint, 'GET', `/v1/products/${id}`, { actor })
const remove = (id: string, actor = seller) => call(endpoint, 'DELETE', `/v1/products/${id}`, { actor })

describe('creating', () => {
  it('answers the product, and opens its stock first', async () => {
    const variant = { sku: 'DESK-1', title: 'large', options: { size: 'L' }, price: { amount: 100, currency: 'JPY' }, stock: 3 }
    const draft = aDraft({
      tags: ['oak', 'oak'],
      images: ['https://images.example/desk.jpg'],
      variants: [variant, aVariant({ price: variant.price, stock: undefined })],
    })
    const { status, json, headers } = await create(draft)
    expect(status).toBe(201)
    expect(json).toMatchObject({
      version: 1,
      sellerId: seller.userId,
      status: 'active',
      tags: ['oak'],
      images: ['https://images.example/desk.jpg'],
    })
    const { stock: _stock, ...shown } = variant
    expect(json.variants).toMatchObject([
      { ...shown, availability: 'low' },
      { title: null, options: {}, availability: 'out' },
    ])
    expect(headers.get('etag')).toBe('"1"')
    expect(headers.get('location')).toBe(`/v1/products/${json.id}`)
    expect(inventory.openings.filter(({ productId }) => productId === json.id)).toEqual([
      { variantId: json.variants[0].id, productId: json.id, sellerId: seller.userId, onHand: 3 },
      { variantId: json.variants[1].id, productId: json.id, sellerId: seller.userId, onHand: 0 },
    ])
    expect((await read(json.id)).json).toEqual(json)
  })

  it('makes a draft by default', async () => {
    expect((await create(aDraft({ status: undefined }))).json.status).toBe('draft')
  })

  it.each([
    ['no variants', { variants: [] }],
    ['101 variants', { variants: Array.from({ length: 101 }, () => aVariant()) }],
    ['a negative price', { variants: [aVariant({ price: { amount: -1, currency: 'USD' } })] }],
    ['half a cent', { variants: [aVariant({ price: { amount: 0.5, currency: 'USD' } })] }],
    ['an unknown currency', { variants: [aVariant({ price: { amount: 1, currency: 'XXX' } })] }],
    ['two currencies', { variants: [aVariant(), aVariant({ price: { amount: 1, currency: 'EUR' } })] }],
    ['a repeated SKU', { variants: [aVariant({ sku: 'TWICE' }), aVariant({ sku: 'TWICE' })] }],
    ['a variant id of its own', { variants: [aVariant({ id: newId('var') })] }],
    ['negative stock', { variants: [aVariant({ stock: -1 })] }],
    ['an image over http', { images: ['http://images.example/desk.jpg'] }],
    ['a script for an image', { images: ['javascript:alert(1)'] }],
    ['eleven images', { images: Array.from({ length: 11 }, (_none, at) => `https://images.example/${at}`) }],
    ['21 tags', { tags: Array.from({ length: 21 }, (_none, at) => `t${at}`) }],
    ['a category that is not a slug', { category: 'Home & Garden' }],
    ['a blank title', { title: '   ' }],
    ['a title too long', { title: 'x'.repeat(201) }],
    ['a title with a link', { title: 'Desk https://evil.example' }],
    ['a title of a variant with a link', { variants: [aVariant({ title: 'www.evil.example' })] }],
    ['half a surrogate pair', { title: 'x\ud800' }],
    ['a NUL', { description: 'x\0y' }],
    ['an option name that a store cannot keep', { variants: [aVariant({ options: { '$set.x': '1' } })] }],
    ['another seller', { sellerId: newId('usr') }],
    ['a status that a new product cannot have', { status: 'archived' }],
  ])('refuses %s', async (_name, wrong) => {
    const opened = inventory.openings.length
    const { status, json } = await create(aDraft(wrong))
    expect([status, json.code]).toEqual([422, 'validation_failed'])
    expect(inventory.openings).toHaveLength(opened)
  })

  it('writes nothing while inventory is down, and frees the SKU at once', async () => {
    const body = aDraft()
    inventory.down = true
    expect((await create(body)).status).toBe(503)
    inventory.down = false
    expect((await create(body)).status).toBe(201)
  })
})

describe('changing', () => {
  it('keeps the fields that the change does not have', async () => {
    const { json: before } = await create(aDraft({ variants: [aVariant(), aVariant()] }))
    const price = { amount: 19_900, currency: 'USD' }
    const { status, json, headers } = await patch(before.id, { variants: [{ id: before.variants[0].id, price }] })
    expect([status, headers.get('etag')]).toEqual([200, '"2"'])
    expect(json).toEqual({
      ...before,
      version: 2,
      updatedAt: expect.any(String),
      variants: [{ ...before.variants[0], price }, before.variants[1]],
    })
    expect((await read(before.id)).json).toEqual(json)
  })

  it('adds variants and opens their stock', async () => {
    const { json: before } = await create()
    const { json } = await patch(before.id, { variants: [aVariant({ stock: 2, title: 'small' })] })
    expect(json.variants).toHaveLength(2)
    expect(json.variants[1]).toMatchObject({ title: 'small', availability: 'low' })
    expect(inventory.onHand.get(json.variants[1].id)).toBe(2)
  })

  it('sets stock and answers the new availability without a new version', async () => {
    const { json: before } = await create()
    const { json } = await patch(before.id, { variants: [{ id: before.variants[0].id, stock: 0 }] })
    expect(json).toEqual({ ...before, variants: [{ ...before.variants[0], availability: 'out' }] })
    expect((await read(before.id)).json.variants[0].availability).toBe('out')
  })

  it('saves a new variant, a level and a title in one write', async () => {
    const { json: before } = await create()
    const [{ id, ...first }] = before.variants
    const change = { title: 'All at once', variants: [{ id, stock: 0 }, aVariant({ stock: 2 })] }
    const { json } = await patch(before.id, change)
    expect(json).toMatchObject({ version: 2, title: 'All at once' })
    expect(json.variants).toMatchObject([{ id, ...first, availability: 'out' }, { availability: 'low' }])
    expect((await read(before.id)).json).toEqual(json)
  })

  it('does not record an answer of inventory over an event that arrived meanwhile', async () => {
    const { json: before } = await create()
    const [{ id }] = before.variants
    const { setOnHand } = inventory
    inventory.setOnHand = async (...asked) => {
      const levels = await setOnHand(...asked)
      await deps.products.recordStock(before.id, id, { availability: 'low', version: 7 }, 0)
      return levels
    }
    const answers = [await patch(before.id, { title: 'Raced', variants: [{ id, stock: 0 }] })]
    answers.push(await patch(before.id, { variants: [{ id, stock: 0 }] }))
    inventory.setOnHand = setOnHand
    expect(answers.map(({ json }) => json.variants[0].availability)).toEqual(['low', 'out'])
  })

  it('shows the stock that was set, though the rest of the change is a conflict', async () => {
    const { json: before } = await create()
    const [{ id }] = before.variants
    const { setOnHand } = inventory
    inventory.setOnHand = async (...asked) => {
      const levels = await setOnHand(...asked)
      await patch(before.id, { title: 'Faster' })
      await read(before.id)
      return levels
    }
    const { status } = await patch(before.id, { version: 1, title: 'Slower', variants: [{ id, stock: 0 }] })
    inventory.setOnHand = setOnHand
    expect(status).toBe(409)
    expect((await read(before.id)).json).toMatchObject({ title: 'Faster', variants: [{ availability: 'out' }] })
  })

  it('changes nothing when inventory refuses the stock', async () => {
    const { json: before } = await create()
    inventory.held = 4
    const { status, json } = await patch(before.id, { title: 'Another', variants: [{ id: before.variants[0].id, stock: 3 }] })
    inventory.held = 0
    expect([status, json.code]).toEqual([409, 'invalid_state'])
    expect((await read(before.id)).json).toEqual(before)
  })

  it('sets the stock of all variants by one call, and of none when one is refused', async () => {
    const { json: before } = await create(aDraft({ variants: [aVariant(), aVariant(), aVariant()] }))
    const ids: VariantId[] = before.variants.map(({ id }: { id: VariantId }) => id)
    const calls = inventory.countings.length
    const { json } = await patch(before.id, { variants: ids.map((id, index) => ({ id, stock: index * 5 })) })
    expect(json.variants.map(({ availability }: { availability: string }) => availability)).toEqual(['out', 'low', 'in'])
    expect(inventory.countings.slice(calls)).toEqual([ids.map((variantId, index) => ({ variantId, onHand: index * 5 }))])
    inventory.held = 4
    const { status } = await patch(before.id, { variants: ids.map((id, index) => ({ id, stock: 2 * index + 1 })) })
    inventory.held = 0
    expect([status, ids.map((id) => inventory.onHand.get(id))]).toEqual([409, [0, 5, 10]])
  })

  it('makes no version and no event when nothing changes', async () => {
    const { json: before } = await create()
    const publisher = aPublisher()
    await changeProduct({ ...deps, publish: publisher.publish }, seller, before.id, { title: before.title })
    expect(publisher.sent).toEqual([])
    expect((await read(before.id)).json).toEqual(before)
  })

  it('refuses a stale version: 409 from the body, 412 from If-Match', async () => {
    const { json: before } = await create()
    expect(await patch(before.id, { title: 'Second', version: 1 })).toMatchObject({ status: 200, json: { version: 2 } })
    expect(await patch(before.id, { title: 'Third', version: 1 })).toMatchObject({ status: 409, json: { code: 'conflict' } })
    const ifMatch = (etag: string) => patch(before.id, { title: 'Third' }, { headers: { 'if-match': etag } })
    expect(await ifMatch('"1"')).toMatchObject({ status: 412, json: { code: 'precondition_failed' } })
    expect((await ifMatch('rubbish')).status).toBe(412)
    expect((await read(before.id)).json.title).toBe('Second')
    expect(await ifMatch('"2"')).toMatchObject({ status: 200, json: { title: 'Third', version: 3 } })
    expect((await ifMatch('*')).status).toBe(200)
  })

  it('lets one of two concurrent changes to the same version win', async () => {
    const { json: before } = await create()
    const answers = await Promise.all(['Mine', 'Yours'].map((title) => patch(before.id, { title, version: 1 })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    expect((await read(before.id)).json).toMatchObject({
      version: 2,
      title: answers.find(({ status }) => status === 200)?.json.title,
    })
    const tags = await Promise.all(['a', 'b'].map((tag) => patch(before.id, { tags: [tag] }, { headers: { 'if-match': '"2"' } })))
    expect(tags.map(({ status }) => status).sort()).toEqual([200, 412])
  })

  it('keeps both of two concurrent changes without a version', async () => {
    const { json: before } = await create()
    const answers = await Promise.all([patch(before.id, { title: 'Both' }), patch(before.id, { category: 'both' })])
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect((await read(before.id)).json).toMatchObject({ version: 3, title: 'Both', category: 'both' })
  })
})

describe('a product of another seller', () => {
  it('cannot be changed or found', async () => {
    const { json: before } = await create()
    const stranger = anActor('seller')
    expect((await patch(before.id, { title: 'Stolen' }, { actor: stranger })).status).toBe(404)
    expect((await remove(before.id, stranger)).status).toBe(404)
    expect((await read(before.id, stranger)).json).toEqual(before)
  })

  it('may be changed by an operator, for its seller', async () => {
    const { json: before } = await create()
    const { status, json } = await patch(before.id, { title: 'Moderated' }, { actor: anActor('admin') })
    expect([status, json.sellerId]).toEqual([200, seller.userId])
  })

  it('is visible to its seller and operators only while it is a draft or archived', async () => {
    const { json: hidden } = await create(aDraft({ status: 'draft' }))
    for (const status of [hidden.status, 'archived']) {
      if (status === 'archived') await remove(hidden.id)
      expect((await call(endpoint, 'GET', `/v1/products/${hidden.id}`)).status).toBe(404)
      expect((await read(hidden.id, anActor('buyer'))).status).toBe(404)
      expect((await read(hidden.id, anActor('seller'))).status).toBe(404)
      expect((await read(hidden.id, anActor('admin'))).json.status).toBe(status)
      expect((await read(hidden.id)).json.status).toBe(status)
    }
  })
})

describe('archiving', () => {
  it('takes a product off sale once', async () => {
    const { json } = await create()
    const publisher = aPublisher()
    const quiet = { ...deps, now: aClock(), publish: publisher.publish }
    await archiveProduct(quiet, seller, json.id)
    await archiveProduct(quiet, seller, json.id)
    expect(publisher.ofType('product.updated').map(({ data }) => [data.change, data.status, data.version])).toEqual([
      ['archived', 'archived', 2],
    ])
    expect((await remove(json.id)).status).toBe(204)
    expect((await read(json.id)).json).toMatchObject({ status: 'archived', version: 2 })
  })

  it('can be undone by a change', async () => {
    const { json } = await create()
    await remove(json.id)
    expect((await patch(json.id, { status: 'active' })).json).toMatchObject({ status: 'active', version: 3 })
  })
})

it('publishes the opening levels of new variants only', async () => {
  const publisher = aPublisher()
  const quiet = { ...deps, now: aClock(), publish: publisher.publish }
  const draft = { ...aDraft(), tags: [], images: [], status: 'active' as const, variants: [aVariant({ stock: 3 })] }
  const made = await createProduct(quiet, seller.userId, draft as Parameters<typeof createProduct>[2])
  const variants = [{ id: made.variants[0]?.id }, aVariant({ stock: 0 })]
  const after = await changeProduct(quiet, seller, made._id, { variants } as Parameters<typeof changeProduct>[3])
  await changeProduct(quiet, seller, made._id, { title: 'Oak desk' })
  expect(publisher.ofType('product.updated').map(({ data }) => data.opened)).toEqual([
    [{ variantId: made.variants[0]?.id, availability: 'low', available: 3 }],
    [{ variantId: after.variants[1]?.id, availability: 'out', available: 0 }],
    undefined,
  ])
})
