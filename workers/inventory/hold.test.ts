import { expect, it } from 'vitest'
import { AppError } from '../../shared/contracts/errors'
import { commit, hold, levels, release, restock, secure, setOnHand } from './commands'
import { anOrder, aVariantWith, aWarehouse, line, stored, unitsOf } from './fixtures'
import { holdFor, maxHolds } from './stock'
import { sweep } from './sweep'

it('holds all lines or none', async () => {
  const { deps, clock } = aWarehouse()
  const [plenty, scarce] = [await aVariantWith(deps, 10), await aVariantWith(deps, 1)]
  const answer = await hold(deps, anOrder(), [line(plenty, 3), line(scarce, 2)], clock() + holdFor)
  expect(answer).toEqual({ held: false, short: [{ variantId: scarce, asked: 2, available: 1 }] })
  expect(await levels(deps, [plenty, scarce])).toMatchObject([{ available: 10 }, { available: 1 }])
  expect(await stored(deps, plenty)).toMatchObject({ held: 0, holds: [], openHolds: 0 })
})

it('says of a variant that nobody opened that there is none', async () => {
  const { deps, clock } = aWarehouse()
  const known = await aVariantWith(deps, 5)
  const unknown = 'var_00000000000000000000000000' as const
  const answer = await hold(deps, anOrder(), [line(known), line(unknown)], clock() + holdFor)
  expect(answer).toEqual({ held: false, short: [{ variantId: unknown, asked: 1, available: 0 }] })
  expect(await levels(deps, [unknown, known])).toEqual([
    { variantId: unknown, available: 0, availability: 'out' },
    { variantId: known, available: 5, availability: 'low' },
  ])
})

it('sells 50 units to 50 of 200 shoppers who come at once', async () => {
  const { deps, clock } = aWarehouse()
  const variantId = await aVariantWith(deps, 50)
  const orders = Array.from({ length: 200 }, anOrder)
  const answers = await Promise.all(orders.map((orderId) => hold(deps, orderId, [line(variantId)], clock() + holdFor)))
  const winners = orders.filter((_order, index) => answers[index]?.held)
  expect(winners).toHaveLength(50)
  const stock = await stored(deps, variantId)
  expect(stock).toMatchObject({ available: 0, held: 50, sold: 0, openHolds: 50 })
  expect(stock.holds.map(({ orderId }) => orderId).sort()).toEqual([...winners].sort())

  await Promise.all(winners.map((orderId) => commit(deps, orderId, [line(variantId)])))
  expect(await stored(deps, variantId)).toMatchObject({ available: 0, held: 0, sold: 50, holds: [], openHolds: 0 })
})

it('keeps the sum of available, held and sold while orders come, go, are paid and canceled at once', async () => {
  const { deps, clock } = aWarehouse()
  const variants = [await aVariantWith(deps, 20), await aVariantWith(deps, 20)]
  const sums = async () => Promise.all(variants.map(async (variantId) => unitsOf(await stored(deps, variantId))))
  await Promise.all(
    Array.from({ length: 60 }, async (_none, index) => {
      const [orderId, lines] = [anOrder(), variants.map((variantId) => line(variantId, 1 + (index % 3)))]
      if (!(await hold(deps, orderId, lines, clock() + holdFor)).held) return
      expect(await sums()).toEqual([20, 20])
      if (index % 3 === 0) return release(deps, orderId, lines)
      await secure(deps, orderId, lines)
      await Promise.all([commit(deps, orderId, lines), commit(deps, orderId, lines)])
      if (index % 2 === 0) await Promise.all([restock(deps, orderId, lines), restock(deps, orderId, lines)])
    }),
  )
  for (const variantId of variants) {
    const stock = await stored(deps, variantId)
    expect(unitsOf(stock)).toBe(20)
    expect(stock.available).toBeGreaterThanOrEqual(0)
    expect(stock).toMatchObject({ held: 0, openHolds: 0, holds: [], secured: [] })
  }
})

