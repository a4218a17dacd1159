import { describe, expect, it } from 'vitest'
import type { EventData } from '../../../shared/contracts/events'
import { newId, type ProductId, type UserId } from '../../../shared/contracts/ids'
import { money } from '../../../shared/contracts/money'
import { factsOf, newsOf } from '../content/product-view'
import { batchFor } from '../email/email'
import type { Watch } from '../repo'
import { sweep } from '../sweep'
import { aProduct, aWorld, typesOf, type World } from '../testing/fixtures'
import { maxWatches } from './commands'

type Change = { what: string; amount: number; more: Partial<EventData<'product.updated'>>; type: string; body: string }

const path = (productId: string) => `/v1/products/${productId}/watch`

const watchAll = (world: World, pairs: [UserId, ProductId][]) =>
  world.deps.documents.collection<Watch>({ name: 'watches' }).batch([
    {
      action: 'insertMany',
      documents: pairs.map(([userId, productId]) => ({ _id: `${userId}:${productId}`, userId, productId })),
    },
  ])

async function watched(amount = 1_000) {
  const world = aWorld()
  const product = aProduct()
  await world.deliver(product.updated(1, amount))
  const [watcher, stranger] = [world.person(), world.person()]
  expect((await world.send(watcher, 'PUT', path(product.productId))).status).toBe(204)
  return { world, product, watcher, stranger }
}

describe('a watched product', () => {
  it.each([
    { what: 'costs less', amount: 900, more: {}, type: 'product.price_dropped', body: 'USD 9.00 instead of USD 10.00.' },
    {
      what: 'costs more',
      amount: 1_100,
      more: {},
      type: 'product.changed',
      body: 'Its title, its prices or its variants are not what they were.',
    },
    {
      ...{ what: 'has another title', amount: 1_000, more: { title: 'Another desk' }, type: 'product.changed' },
      body: 'Its title, its prices or its variants are not what they were.',
    },
    {
      ...{ what: 'is archived', amount: 1_000, more: { status: 'archived', change: 'archived' }, type: 'product.archived' },
      body: 'The seller took it off the market.',
    },
  ] satisfies Change[])('notifies its watchers, and nobody else, once when it $what', async ({ amount, more, type, body }) => {
    const { world, product, watcher, stranger } = await watched()
    const device = await world.device(watcher)
    const event = product.updated(2, amount, more)
    await world.deliver(event, event)
    const { productId } = product
    const inbox = await world.inbox(watcher)
    expect(inbox.map(({ type, body, data }) => ({ type, body, data }))).toEqual([{ type, body, data: { productId } }])
    expect(await world.mailbox(watcher.email)).toEqual([])
    world.now.advance(batchFor)
    await sweep(world.deps)
    expect(await world.mailbox(watcher.email)).toMatchObject([{ subject: inbox[0]?.title, text: expect.stringContaining(body) }])
    expect((await device.frame('notification.created')).data).toEqual(inbox[0])
    expect(await world.inbox(stranger)).toEqual([])
  })

  it('notifies nobody when nothing visible changed', async () => {
    const { world, product, watcher } = await watched()
    await world.deliver(product.updated(2, 1_000), product.updated(3, 500, { status: 'draft' }))
    expect(await world.inbox(watcher)).toEqual([])
  })

  it('notifies nobody of changes while it is a draft', async () => {
    const { world, product, watcher } = await watched()
    const draft = { status: 'draft', title: 'A secret title' } as const
    await world.deliver(product.updated(2, 2_000, draft), product.stock(3, 'out', 'in'), product.updated(3, 1_500, draft))
    await world.deliver(product.updated(4, 1_500, { ...draft, status: 'archived', change: 'archived' }))
    expect(await world.inbox(watcher)).toEqual([])
  })

  it('has no dropped price compared with a price that was never public', async () => {
    const { world, product, watcher } = await watched()
    await world.deliver(product.updated(2, 9_000, { status: 'draft' }), product.updated(3, 500))
    expect(typesOf(await world.inbox(watcher))).toEqual(['product.changed'])
  })

  it('is compared with its newest version, and older versions are ignored', async () => {
    const { world, product, watcher } = await watched()
    await world.deliver(product.updated(4, 1_000), product.updated(3, 500), product.updated(5, 1_000))
    expect(await world.inbox(watcher)).toEqual([])
  })

  it('notifies its watchers once when it is back in stock', async () => {
    const { world, product, watcher, stranger } = await watched()
    const event = product.stock(3, 'out', 'in')
    await world.deliver(event, event)
    expect((await world.inbox(watcher)).map(({ type, title }) => [type, title])).toEqual([
      ['product.back_in_stock', `${product.title} is back in stock`],
    ])
    expect(await world.inbox(stranger)).toEqual([])
    await world.deliver(product.stock(2, 'out', 'low'))
    expect(await world.inbox(watcher)).toHaveLength(1)
  })

  it('may be back in stock before any other event about it arrives', async () => {
    const world = aWorld()
    const product = aProduct()
    const watcher = world.person()
    await world.send(watcher, 'PUT', path(product.productId))
    await world.deliver(product.stock(2, 'out', 'in'), product.updated(1, 1_000), product.updated(2, 800))
    expect(typesOf(await world.inbox(watcher))).toEqual(['product.back_in_stock', 'product.price_dropped'])
  })

  it('is no longer watched after DELETE, which can be repeated', async () => {
    const { world, product, watcher } = await watched()
    for (let times = 0; times < 2; times++)
      expect((await world.send(watcher, 'DELETE', path(product.productId))).status).toBe(204)
    await world.deliver(product.updated(2, 500), product.stock(2, 'out', 'in'))
    expect(await world.inbox(watcher)).toEqual([])
  })

  it('is watched once, however often the request is repeated', async () => {
    const { world, product, watcher } = await watched()
    await Promise.all([1, 2].map(() => world.send(watcher, 'PUT', path(product.productId))))
    expect(await world.deps.watches.ofUser(watcher.userId, 10)).toHaveLength(1)
  })

  it('does not notify watchers who turned off the catalogue', async () => {
    const { world, product, watcher } = await watched()
    const [on, off] = [
      { inApp: true, email: true },
      { inApp: false, email: false },
    ]
    await world.send(watcher, 'PUT', '/v1/notifications/preferences', { orders: on, catalogue: off })
    await world.deliver(product.updated(2, 500))
    expect([await world.inbox(watcher), await world.mailbox(watcher.email)]).toEqual([[], []])
  })

  it(`cannot be watched by a user who already watches ${maxWatches}`, async () => {
    const world = aWorld()
    const person = world.person()
    await watchAll(
      world,
      Array.from({ length: maxWatches }, () => [person.userId, newId('prd')]),
    )
    const { status, json } = await world.send(person, 'PUT', path(newId('prd')))
    expect([status, json.code]).toEqual([409, 'invalid_state'])
  })
})

