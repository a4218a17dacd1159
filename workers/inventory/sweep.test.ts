import { expect, it } from 'vitest'
import { newId, type VariantId } from '../../shared/contracts/ids'
import { maxCalls } from '../../shared/testing/data'
import { commit, confirm, hold, open, restock } from './commands'
import { sweep } from './sweep'
import { anOrder, aVariantWith, aWarehouse, holdFor, line, stored } from './testing/fixtures'

/** New variants with 9 units each, one of them held. */
async function heldVariants({ deps, clock }: ReturnType<typeof aWarehouse>, count: number) {
  const variantIds = Array.from({ length: count }, () => newId('var')).sort()
  await open(
    deps,
    variantIds.map((variantId) => ({ variantId, productId: newId('prd'), sellerId: newId('usr'), onHand: 9 })),
  )
  const orderId = anOrder()
  const lines = variantIds.map((variantId) => line(variantId))
  await hold(deps, orderId, lines, clock() + holdFor)
  return { variantIds, orderId, lines }
}

it('expires the holds of hundreds of variants within the calls that the platform allows', async () => {
  const warehouse = aWarehouse()
  const { deps, clock, store } = warehouse
  const { variantIds } = await heldVariants(warehouse, 150)
  clock.advance(holdFor)
  store.calls = 0
  await sweep(deps)
  expect(store.calls).toBeLessThanOrEqual(maxCalls)
  expect((await deps.stocks.loadAll(variantIds)).filter(({ held }) => held > 0)).toEqual([])
})

it('reaches expired holds behind pages of confirmed ones', async () => {
  const warehouse = aWarehouse()
  const { deps, clock, store } = warehouse
  const { orderId, lines, variantIds } = await heldVariants(warehouse, 250)
  await confirm(deps, orderId, lines)
  const last: VariantId = `var_${'z'.repeat(26)}`
  await open(deps, [{ variantId: last, productId: newId('prd'), sellerId: newId('usr'), onHand: 1 }])
  await hold(deps, anOrder(), [line(last)], clock() + holdFor)
  clock.advance(holdFor)
  store.calls = 0
  await sweep(deps)
  expect(store.calls).toBeLessThanOrEqual(maxCalls)
  expect(await stored(deps, last)).toMatchObject({ available: 1, held: 0 })
  expect((await deps.stocks.loadAll(variantIds)).every(({ held }) => held === 1)).toBe(true)
  await commit(deps, orderId, lines)
})

it('expires all other holds when one stock cannot be written', async () => {
  const warehouse = aWarehouse()
  const { deps, clock } = warehouse
  const { variantIds } = await heldVariants(warehouse, 5)
  const bad = variantIds[1]
  clock.advance(holdFor)
  const { attemptAndFind } = deps.stocks
  const failing: typeof attemptAndFind = async (writes) => {
    if (writes.some(({ filter }) => filter._id === bad)) throw new Error('too large')
    return attemptAndFind(writes)
  }
  await sweep({ ...deps, stocks: { ...deps.stocks, attemptAndFind: failing } })
  expect((await deps.stocks.loadAll(variantIds)).filter(({ held }) => held > 0).map(({ _id }) => _id)).toEqual([bad])
})

it('deletes returns after an hour and still restocks nothing twice', async () => {
  const { deps, clock } = aWarehouse()
  const [variantId, orderId, other] = [await aVariantWith(deps, 9), anOrder(), anOrder()]
  for (const each of [orderId, other]) {
    await hold(deps, each, [line(variantId, 2)], clock() + holdFor)
    await commit(deps, each, [line(variantId, 2)])
  }
  await restock(deps, orderId, [line(variantId, 2)])
  expect(await stored(deps, variantId)).toMatchObject({ available: 7, sold: 2, returned: [{ orderId }] })
  clock.advance(3_600_001)
  await sweep(deps)
  expect((await stored(deps, variantId)).returned).toEqual([])
  await restock(deps, orderId, [line(variantId, 2)])
  expect(await stored(deps, variantId)).toMatchObject({ available: 7, sold: 2 })
})
