import { describe, expect, it } from 'vitest'
import { newId } from '../../../shared/contracts/ids'
import type { Described } from '../../../shared/contracts/product'
import { aClock } from '../../../shared/testing/factories'
import { aProduct, aSuggestingWorker, sold } from '../testing/suggestion-fixtures'
import { sweepSuggestions } from './recompute'
import { recordSale } from './sales'

const day = 24 * 3_600_000

describe('sales', () => {
  const clock = aClock(Date.UTC(2026, 5, 15, 12))
  const { deps, stored } = aSuggestingWorker({ now: clock })
  const unitsOf = async (product: Described) => {
    const [{ documents }] = await deps.documents.batch([deps.sales.totalsPlan([product.productId], clock())])
    return documents.map(({ units }) => units).reduce((a, b) => a + b, 0)
  }

  it('are counted once per event, in whatever order and however often events arrive, also at once', async () => {
    const product = aProduct()
    const events = Array.from({ length: 12 }, (_, at) =>
      sold(product, at + 1, `2026-06-${String(at + 4).padStart(2, '0')}T10:00:00Z`),
    )
    const deliveries = [...events, ...[...events].reverse()]
    await Promise.all(deliveries.map((event) => recordSale(event, deps)))
    for (const event of events) await recordSale({ ...event, replay: newId('rpl') }, deps)
    expect(await unitsOf(product)).toBe(78)
  })

  it('of one variant in two lines of an order both count', async () => {
    const product = aProduct()
    const event = sold(product, 2, '2026-06-14T10:00:00Z')
    event.data.items.push(...event.data.items)
    await recordSale(event, deps)
    expect(await unitsOf(product)).toBe(4)
  })

  it('count for 28 days, today among them', async () => {
    const product = aProduct()
    await recordSale(sold(product, 1, '2026-05-19T00:00:00Z'), deps)
    await recordSale(sold(product, 10, '2026-05-18T23:59:59Z'), deps)
    await recordSale(sold(product, 100, '2026-06-15T11:59:00Z'), deps)
    expect(await unitsOf(product)).toBe(101)
    clock.advance(day)
    expect(await unitsOf(product)).toBe(100)
  })

  it('of a deleted day are not counted when the event is repeated', async () => {
    const product = aProduct()
    const event = sold(product, 5, '2026-06-16T10:00:00Z')
    await recordSale(event, deps)
    clock.advance(40 * day)
    await sweepSuggestions(deps)
    expect(await stored.sales.find({ productId: product.productId })).toEqual([])
    await recordSale(event, deps)
    expect(await stored.sales.find({ productId: product.productId })).toEqual([])
  })

  it('are kept longer than they count, because clocks differ', async () => {
    const product = aProduct()
    const event = sold(product, 5, new Date(clock()).toISOString())
    await recordSale(event, deps)
    await recordSale({ ...event, id: newId('evt') }, deps)
    clock.advance(28 * day)
    await sweepSuggestions(deps)
    clock.advance(-1 * day)
    await recordSale(event, deps)
    expect(await unitsOf(product)).toBe(10)
  })

  it('are spread over documents, so that each holds few event ids', async () => {
    const product = aProduct()
    for (let at = 0; at < 64; at++) await recordSale(sold(product, 1, new Date(clock()).toISOString()), deps)
    const found = await stored.sales.find({ productId: product.productId })
    expect(found.length).toBeGreaterThan(4)
    expect(found.length).toBeLessThanOrEqual(8)
  })
})