describe('news for many watchers', () => {
  const crowd = async (count: number) => {
    const { world, product } = await watched()
    const crowd = Array.from({ length: count }, () => newId('usr'))
    await watchAll(
      world,
      crowd.map((each) => [each, product.productId]),
    )
    return { world, product, crowd }
  }

  it('reaches all of them, a page at a time, and the sweep continues where it ended', async () => {
    const { world, product, crowd: people } = await crowd(620)
    world.deps.live = { ...world.deps.live, of: () => ({ push: async () => {}, revoke: async () => {} }) }
    const event = product.updated(2, 500)
    await world.deliver(event)
    const notified = async () => (await world.deps.inbox.ofEvent(event.id, people)).length
    expect(await notified()).toBeGreaterThanOrEqual(499)
    expect(await notified()).toBeLessThan(620)
    await sweep(world.deps)
    expect(await notified()).toBe(620)
    expect(await world.deps.products.load(product.productId)).toMatchObject({ news: {}, newsPending: false })
  })

  it('is marked as finished by the sweep after a crash before that was written', async () => {
    const { world, product, watcher } = await watched()
    await world.deliver(product.updated(2, 500))
    await world.stored.products.updateOne({ _id: product.productId }, { $set: { newsPending: true } })
    await sweep(world.deps)
    expect(await world.deps.products.load(product.productId)).toMatchObject({ news: {}, newsPending: false })
    expect(await world.inbox(watcher)).toHaveLength(1)
  })

  it('is completed by the next delivery after a crash, even after newer news', async () => {
    const { world, product, watcher } = await watched()
    const live = world.deps.live
    world.deps.live = { ...live, of: () => ({ push: () => Promise.reject(new Error('crash')), revoke: async () => {} }) }
    await world.deps.watches.remove(watcher.userId, product.productId)
    const people = [world.person(), world.person()]
    for (const { userId } of people) await world.deps.watches.add(userId, product.productId, 0)
    const [second, third] = [product.updated(2, 900), product.updated(3, 800)]
    expect((await world.attempt(second)).retried).toHaveLength(1)
    world.deps.live = live
    await world.deliver(third, second)
    for (const person of people) {
      expect((await world.inbox(person)).map(({ body }) => body).sort()).toEqual([
        'USD 8.00 instead of USD 9.00.',
        'USD 9.00 instead of USD 10.00.',
      ])
    }
  })
})

describe('newsOf', () => {
  const product = aProduct()
  const facts = (amounts: number[], title = 'Desk') =>
    factsOf({
      ...product.updated(1, 0).data,
      title,
      variants: amounts.map((amount, index) => ({
        ...{ variantId: `var_${index}` as const, sku: `S${index}`, title: '' },
        unitPrice: money(amount, 'USD'),
      })),
    })

  it('names the largest of several price drops', () => {
    expect(newsOf(facts([100, 200, 300]), facts([90, 150, 300]))).toEqual({
      ...{ kind: 'price_dropped', title: 'Desk' },
      ...{ before: money(200, 'USD'), after: money(150, 'USD') },
    })
  })

  it('does not compare currencies', () => {
    const before = facts([100])
    const after = { ...before, variants: { var_0: { sku: 'S0', price: money(10, 'JPY') } } }
    expect(newsOf(before, after)).toEqual({ kind: 'changed', title: 'Desk' })
  })

  it('detects a variant that was added or removed', () => {
    expect(newsOf(facts([100]), facts([100, 50]))).toMatchObject({ kind: 'changed' })
    expect(newsOf(facts([100, 50]), facts([100]))).toMatchObject({ kind: 'changed' })
  })

  it('is null for the first facts, and for a product that is archived already', () => {
    const ended = { ...facts([100]), status: 'archived' as const }
    expect(newsOf(null, facts([100]))).toBeNull()
    expect(newsOf(ended, ended)).toBeNull()
  })
})
