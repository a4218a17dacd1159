import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { type MessageId, newId } from '../../shared/contracts/ids'
import { storeOf } from '../../shared/storage/store'
import { storeBindings } from '../../shared/testing/data'
import { addOnce } from './commands'
import { type Deps, depsFrom } from './deps'
import { aShop } from './testing/fixtures'

/** A shopper, a variant on sale, and another Worker that adds it to their cart under a key. */
function aCaller(stock = 500) {
  const shop = aShop()
  const userId = newId('usr')
  const { variantId } = shop.sell({ stock })
  const key: MessageId = newId('msg')
  const deps: Deps = { ...depsFrom(env), product: shop.product, inventory: shop.inventory }
  const add = (quantity: number, { under = key, as = userId, using = deps } = {}) =>
    addOnce(using, as, { variantId, quantity }, under)
  return { shop, userId, variantId, key, deps, add, count: async () => (await deps.cartOf(userId).snapshot(userId)).itemCount }
}

it('adds once per key, and answers a repeat with the same cart', async () => {
  const { add, count } = aCaller()
  const first = await add(2)
  expect([first.itemCount, await add(2), await count()]).toEqual([2, first, 2])
  await add(2, { under: newId('msg') })
  expect([await count(), (await add(2)).itemCount]).toEqual([4, 2])
})

it('makes one of many concurrent additions under a key; the others get its answer or idempotency_in_progress', async () => {
  const { add, count } = aCaller()
  const answers = await Promise.allSettled(Array.from({ length: 6 }, () => add(1)))
  const refusals = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason.code] : []))
  expect(new Set(refusals)).toEqual(new Set(refusals.length ? ['idempotency_in_progress'] : []))
  expect(await count()).toBe(1)
})

it('does not repeat an addition whose answer was lost', async () => {
  const { add, count, deps } = aCaller()
  const { run } = storeOf(env)
  const dying = storeBindings({ run, batch: () => Promise.reject(new Error('the isolate died')) }) as unknown as CartEnv
  const { data, idempotency } = depsFrom({ ...env, ...dying })
  await expect(add(2, { using: { ...deps, data, idempotency } })).rejects.toMatchObject({ code: 'unavailable' })
  expect([await count(), (await add(2)).itemCount, await count()]).toEqual([2, 2, 2])
})

it('keeps the keys of two shoppers apart, and refuses another request under a used key', async () => {
  const { add, count } = aCaller()
  await add(2)
  expect((await add(3, { as: newId('usr') })).itemCount).toBe(3)
  await expect(add(3)).rejects.toMatchObject({ code: 'idempotency_key_reused' })
  expect(await count()).toBe(2)
})

it.each([0, -1, 1.5, 100, Number.NaN])('refuses a quantity of %d', async (quantity) => {
  const { add, count } = aCaller()
  await expect(add(quantity)).rejects.toMatchObject({ code: 'validation_failed' })
  expect(await count()).toBe(0)
})

it('refuses a variant that is gone or short, as the route does, and frees the key', async () => {
  const { shop, variantId, add, count } = aCaller(1)
  await expect(add(2)).rejects.toMatchObject({ code: 'out_of_stock', meta: { extra: { available: 1 } } })
  shop.stock(variantId, 10)
  expect((await add(2)).itemCount).toBe(2)
  shop.discontinue(variantId)
  await expect(add(2, { under: newId('msg') })).rejects.toMatchObject({ code: 'not_found' })
  expect(await count()).toBe(2)
})
