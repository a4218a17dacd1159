import { describe, expect, it } from 'vitest'
import type { Filter, Operation } from '../../shared/contracts/data'
import { newId } from '../../shared/contracts/ids'
import { aClock, anActor } from '../../shared/testing/factories'
import { call } from '../../shared/testing/http'
import { createProduct } from './commands'
import type { SkuClaims } from './sku-repo'
import { claimSkus } from './skus'
import { aDraft, aProductWorker, aVariant } from './testing/fixtures'

const clock = aClock()
const { endpoint, deps, data, inventory } = aProductWorker({ now: clock })
const create = (actor: ReturnType<typeof anActor>, ...skus: string[]) =>
  call(endpoint, 'POST', '/v1/products', { actor, body: aDraft({ variants: skus.map((sku) => aVariant({ sku })) }) })
const patch = (actor: ReturnType<typeof anActor>, id: string, body: object) =>
  call(endpoint, 'PATCH', `/v1/products/${id}`, { actor, body })
const taken = { status: 409, json: { code: 'sku_taken' } }

it('a SKU is unique per seller', async () => {
  const [seller, other] = [anActor('seller'), anActor('seller')]
  expect((await create(seller, 'A', 'B')).status).toBe(201)
  expect(await create(seller, 'C', 'B')).toMatchObject(taken)
  expect((await create(other, 'A')).status).toBe(201)
  expect((await create(seller, 'C')).status).toBe(201)
})

it('a SKU goes to one of several concurrent products', async () => {
  const seller = anActor('seller')
  const answers = await Promise.all(Array.from({ length: 5 }, () => create(seller, 'X', 'Y')))
  const won = answers.filter(({ status }) => status === 201)
  expect(won).toHaveLength(1)
  expect(answers.filter(({ json }) => json.code === 'sku_taken')).toHaveLength(4)
  expect(await deps.products.collection.find({ sellerId: seller.userId })).toHaveLength(1)
})

it('two SKUs go to at most one of two products that claim them in opposite order', async () => {
  const seller = anActor('seller')
  const answers = await Promise.all([create(seller, 'P', 'Q'), create(seller, 'Q', 'P')])
  expect(answers.filter(({ status }) => status === 201).length).toBeLessThanOrEqual(1)
  if (answers.every(({ status }) => status === 409)) expect((await create(seller, 'P', 'Q')).status).toBe(201)
  expect(await deps.products.collection.find({ sellerId: seller.userId })).toHaveLength(1)
})

it('a changed SKU is refused when it is taken, and the old one is free afterwards', async () => {
  const seller = anActor('seller')
  const { json } = await create(seller, 'OLD')
  await create(seller, 'TAKEN')
  const [{ id }] = json.variants
  expect(await patch(seller, json.id, { variants: [{ id, sku: 'TAKEN' }] })).toMatchObject(taken)
  expect(await create(seller, 'OLD')).toMatchObject(taken)
  expect((await patch(seller, json.id, { variants: [{ id, sku: 'NEW' }] })).status).toBe(200)
  expect((await create(seller, 'OLD')).status).toBe(201)
  expect(await create(seller, 'NEW')).toMatchObject(taken)
})

it('a SKU is free when its product is archived, and must be free for the product to return', async () => {
  const seller = anActor('seller')
  const { json } = await create(seller, 'BACK')
  await call(endpoint, 'DELETE', `/v1/products/${json.id}`, { actor: seller })
  const { json: next } = await create(seller, 'BACK')
  expect(await patch(seller, json.id, { status: 'active' })).toMatchObject(taken)
  await call(endpoint, 'DELETE', `/v1/products/${next.id}`, { actor: seller })
  expect((await patch(seller, json.id, { status: 'active' })).status).toBe(200)
  expect(await create(seller, 'BACK')).toMatchObject(taken)
})

it('two variants of a product can swap their SKUs', async () => {
  const seller = anActor('seller')
  const { json } = await create(seller, 'ONE', 'TWO')
  const [one, two] = json.variants
  const swap = {
    variants: [
      { id: one.id, sku: 'TWO' },
      { id: two.id, sku: 'ONE' },
    ],
  }
  expect((await patch(seller, json.id, swap)).json.variants).toMatchObject([{ sku: 'TWO' }, { sku: 'ONE' }])
  expect(await create(seller, 'ONE')).toMatchObject(taken)
})

