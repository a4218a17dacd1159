import { expect, it } from 'vitest'
import { commit, confirm, hold, levels, release, restock } from './commands'
import { maxHolds } from './stock'
import { sweep } from './sweep'
import { anOrder, aVariantWith, aWarehouse, holdFor, line, stored, unitsOf } from './testing/fixtures'

it('holds all lines or none', async () => {
  const { deps, clock } = aWarehouse()
  const [plenty, scarce] = [await aVariantWith(deps, 10), await aVariantWith(deps, 1)]
  const answer = await hold(deps, anOrder(), [line(plenty, 3), line(scarce, 2)], clock() + holdFor)
  expect(answer).toEqual({ held: false, short: [{ variantId: scarce, asked: 2, available: 1 }] })
  expect(await levels(deps, [plenty, scarce])).toMatchObject([{ available: 10 }, { available: 1 }])
  expect(await stored(deps, plenty)).toMatchObject({ held: 0, holds: [], openHolds: 0 })
})

it('answers that a variant without stock is out', async () => {
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

it('holds 50 units for exactly 50 of 200 shoppers at once', async () => {
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
      await confirm(deps, orderId, lines)
      await Promise.all([commit(deps, orderId, lines), commit(deps, orderId, lines)])
      if (index % 2 === 0) await Promise.all([restock(deps, orderId, lines), restock(deps, orderId, lines)])
    }),
  )
  for (const variantId of variants) {
    const stock = await stored(deps, variantId)
    expect(unitsOf(stock)).toBe(20)
    expect(stock.available).toBeGreaterThanOrEqual(0)
    expect(stock).toMatchObject({ held: 0, openHolds: 0, holds: [], confirmed: [] })
  }
})

it('holds once per order, however often it is called', async () => {
  const { deps, clock } = aWarehouse()
  const [variantId, orderId] = [await aVariantWith(deps, 5), anOrder()]
  const ask = () => hold(deps, orderId, [line(variantId, 2)], clock() + holdFor)
  expect(await Promise.all([ask(), ask(), ask()])).toEqual([{ held: true }, { held: true }, { held: true }])
  expect(await ask()).toEqual({ held: true })
  expect(await stored(deps, variantId)).toMatchObject({ available: 3, held: 2 })
})

it('releases once, and changes nothing for an order that holds nothing', async () => {
  const { deps, clock } = aWarehouse()
  const [variantId, orderId] = [await aVariantWith(deps, 5), anOrder()]
  await hold(deps, orderId, [line(variantId, 2)], clock() + holdFor)
  await Promise.all([release(deps, orderId, [line(variantId, 2)]), release(deps, orderId, [line(variantId, 2)])])
  await release(deps, anOrder(), [line(variantId, 2)])
  expect(await stored(deps, variantId)).toMatchObject({ available: 5, held: 0, sold: 0 })
})