it('holds once per order, however often it is asked', async () => {
  const { deps, clock } = aWarehouse()
  const [variantId, orderId] = [await aVariantWith(deps, 5), anOrder()]
  const ask = () => hold(deps, orderId, [line(variantId, 2)], clock() + holdFor)
  expect(await Promise.all([ask(), ask(), ask()])).toEqual([{ held: true }, { held: true }, { held: true }])
  expect(await ask()).toEqual({ held: true })
  expect(await stored(deps, variantId)).toMatchObject({ available: 3, held: 2 })
})

it('releases once, and nothing of an order that holds nothing', async () => {
  const { deps, clock } = aWarehouse()
  const [variantId, orderId] = [await aVariantWith(deps, 5), anOrder()]
  await hold(deps, orderId, [line(variantId, 2)], clock() + holdFor)
  await Promise.all([release(deps, orderId, [line(variantId, 2)]), release(deps, orderId, [line(variantId, 2)])])
  await release(deps, anOrder(), [line(variantId, 2)])
  expect(await stored(deps, variantId)).toMatchObject({ available: 5, held: 0, sold: 0 })
})

it('gives back what nobody paid for in time, to the millisecond', async () => {
  const { deps, clock } = aWarehouse()
  const variantId = await aVariantWith(deps, 5)
  await hold(deps, anOrder(), [line(variantId, 4)], clock() + holdFor)
  clock.advance(holdFor - 1)
  await sweep(deps)
  expect(await stored(deps, variantId)).toMatchObject({ available: 1, held: 4 })
  clock.advance(1)
  await Promise.all([sweep(deps), sweep(deps)])
  expect(await stored(deps, variantId)).toMatchObject({ available: 5, held: 0, holds: [] })
})

it('does not expire what is secured', async () => {
  const { deps, clock } = aWarehouse()
  const [variantId, orderId] = [await aVariantWith(deps, 5), anOrder()]
  await hold(deps, orderId, [line(variantId, 4)], clock() + holdFor)
  expect(await secure(deps, orderId, [line(variantId, 4)])).toEqual({ held: true })
  clock.advance(10 * holdFor)
  await sweep(deps)
  expect(await stored(deps, variantId)).toMatchObject({ available: 1, held: 4 })
})

it('does not expire what is secured, or held anew, while the sweep is at it', async () => {
  const { deps, clock } = aWarehouse()
  const [variantId, secured, renewed] = [await aVariantWith(deps, 9), anOrder(), anOrder()]
  for (const orderId of [secured, renewed]) await hold(deps, orderId, [line(variantId, 2)], clock() + holdFor)
  clock.advance(holdFor)
  const { withHolds } = deps.stocks
  const late = async (after: string, limit: number) => {
    const found = await withHolds(after, limit)
    await secure(deps, secured, [line(variantId, 2)])
    await release(deps, renewed, [line(variantId, 2)])
    await hold(deps, renewed, [line(variantId, 2)], clock() + holdFor)
    return found
  }
  await sweep({ ...deps, stocks: { ...deps.stocks, withHolds: late } })
  expect(await stored(deps, variantId)).toMatchObject({ available: 5, held: 4, openHolds: 2 })
})

it('takes what had expired again when the money comes late, for good', async () => {
  const { deps, clock } = aWarehouse()
  const [variantId, orderId] = [await aVariantWith(deps, 5), anOrder()]
  await hold(deps, orderId, [line(variantId, 4)], clock() + holdFor)
  clock.advance(holdFor)
  await sweep(deps)
  expect(await secure(deps, orderId, [line(variantId, 4)])).toEqual({ held: true })
  clock.advance(10 * holdFor)
  await sweep(deps)
  expect(await stored(deps, variantId)).toMatchObject({ available: 1, held: 4, secured: [orderId] })
})

