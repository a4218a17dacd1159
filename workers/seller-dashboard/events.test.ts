import { env } from 'cloudflare:workers'
import { beforeAll, expect, it } from 'vitest'
import { newId, type UserId } from '../../shared/contracts/ids'
import { deliver as deliverTo } from '../../shared/testing/queue'
import worker from './index'
import type { Heard } from './reading'
import { aDashboard, anOrder, aSold, aView, replayed, stubOf } from './testing/fixtures'

const noon = Date.UTC(2026, 2, 10, 12)
const thatDay = { from: noon - 12 * 3_600_000, until: noon + 12 * 3_600_000 }
const sumsOf = async (owner: UserId | 'marketplace') => (await stubOf(owner).series([thatDay]))[0]
const deliver = (events: readonly Heard[]) => deliverTo(worker.queue, env, 'seller-dashboard', events)

let sellers: [UserId, UserId]
beforeAll(async () => {
  sellers = [newId('usr'), newId('usr')]
  for (const owner of [...sellers, 'marketplace'] as const) await aDashboard(owner)
})

it('tells the dashboards of all sellers of an order, and that of the marketplace', async () => {
  const [one, other] = sellers
  const order = anOrder([aSold(one), aSold(other, { price: 300 })])
  const events = [order.created(noon), order.paid(noon + 1), order.shipped(noon + 3_600_000, one), aView(other, noon, 10)]
  expect((await deliver(events)).acked).toHaveLength(4)
  expect(await sumsOf(one)).toMatchObject({ orders: 1, views: 0, money: { USD: { gross: 1000 } } })
  expect(await sumsOf(other)).toMatchObject({ views: 10, viewsTold: 1, money: { USD: { gross: 300 } }, shipTimes: {} })
  expect(await sumsOf('marketplace')).toMatchObject({ placed: 1, orders: 1, views: 10, money: { USD: { gross: 1300 } } })
  expect(Object.values((await sumsOf(one))?.shipTimes ?? {})).toEqual([1])
})

it('has a refund wait until its order was heard of, and then finds its sellers', async () => {
  const [one, other] = sellers
  const order = anOrder([aSold(one), aSold(other)], 'EUR')
  const refund = order.refunded(noon + 9, 500)
  expect((await deliver([refund])).retried).toHaveLength(1)
  expect((await deliver([order.paid(noon)])).acked).toHaveLength(1)
  expect((await deliver([refund])).acked).toHaveLength(1)
  const refunds = [await sumsOf(one), await sumsOf(other), await sumsOf('marketplace')].map((sums) => sums?.money.EUR?.refunded)
  expect(refunds).toEqual([250, 250, 500])
})

it('takes in an order of as many sellers as a cart has lines at one go', async () => {
  const many = Array.from({ length: 100 }, () => newId('usr'))
  const order = anOrder(
    many.map((seller) => aSold(seller)),
    'SEK',
  )
  const events = [order.created(noon), order.paid(noon)].map(replayed)
  expect((await deliver(events)).acked).toHaveLength(2)
  // One minor unit for each but the last of them.
  expect((await deliver([replayed(order.refunded(noon, 99))])).acked).toHaveLength(1)
  const refunds = await Promise.all(many.map(async (seller) => (await sumsOf(seller))?.money.SEK?.refunded))
  expect(refunds).toEqual(many.map((_seller, index) => (index < 99 ? 1 : 0)))
})
