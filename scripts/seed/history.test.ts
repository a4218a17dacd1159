import { describe, expect, it } from 'vitest'
import { events } from '../../shared/contracts/events.ts'
import { newId } from '../../shared/contracts/ids.ts'
import { type HistorySeller, historyDays, historyOf, type PastEvent } from './history.ts'

const now = Date.UTC(2026, 5, 15, 12)
const day = 86_400_000
const seller: HistorySeller = {
  ...{ place: 0, sellerId: newId('usr'), currency: 'USD', ordersPerDay: 6 },
  products: [1_000, 2_500, 9_900].map((price) => ({ productId: newId('prd'), variants: [{ variantId: newId('var'), price }] })),
}
const history = historyOf(seller, now)
const of = <T extends PastEvent['type']>(type: T, list = history) =>
  list.filter((event): event is Extract<PastEvent, { type: T }> => event.type === type)
const dayOf = ({ time }: PastEvent) => time.slice(0, 10)

describe('the history of a seller', () => {
  it('is the same each time, with ids of its own', () => {
    expect(historyOf(seller, now)).toEqual(history)
    expect(new Set(history.map(({ id }) => id)).size).toBe(history.length)
    const other = historyOf({ ...seller, place: 1 }, now)
    expect(new Set([...history, ...other].map(({ id }) => id)).size).toBe(history.length + other.length)
  })

  it('has the same orders a day later, of the days that both cover', () => {
    const known = new Map(historyOf(seller, now + day).map((event) => [event.id, event]))
    const common = history.filter(({ id }) => known.has(id))
    expect(common.length).toBeGreaterThan(history.length * 0.9)
    expect(common.filter((event) => JSON.stringify(known.get(event.id)) !== JSON.stringify(event))).toEqual([])
  })

  it('is made of events that the catalogue accepts, of the last 90 days', () => {
    for (const event of history) expect(events[event.type].data.safeParse(event.data).error).toBeUndefined()
    expect(history.filter(({ time }) => Date.parse(time) > now || Date.parse(time) < now - historyDays * day)).toEqual([])
    expect(new Set(of('order.paid').map(dayOf)).size).toBeGreaterThan(85)
    expect(new Set(of('product.viewed').map(dayOf)).size).toBeGreaterThan(85)
  })

  it('has orders that add up, and ends that follow from a beginning', () => {
    const placed = new Map(of('order.created').map((event) => [event.data.orderId, event]))
    const paid = new Map(of('order.paid').map((event) => [event.data.orderId, event]))
    for (const { data } of of('order.created')) {
      expect(data.items.reduce((sum, { lineTotal }) => sum + lineTotal.amount, 0)).toBe(data.grand.amount)
      expect(data.groups.map(({ subtotal }) => subtotal)).toEqual([data.grand])
    }
    for (const [orderId, { time }] of paid) expect(Date.parse(time)).toBeGreaterThan(Date.parse(placed.get(orderId)?.time ?? ''))
    for (const { data, time } of of('payment.refunded')) {
      expect(Date.parse(time)).toBeGreaterThan(Date.parse(paid.get(data.orderId)?.time ?? ''))
      expect(data.refundedTotal.amount).toBeLessThanOrEqual(data.amount.amount)
    }
    const canceled = new Set(of('order.canceled').map(({ data }) => data.orderId))
    expect(of('order.shipped').filter(({ data }) => canceled.has(data.orderId) || !paid.has(data.orderId))).toEqual([])
    expect([canceled.size, of('payment.refunded').length].every((count) => count > 20)).toBe(true)
  })

  it('grows, and is busier at weekends and in the week of the sale', () => {
    const ordersOn = (isIn: (at: Date) => boolean) => of('order.created').filter(({ time }) => isIn(new Date(time))).length
    const isWeekend = (at: Date) => at.getUTCDay() % 6 === 0
    expect(ordersOn(isWeekend) / 2).toBeGreaterThan(ordersOn((at) => !isWeekend(at)) / 5)
    expect(ordersOn((at) => at.getTime() > now - 30 * day)).toBeGreaterThan(ordersOn((at) => at.getTime() < now - 60 * day))
    const weeks = Map.groupBy(of('order.created'), ({ time }) => Math.floor(Date.parse(time) / (7 * day)))
    const counts = [...weeks.values()].map(({ length }) => length).sort((a, b) => b - a)
    expect(counts[0]).toBeGreaterThan((counts[1] ?? 0) * 1.1)
  })
})