it('expires unpaid holds to the millisecond', async () => {
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

it('does not expire holds that are confirmed or renewed while the sweep runs', async () => {
  const { deps, clock } = aWarehouse()
  const [variantId, confirmed, renewed] = [await aVariantWith(deps, 9), anOrder(), anOrder()]
  for (const orderId of [confirmed, renewed]) await hold(deps, orderId, [line(variantId, 2)], clock() + holdFor)
  clock.advance(holdFor)
  const { withOverdueHolds } = deps.stocks
  const late: typeof withOverdueHolds = async (...asked) => {
    const found = await withOverdueHolds(...asked)
    await confirm(deps, confirmed, [line(variantId, 2)])
    await release(deps, renewed, [line(variantId, 2)])
    await hold(deps, renewed, [line(variantId, 2)], clock() + holdFor)
    return found
  }
  await sweep({ ...deps, stocks: { ...deps.stocks, withOverdueHolds: late } })
  expect(await stored(deps, variantId)).toMatchObject({ available: 5, held: 4, openHolds: 2 })
})

it('answers busy at the most open holds, and holds again when one is released', async () => {
  const { deps, clock } = aWarehouse()
  const [variantId, first] = [await aVariantWith(deps, 5_000), anOrder()]
  await hold(deps, first, [line(variantId)], clock() + holdFor)
  const more = Array.from({ length: maxHolds - 1 }, () => ({ orderId: anOrder(), quantity: 1, expiresAt: clock() + holdFor }))
  const inc = { available: 1 - maxHolds, held: maxHolds - 1, openHolds: maxHolds - 1 }
  await deps.stocks.attempt([{ filter: { _id: variantId }, update: { $push: { holds: { $each: more } }, $inc: inc } }])
  const refused = hold(deps, anOrder(), [line(variantId)], clock() + holdFor)
  await expect(refused).rejects.toMatchObject({ code: 'busy', meta: { retryAfter: 2 } })
  expect(await hold(deps, first, [line(variantId)], clock() + holdFor)).toEqual({ held: true })
  expect(await stored(deps, variantId)).toMatchObject({ held: maxHolds, openHolds: maxHolds })
  await release(deps, first, [line(variantId)])
  expect(await hold(deps, anOrder(), [line(variantId)], clock() + holdFor)).toEqual({ held: true })
  // The sweeps of later tests would expire a thousand holds.
  await deps.stocks.attempt([{ filter: { _id: variantId }, update: { $set: { holds: [], openHolds: 0, held: 0 } } }])
})

it('renews the hold of a retry for the full time', async () => {
  const { deps, clock } = aWarehouse()
  const [variantId, orderId] = [await aVariantWith(deps, 5), anOrder()]
  await hold(deps, orderId, [line(variantId, 2)], clock() + holdFor)
  clock.advance(holdFor - 1)
  expect(await hold(deps, orderId, [line(variantId, 2)], clock() + holdFor)).toEqual({ held: true })
  clock.advance(holdFor - 1)
  await sweep(deps)
  expect(await stored(deps, variantId)).toMatchObject({ available: 3, held: 2, openHolds: 1, holds: [{ orderId }] })
  clock.advance(1)
  await sweep(deps)
  expect(await stored(deps, variantId)).toMatchObject({ available: 5, held: 0, openHolds: 0 })
})

it('does not answer held for units that expired and went to another order during the renewal', async () => {
  const { deps, clock } = aWarehouse()
  const [variantId, orderId] = [await aVariantWith(deps, 2), anOrder()]
  await hold(deps, orderId, [line(variantId, 2)], clock() + holdFor)
  clock.advance(holdFor)
  const { loadAll } = deps.stocks
  const late: typeof loadAll = async (ids) => {
    const found = await loadAll(ids)
    await sweep(deps)
    await hold(deps, anOrder(), [line(variantId)], clock() + holdFor)
    return found
  }
  const answer = await hold(
    { ...deps, stocks: { ...deps.stocks, loadAll: late } },
    orderId,
    [line(variantId, 2)],
    clock() + holdFor,
  )
  expect(answer).toMatchObject({ held: false, short: [{ variantId, asked: 2 }] })
})

it('refuses another quantity for the same order and keeps the hold', async () => {
  const { deps, clock } = aWarehouse()
  const [variantId, other, orderId] = [await aVariantWith(deps, 9), await aVariantWith(deps, 9), anOrder()]
  await hold(deps, orderId, [line(variantId, 2)], clock() + holdFor)
  const again = hold(deps, orderId, [line(other), line(variantId, 3)], clock() + holdFor)
  await expect(again).rejects.toMatchObject({ code: 'invalid_state' })
  await expect(confirm(deps, orderId, [line(variantId, 3)])).rejects.toMatchObject({ code: 'invalid_state' })
  expect(await stored(deps, variantId)).toMatchObject({ available: 7, held: 2, confirmed: [] })
  expect(await stored(deps, other)).toMatchObject({ available: 9, held: 0 })
})

it('releases only the lines that it took itself when it is refused, since the rest may be an order by now', async () => {
  const { deps, clock } = aWarehouse()
  const [first, second, scarce] = [await aVariantWith(deps, 9), await aVariantWith(deps, 9), await aVariantWith(deps, 1)]
  const orderId = anOrder()
  await hold(deps, orderId, [line(first)], clock() + holdFor)
  const answer = await hold(deps, orderId, [line(first), line(second), line(scarce, 2)], clock() + holdFor)
  expect(answer).toEqual({ held: false, short: [{ variantId: scarce, asked: 2, available: 1 }] })
  expect([await stored(deps, first), await stored(deps, second)]).toMatchObject([{ held: 1 }, { held: 0 }])
})
