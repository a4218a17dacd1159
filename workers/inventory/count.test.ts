import { expect, it } from 'vitest'
import { AppError } from '../../shared/contracts/errors'
import { newId } from '../../shared/contracts/ids'
import { commit, hold, setOnHand } from './commands'
import { anOrder, aVariantWith, aWarehouse, holdFor, line, stored } from './testing/fixtures'

it('lets a seller set the stock while shoppers take from it', async () => {
  const { deps, clock } = aWarehouse()
  const sellerId = 'usr_00000000000000000000000000' as const
  const variantId = await aVariantWith(deps, 10, sellerId)
  const set = (onHand: number) => setOnHand(deps, sellerId, [{ variantId, onHand }], { actorId: sellerId, reason: null })
  await Promise.all([
    ...Array.from({ length: 8 }, () => hold(deps, anOrder(), [line(variantId)], clock() + holdFor)),
    set(30),
    set(30),
  ])
  expect(await stored(deps, variantId)).toMatchObject({ available: 22, held: 8 })
  const refused = set(7)
  await expect(refused).rejects.toSatisfy((error) => AppError.is(error, 'invalid_state'))
  expect(await stored(deps, variantId)).toMatchObject({ available: 22, held: 8 })
  await set(8)
  expect(await stored(deps, variantId)).toMatchObject({ available: 0, held: 8 })
})

it('does not overwrite a hold that came between reading and writing', async () => {
  const { deps, clock } = aWarehouse()
  const sellerId = 'usr_00000000000000000000000000' as const
  const variantId = await aVariantWith(deps, 10, sellerId)
  const { summaries } = deps.stocks
  const racing = {
    ...deps.stocks,
    summaries: async (ids: readonly (typeof variantId)[]) => {
      const found = await summaries(ids)
      for (const orderId of [anOrder(), anOrder()]) await hold(deps, orderId, [line(variantId, 2)], clock() + holdFor)
      return found
    },
  }
  await setOnHand({ ...deps, stocks: racing }, sellerId, [{ variantId, onHand: 20 }], { actorId: sellerId, reason: null })
  expect(await stored(deps, variantId)).toMatchObject({ available: 16, held: 4 })
})

it('sets many stocks at once, or none when one is refused', async () => {
  const { deps, clock } = aWarehouse()
  const sellerId = newId('usr')
  const [first, second, foreign] = [
    await aVariantWith(deps, 5, sellerId),
    await aVariantWith(deps, 5, sellerId),
    await aVariantWith(deps, 5),
  ]
  const by = { actorId: sellerId, reason: null }
  const levels = async () => (await deps.stocks.loadAll([first, second])).map(({ available }) => available)
  await hold(deps, anOrder(), [line(second, 3)], clock() + holdFor)
  const under = [
    { variantId: first, onHand: 9 },
    { variantId: second, onHand: 2 },
  ]
  await expect(setOnHand(deps, sellerId, under, by)).rejects.toMatchObject({ code: 'invalid_state' })
  const others = [
    { variantId: first, onHand: 9 },
    { variantId: foreign, onHand: 9 },
  ]
  await expect(setOnHand(deps, sellerId, others, by)).rejects.toMatchObject({ code: 'not_found' })
  expect((await levels()).sort()).toEqual([2, 5])
  await setOnHand(
    deps,
    sellerId,
    [
      { variantId: first, onHand: 9 },
      { variantId: second, onHand: 3 },
    ],
    by,
  )
  expect((await levels()).sort()).toEqual([0, 9])
})

it('does not bring back units that were sold while another variant was written again', async () => {
  const { deps, clock } = aWarehouse()
  const sellerId = newId('usr')
  const [first, second] = [await aVariantWith(deps, 5, sellerId), await aVariantWith(deps, 5, sellerId)]
  const [early, late] = [anOrder(), anOrder()]
  await hold(deps, early, [line(second)], clock() + holdFor)
  const { attemptAndFind } = deps.stocks
  let attempts = 0
  const racing: typeof attemptAndFind = async (writes) => {
    attempts += 1
    // A sale of the second variant comes before the first write, and a sale of the first variant after it.
    if (attempts === 1) await commit(deps, early, [line(second)])
    const after = await attemptAndFind(writes)
    if (attempts === 1) {
      await hold(deps, late, [line(first, 2)], clock() + holdFor)
      await commit(deps, late, [line(first, 2)])
    }
    return after
  }
  const counts = [
    { variantId: first, onHand: 10 },
    { variantId: second, onHand: 10 },
  ]
  await setOnHand({ ...deps, stocks: { ...deps.stocks, attemptAndFind: racing } }, sellerId, counts, {
    actorId: sellerId,
    reason: null,
  })
  expect([await stored(deps, first), await stored(deps, second)]).toMatchObject([
    { available: 8, sold: 2 },
    { available: 10, sold: 1 },
  ])
})