it('says no when the money comes late and the units are gone, and keeps none of the other lines', async () => {
  const { deps, clock } = aWarehouse()
  const [wanted, other, orderId] = [await aVariantWith(deps, 2), await aVariantWith(deps, 9), anOrder()]
  const lines = [line(other, 3), line(wanted, 2)]
  await hold(deps, orderId, lines, clock() + holdFor)
  clock.advance(holdFor)
  await sweep(deps)
  await hold(deps, anOrder(), [line(wanted)], clock() + holdFor)
  expect(await secure(deps, orderId, lines)).toEqual({ held: false, short: [{ variantId: wanted, asked: 2, available: 1 }] })
  expect(await stored(deps, other)).toMatchObject({ available: 9, held: 0, secured: [] })
})

it('is secure already when the order was committed', async () => {
  const { deps, clock } = aWarehouse()
  const [variantId, orderId] = [await aVariantWith(deps, 2), anOrder()]
  await hold(deps, orderId, [line(variantId, 2)], clock() + holdFor)
  await secure(deps, orderId, [line(variantId, 2)])
  await commit(deps, orderId, [line(variantId, 2)])
  expect(await secure(deps, orderId, [line(variantId, 2)])).toEqual({ held: true })
  expect(await stored(deps, variantId)).toMatchObject({ available: 0, held: 0, sold: 2 })
})

it('is busy beyond its open holds, and free again when one is gone', async () => {
  const { deps, clock } = aWarehouse()
  const [variantId, first] = [await aVariantWith(deps, 5_000), anOrder()]
  await hold(deps, first, [line(variantId)], clock() + holdFor)
  const more = Array.from({ length: maxHolds - 1 }, () => ({ orderId: anOrder(), quantity: 1, expiresAt: clock() + holdFor }))
  await deps.stocks.collection.updateOne(
    { _id: variantId },
    { $push: { holds: { $each: more } }, $inc: { available: 1 - maxHolds, held: maxHolds - 1, openHolds: maxHolds - 1 } },
  )
  const refused = hold(deps, anOrder(), [line(variantId)], clock() + holdFor)
  await expect(refused).rejects.toMatchObject({ code: 'busy', meta: { retryAfter: 2 } })
  expect(await hold(deps, first, [line(variantId)], clock() + holdFor)).toEqual({ held: true })
  expect(await stored(deps, variantId)).toMatchObject({ held: maxHolds, openHolds: maxHolds })
  await release(deps, first, [line(variantId)])
  expect(await hold(deps, anOrder(), [line(variantId)], clock() + holdFor)).toEqual({ held: true })
})

it('lets a seller set the stock while shoppers take from it', async () => {
  const { deps, clock } = aWarehouse()
  const sellerId = 'usr_00000000000000000000000000' as const
  const variantId = await aVariantWith(deps, 10, sellerId)
  const set = (onHand: number) => setOnHand(deps, variantId, sellerId, { onHand, actorId: sellerId, reason: null })
  await Promise.all([
    ...Array.from({ length: 8 }, () => hold(deps, anOrder(), [line(variantId)], clock() + holdFor)),
    set(30),
    set(30),
  ])
  expect(await stored(deps, variantId)).toMatchObject({ available: 22, held: 8 })
  const refused = set(7)
  await expect(refused).rejects.toSatisfy((error) => AppError.is(error, 'invalid_state'))
  expect(await stored(deps, variantId)).toMatchObject({ available: 22, held: 8 })
  expect(await set(8)).toMatchObject({ available: 0, held: 8 })
})

it('does not set the stock over a hold that came between reading and writing', async () => {
  const { deps, clock } = aWarehouse()
  const sellerId = 'usr_00000000000000000000000000' as const
  const variantId = await aVariantWith(deps, 10, sellerId)
  const { load } = deps.stocks
  let holds = 0
  const racing = {
    ...deps.stocks,
    load: async (id: typeof variantId) => {
      const found = await load(id)
      if (holds++ < 2) await hold(deps, anOrder(), [line(variantId, 2)], clock() + holdFor)
      return found
    },
  }
  const change = { onHand: 20, actorId: sellerId, reason: null }
  await setOnHand({ ...deps, stocks: racing }, variantId, sellerId, change)
  expect(await stored(deps, variantId)).toMatchObject({ available: 16, held: 4 })
})
