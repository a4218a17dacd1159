import { expect, it } from 'vitest'
import { commit, confirm, hold, release, restock } from './commands'
import { commitWrite, maxHolds } from './stock'
import { sweep } from './sweep'
import { anOrder, aVariantWith, aWarehouse, holdFor, line, stored } from './testing/fixtures'

it('does not expire a confirmed hold', async () => {
  const { deps, clock } = aWarehouse()
  const [variantId, orderId] = [await aVariantWith(deps, 5), anOrder()]
  await hold(deps, orderId, [line(variantId, 4)], clock() + holdFor)
  expect(await confirm(deps, orderId, [line(variantId, 4)])).toEqual({ held: true })
  clock.advance(10 * holdFor)
  await sweep(deps)
  expect(await stored(deps, variantId)).toMatchObject({ available: 1, held: 4 })
})

it('takes an expired hold again for good when the money comes late', async () => {
  const { deps, clock } = aWarehouse()
  const [variantId, orderId] = [await aVariantWith(deps, 5), anOrder()]
  await hold(deps, orderId, [line(variantId, 4)], clock() + holdFor)
  clock.advance(holdFor)
  await sweep(deps)
  expect(await confirm(deps, orderId, [line(variantId, 4)])).toEqual({ held: true })
  clock.advance(10 * holdFor)
  await sweep(deps)
  expect(await stored(deps, variantId)).toMatchObject({ available: 1, held: 4, confirmed: [orderId] })
})

it('refuses when the money comes late and the units are gone, and keeps the other lines until the order is canceled', async () => {
  const { deps, clock } = aWarehouse()
  const [wanted, other, orderId] = [await aVariantWith(deps, 2), await aVariantWith(deps, 9), anOrder()]
  const lines = [line(other, 3), line(wanted, 2)]
  await hold(deps, orderId, lines, clock() + holdFor)
  clock.advance(holdFor)
  await sweep(deps)
  await hold(deps, anOrder(), [line(wanted)], clock() + holdFor)
  expect(await confirm(deps, orderId, lines)).toEqual({ held: false, short: [{ variantId: wanted, asked: 2, available: 1 }] })
  expect(await stored(deps, other)).toMatchObject({ available: 6, held: 3 })
  await release(deps, orderId, lines)
  expect(await stored(deps, other)).toMatchObject({ available: 9, held: 0, confirmed: [] })
})

it('answers held for an order that is already committed', async () => {
  const { deps, clock } = aWarehouse()
  const [variantId, orderId] = [await aVariantWith(deps, 2), anOrder()]
  await hold(deps, orderId, [line(variantId, 2)], clock() + holdFor)
  await confirm(deps, orderId, [line(variantId, 2)])
  await commit(deps, orderId, [line(variantId, 2)])
  expect(await confirm(deps, orderId, [line(variantId, 2)])).toEqual({ held: true })
  expect(await stored(deps, variantId)).toMatchObject({ available: 0, held: 0, sold: 2 })
})

it('does not touch what another delivery of the same event has confirmed', async () => {
  const { deps, clock } = aWarehouse()
  const [kept, scarce, orderId] = [await aVariantWith(deps, 9), await aVariantWith(deps, 2), anOrder()]
  const lines = [line(kept, 3), line(scarce, 2)]
  await hold(deps, orderId, lines, clock() + holdFor)
  clock.advance(holdFor)
  await sweep(deps)
  const other = anOrder()
  await hold(deps, other, [line(scarce)], clock() + holdFor)
  const { loadAll } = deps.stocks
  let looks = 0
  // The first delivery finds too few units of one variant; then units come back, and the second delivery confirms all lines.
  const late: typeof loadAll = async (ids) => {
    const found = await loadAll(ids)
    if (++looks === 2) {
      await release(deps, other, [line(scarce)])
      expect(await confirm(deps, orderId, lines)).toEqual({ held: true })
    }
    return found
  }
  expect(await confirm({ ...deps, stocks: { ...deps.stocks, loadAll: late } }, orderId, lines)).toMatchObject({ held: false })
  expect([await stored(deps, kept), await stored(deps, scarce)]).toMatchObject([{ held: 3 }, { held: 2 }])
  await commit(deps, orderId, lines)
  expect([await stored(deps, kept), await stored(deps, scarce)]).toMatchObject([{ sold: 3 }, { sold: 2 }])
})

it('answers held when another delivery confirmed the order and its sale has begun', async () => {
  const { deps, clock } = aWarehouse()
  const [first, second, orderId] = [await aVariantWith(deps, 3), await aVariantWith(deps, 3), anOrder()]
  const lines = [line(first), line(second)]
  await hold(deps, orderId, lines, clock() + holdFor)
  clock.advance(holdFor)
  await sweep(deps)
  const { attempt } = deps.stocks
  let attempts = 0
  const late: typeof attempt = async (writes) => {
    // Between taking again and confirming, the other delivery finishes and half of the order is sold.
    if (++attempts === 2) {
      await confirm(deps, orderId, lines)
      await attempt([commitWrite(orderId, line(first), clock())])
    }
    return attempt(writes)
  }
  expect(await confirm({ ...deps, stocks: { ...deps.stocks, attempt: late } }, orderId, lines)).toEqual({ held: true })
  expect(await stored(deps, second)).toMatchObject({ held: 1, confirmed: [orderId] })
})

it('answers busy, not a refusal, while a variant has too many open holds', async () => {
  const { deps, clock } = aWarehouse()
  const [variantId, orderId] = [await aVariantWith(deps, 10), anOrder()]
  const setOpenHolds = (openHolds: number) =>
    deps.stocks.attempt([{ filter: { _id: variantId }, update: { $set: { openHolds } } }])
  await setOpenHolds(maxHolds)
  await expect(confirm(deps, orderId, [line(variantId)])).rejects.toMatchObject({ code: 'busy' })
  await setOpenHolds(0)
  expect(await confirm(deps, orderId, [line(variantId)])).toEqual({ held: true })
  expect(await stored(deps, variantId)).toMatchObject({ held: 1, holds: [{ expiresAt: clock() + 60_000 }] })
})

it('is not undone by a checkout that is refused late', async () => {
  const { deps, clock } = aWarehouse()
  const [variantId, orderId] = [await aVariantWith(deps, 5), anOrder()]
  await hold(deps, orderId, [line(variantId, 2)], clock() + holdFor)
  await confirm(deps, orderId, [line(variantId, 2)])
  await release(deps, orderId, [line(variantId, 2)], 'unconfirmed')
  expect(await stored(deps, variantId)).toMatchObject({ available: 3, held: 2 })
  await release(deps, orderId, [line(variantId, 2)])
  expect(await stored(deps, variantId)).toMatchObject({ available: 5, held: 0 })
})

it('takes no units for an order whose units came back, even when its payment event comes after that', async () => {
  const { deps, clock } = aWarehouse()
  const [variantId, orderId] = [await aVariantWith(deps, 5), anOrder()]
  const lines = [line(variantId, 2)]
  await hold(deps, orderId, lines, clock() + holdFor)
  await confirm(deps, orderId, lines)
  await restock(deps, orderId, lines)
  expect(await confirm(deps, orderId, lines)).toMatchObject({ held: false })
  await commit(deps, orderId, lines)
  expect(await stored(deps, variantId)).toMatchObject({ available: 5, held: 0, sold: 0 })
})