it('a claim is released when another product is faster with a second SKU', async () => {
  const [sellerId, fast, slow, third] = [newId('usr'), newId('prd'), newId('prd'), newId('prd')]
  let batches = 0
  const skus = {
    find: (...args: Parameters<SkuClaims['find']>) => deps.skus.find(...args),
    batch: async (operations: Operation[]) => {
      if (batches++ === 0) await claimSkus(deps, { _id: fast, sellerId }, ['B'])
      return deps.skus.batch(operations)
    },
    deleteMany: (filter: Filter) => deps.skus.deleteMany(filter),
  } as unknown as SkuClaims
  await expect(claimSkus({ ...deps, skus }, { _id: slow, sellerId }, ['A', 'B'])).rejects.toMatchObject({ code: 'sku_taken' })
  expect((await deps.skus.find({ productId: slow })).length).toBe(0)
  await expect(claimSkus(deps, { _id: third, sellerId }, ['A'])).resolves.toMatchObject({ ids: [`${sellerId}:A`] })
})

it('a SKU that a crash left claimed is free again after a minute', async () => {
  const sellerId = newId('usr')
  const draft = aDraft({ tags: [], images: [], variants: [aVariant({ sku: 'LOST' })] }) as unknown as Parameters<
    typeof createProduct
  >[2]
  await claimSkus(deps, { _id: newId('prd'), sellerId }, ['LOST'])
  clock.advance(59_999)
  await expect(createProduct(deps, sellerId, draft)).rejects.toMatchObject({ code: 'sku_taken' })
  clock.advance(1)
  const answers = await Promise.allSettled([createProduct(deps, sellerId, draft), createProduct(deps, sellerId, draft)])
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  clock.advance(3_600_000)
  await expect(createProduct(deps, sellerId, draft)).rejects.toMatchObject({ code: 'sku_taken' })
})

it('a SKU stays claimed when it is unknown whether the product was written', async () => {
  const seller = anActor('seller')
  data.before = async (target, operation) => {
    if (target.collection !== 'products' || operation.action !== 'insertOne') return
    data.before = undefined
    await data.run(target, operation)
    throw new Error('the connection broke after the write')
  }
  expect((await create(seller, 'UNSURE')).status).toBe(503)
  expect(await create(seller, 'UNSURE')).toMatchObject(taken)
  expect(await deps.products.collection.find({ sellerId: seller.userId })).toHaveLength(1)
})

describe('a creation under a key that is interrupted after it claimed its SKUs', () => {
  const keyed = () => {
    const options = { actor: anActor('seller'), body: aDraft(), headers: { 'idempotency-key': newId('req') } }
    return { ...options, ask: () => call(endpoint, 'POST', '/v1/products', options), sku: options.body.variants[0]?.sku ?? '' }
  }
  /** Does something else in place of the next write of a product. */
  const insteadOfWriting = (what: (...call: Parameters<typeof data.run>) => Promise<void>) => {
    data.before = async (target, operation) => {
      if (target.collection !== 'products' || operation.action !== 'insertOne') return
      data.before = undefined
      await what(target, operation)
    }
  }
  const breakOff = () =>
    insteadOfWriting(async () => {
      throw new Error('the isolate died')
    })

  it('is continued at once, and its SKU is taken', async () => {
    const { ask, actor, sku } = keyed()
    breakOff()
    const answers = [await ask(), await ask()]
    expect(answers.map(({ status }) => status)).toEqual([503, 201])
    expect(await create(actor, sku)).toMatchObject(taken)
    clock.advance(60_000)
    expect(await create(actor, sku)).toMatchObject(taken)
  })

  it('answers the product when the write of the first attempt arrives late', async () => {
    const { ask, actor, sku } = keyed()
    let land = async () => {}
    insteadOfWriting(async (...write) => {
      land = async () => void (await data.run(...write))
      throw new Error('nobody knows whether it was written')
    })
    expect((await ask()).status).toBe(503)
    insteadOfWriting(() => land())
    const { status, json } = await ask()
    const [made, ...more] = await deps.products.collection.find({ sellerId: actor.userId })
    expect([status, json.id, json.variants[0].id, more]).toEqual([201, made?._id, made?.variants[0]?.id, []])
    expect(await create(actor, sku)).toMatchObject(taken)
  })

  it('keeps the claims when the next attempt fails, since the first write may still arrive', async () => {
    const { ask, actor, sku } = keyed()
    breakOff()
    await ask()
    inventory.down = true
    expect((await ask()).status).toBe(503)
    inventory.down = false
    expect(await create(actor, sku)).toMatchObject(taken)
    expect((await ask()).status).toBe(201)
  })
})
