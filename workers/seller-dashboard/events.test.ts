import { env } from 'cloudflare:workers'
import { beforeAll, expect, it } from 'vitest'
import { newId, type UserId } from '../../shared/contracts/ids'
import { deliver as deliverTo } from '../../shared/testing/queue'
import type { DashboardEvent } from './dashboard-api'
import worker from './index'
import { aDashboard, anOrder, aSoldLine, aView, clearDashboard, replayed, stubOf } from './testing/fixtures'

const noon = Date.UTC(2026, 2, 10, 12)
const thatDay = { from: noon - 12 * 3_600_000, until: noon + 12 * 3_600_000 }
const sumsOf = async (owner: UserId | 'marketplace') => (await stubOf(owner).series([thatDay]))[0]
const deliver = (events: readonly DashboardEvent[]) => deliverTo(worker.queue, env, 'seller-dashboard', events)

let sellers: [UserId, UserId]
beforeAll(async () => {
  sellers = [newId('usr'), newId('usr')]
  await clearDashboard('marketplace')
  for (const owner of [...sellers, 'marketplace'] as const) await aDashboard(owner)
})

it('sends an order to the dashboards of all its sellers and of the marketplace', async () => {
  const [one, other] = sellers
  const order = anOrder([aSoldLine(one), aSoldLine(other, { price: 300 })])
  const events = [order.created(noon), order.paid(noon + 1), order.shipped(noon + 3_600_000, one), aView(other, noon, 10)]
  expect((await deliver(events)).acked).toHaveLength(4)
  expect(await sumsOf(one)).toMatchObject({ orders: 1, views: 0, money: { USD: { gross: 1000 } } })
  expect(await sumsOf(other)).toMatchObject({ views: 10, viewEvents: 1, money: { USD: { gross: 300 } }, shipTimes: {} })
  expect(await sumsOf('marketplace')).toMatchObject({ placed: 1, orders: 1, views: 10, money: { USD: { gross: 1300 } } })
  expect(Object.values((await sumsOf(one))?.shipTimes ?? {})).toEqual([1])
})

it('retries a refund until its order is known, and then finds its sellers', async () => {
  const [one, other] = sellers
  const order = anOrder([aSoldLine(one), aSoldLine(other)], 'EUR')
  const refund = order.refunded(noon + 9, 500)
  expect((await deliver([refund])).retried).toHaveLength(1)
  expect((await deliver([order.paid(noon)])).acked).toHaveLength(1)
  expect((await deliver([refund])).acked).toHaveLength(1)
  const refunds = [await sumsOf(one), await sumsOf(other), await sumsOf('marketplace')].map((sums) => sums?.money.EUR?.refunded)
  expect(refunds).toEqual([250, 250, 500])
})

it('ingests an order with as many sellers as a cart has lines', async () => {
  const many = Array.from({ length: 100 }, () => newId('usr'))
  const order = anOrder(
    many.map((seller) => aSoldLine(seller)),
    'SEK',
  )
  const events = [order.created(noon), order.paid(noon)].map(replayed)
  expect((await deliver(events)).acked).toHaveLength(2)
  // One minor unit for each seller except the last.
  expect((await deliver([replayed(order.refunded(noon, 99))])).acked).toHaveLength(1)
  const refunds = await Promise.all(many.map(async (seller) => (await sumsOf(seller))?.money.SEK?.refunded))
  expect(refunds).toEqual(many.map((_seller, index) => (index < 99 ? 1 : 0)))
})
