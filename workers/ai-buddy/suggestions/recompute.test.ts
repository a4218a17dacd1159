import { describe, expect, it } from 'vitest'
import { newId } from '../../../shared/contracts/ids'
import type { Described } from '../../../shared/contracts/product'
import { aClock } from '../../../shared/testing/factories'
import { aProduct, aSuggestingWorker, aVariant, restocked, sold, updated } from '../testing/suggestion-fixtures'
import { dismissSuggestion } from './apply'
import { computeNow, noteLevel, noteProduct, sweepSuggestions } from './recompute'
import { noteSale } from './sales'

const day = 24 * 3_600_000
const aWorker = () => {
  const clock = aClock(Date.UTC(2026, 5, 15, 12))
  const worker = aSuggestingWorker({ now: clock })
  const { catalogue, deps } = worker
  return {
    ...worker,
    clock,
    tell: async (product: Described) => noteProduct(updated(catalogue.put(product)), deps),
    of: async ({ productId }: Described) => deps.suggestions.ofProducts([productId]),
    clear: async () => {
      await deps.listings.collection.deleteMany({})
      await deps.suggestions.collection.deleteMany({})
      await deps.sales.collection.deleteMany({})
    },
  }
}

describe('sales', () => {
  const { deps, clock } = aWorker()
  const unitsOf = async (product: Described) => {
    const [{ documents }] = await deps.documents.batch([deps.sales.summing([product.productId], clock())])
    return documents.map(({ units }) => units).reduce((a, b) => a + b, 0)
  }

  it('are counted once per event, in whatever order and however often they come, also at once', async () => {
    const product = aProduct()
    const events = Array.from({ length: 12 }, (_, at) =>
      sold(product, at + 1, `2026-06-${String(at + 4).padStart(2, '0')}T10:00:00Z`),
    )
    const deliveries = [...events, ...[...events].reverse()]
    await Promise.all(deliveries.map((event) => noteSale(event, deps)))
    for (const event of events) await noteSale({ ...event, replay: newId('rpl') }, deps)
    expect(await unitsOf(product)).toBe(78)
  })

  it('of one variant in two lines of an order all count', async () => {
    const product = aProduct()
    const event = sold(product, 2, '2026-06-14T10:00:00Z')
    event.data.items.push(...event.data.items)
    await noteSale(event, deps)
    expect(await unitsOf(product)).toBe(4)
  })

  it('count for 28 days, today among them', async () => {
    const product = aProduct()
    await noteSale(sold(product, 1, '2026-05-19T00:00:00Z'), deps)
    await noteSale(sold(product, 10, '2026-05-18T23:59:59Z'), deps)
    await noteSale(sold(product, 100, '2026-06-15T11:59:00Z'), deps)
    expect(await unitsOf(product)).toBe(101)
    clock.advance(day)
    expect(await unitsOf(product)).toBe(100)
  })

  it('of forgotten days are not taken for news when they are told of again', async () => {
    const product = aProduct()
    const event = sold(product, 5, '2026-06-16T10:00:00Z')
    await noteSale(event, deps)
    clock.advance(40 * day)
    await sweepSuggestions(deps)
    expect(await deps.sales.collection.find({ productId: product.productId })).toEqual([])
    await noteSale(event, deps)
    expect(await deps.sales.collection.find({ productId: product.productId })).toEqual([])
  })

  it('are kept longer than they count, for clocks that differ', async () => {
    const product = aProduct()
    const event = sold(product, 5, new Date(clock()).toISOString())
    await noteSale(event, deps)
    await noteSale({ ...event, id: newId('evt') }, deps)
    clock.advance(28 * day)
    await sweepSuggestions(deps)
    clock.advance(-1 * day)
    await noteSale(event, deps)
    expect(await unitsOf(product)).toBe(10)
  })

  it('keep the ids of events that one document holds few', async () => {
    const product = aProduct()
    for (let at = 0; at < 64; at++) await noteSale(sold(product, 1, new Date(clock()).toISOString()), deps)
    const found = await deps.sales.collection.find({ productId: product.productId })
    expect(found.length).toBeGreaterThan(4)
    expect(found.length).toBeLessThanOrEqual(8)
  })
})

describe('a listing', () => {
  it('is computed from what holds when it is looked at, whatever order its news came in', async () => {
    const { deps, catalogue, tell, of } = aWorker()
    const first = aProduct({ title: 'DESK OF OAK' })
    const second = { ...first, title: 'Desk of oak', version: 2 }
    await tell(second)
    await noteProduct(updated(first), deps)
    await sweepSuggestions(deps)
    expect(await of(first)).toEqual([])
    expect(await deps.listings.those([first.productId])).toMatchObject([{ version: 2, facts: { title: 'Desk of oak' } }])
    catalogue.products.delete(first.productId)
    await noteLevel(restocked(first, 9), deps)
    await sweepSuggestions(deps)
    expect(await deps.listings.those([first.productId])).toEqual([])
  })

  it('that is archived leaves, and news that comes late does not bring it back', async () => {
    const { deps, tell, of } = aWorker()
    const product = aProduct({ images: [] })
    await tell(product)
    await sweepSuggestions(deps)
    expect(await of(product)).toHaveLength(1)
    await tell({ ...product, status: 'archived', version: 2 })
    await sweepSuggestions(deps)
    await noteProduct(updated(product), deps)
    await noteLevel(restocked(product, 3), deps)
    await sweepSuggestions(deps)
    expect([await of(product), await deps.listings.those([product.productId])]).toEqual([[], []])
  })

  it('is looked at again when it was woken while somebody looked', async () => {
    const { deps, catalogue, tell, of, clock } = aWorker()
    const product = aProduct({ title: 'DESK OF OAK' })
    await tell(product)
    catalogue.before = async () => {
      catalogue.before = undefined
      await tell({ ...product, title: 'Desk of oak', version: 2 })
    }
    await computeNow(deps, product.productId)
    expect(await of(product)).toHaveLength(1)
    expect((await deps.listings.due(clock(), 10)).map(({ _id }) => _id)).toContain(product.productId)
    await sweepSuggestions(deps)
    expect(await of(product)).toEqual([])
  })

  it('that two look at at once has each suggestion once', async () => {
    const { deps, tell, of } = aWorker()
    const product = aProduct({ images: [], title: 'DESK OF OAK', description: 'Short.' })
    await tell(product)
    await Promise.all(Array.from({ length: 4 }, () => computeNow(deps, product.productId)))
    expect((await of(product)).map(({ key }) => key)).toHaveLength(3)
    expect(await of(product)).toHaveLength(3)
  })

  it('that somebody read before it changed, and would write of after, is left as the other found it', async () => {
    const { deps, catalogue, tell, of } = aWorker()
    const product = aProduct({ title: 'DESK OF OAK' })
    await tell(product)
    catalogue.before = async () => {
      catalogue.before = undefined
      await tell({ ...product, title: 'Desk of oak', version: 2 })
      await computeNow(deps, product.productId)
    }
    // What was read is version 1, and version 2 is computed to its end before anything comes of that.
    await computeNow(deps, product.productId)
    expect(await of(product)).toEqual([])
    expect(await deps.listings.those([product.productId])).toMatchObject([{ version: 2, facts: { title: 'Desk of oak' } }])
  })

  it('that changed and was computed to the end while somebody was about to write is looked at again', async () => {
    const { deps, tell, of } = aWorker()
    const product = aProduct({ title: 'DESK OF OAK' })
    await tell(product)
    const { collection } = deps.suggestions
    const batch = async (operations: Parameters<typeof collection.batch>[0]) => {
      await tell({ ...product, title: 'Desk of oak', version: 2 })
      await computeNow(deps, product.productId)
      return collection.batch(operations)
    }
    const late = { ...deps.suggestions, collection: { batch } as unknown as typeof collection }
    await computeNow({ ...deps, suggestions: late }, product.productId)
    expect(await of(product)).toHaveLength(1)
    await sweepSuggestions(deps)
    expect(await of(product)).toEqual([])
  })

  it('that the seller dismissed something of meanwhile is not overruled', async () => {
    const { deps, catalogue, tell, of, clock } = aWorker()
    const product = aProduct({ title: 'DESK OF OAK' })
    await tell(product)
    await sweepSuggestions(deps)
    const [suggestion] = await of(product)
    await tell({ ...product, title: 'Desk of oak', version: 2 })
    catalogue.before = async () => {
      catalogue.before = undefined
      await dismissSuggestion(deps, product.sellerId, suggestion?._id ?? 'sug_', null)
      catalogue.put({ ...product, version: 3 })
    }
    await computeNow(deps, product.productId)
    expect(await of(product)).toMatchObject([{ status: 'dismissed' }])
    expect((await deps.listings.due(clock(), 10)).map(({ _id }) => _id)).toContain(product.productId)
  })

  it('whose price changes has those looked at that it is compared with, and others are left alone', async () => {
    const { deps, tell, clock, clear } = aWorker()
    await clear()
    const market = Array.from({ length: 4 }, () => aProduct({ category: 'desks', variants: [aVariant(40_000)] }))
    const [cheap] = market
    const stranger = aProduct({ category: 'lamps' })
    for (const product of [...market, stranger]) await tell(product)
    await sweepSuggestions(deps)
    expect(await deps.listings.due(clock(), 10)).toEqual([])
    if (!cheap) throw new Error('There are four')
    await tell({ ...cheap, version: 2, variants: [aVariant(30_000)] })
    await computeNow(deps, cheap.productId)
    const due = (await deps.listings.due(clock(), 10)).map(({ _id }) => _id).sort()
    expect(due).toEqual(
      market
        .slice(1)
        .map(({ productId }) => productId)
        .sort(),
    )
    await sweepSuggestions(deps)
    // Those found that they are what they were.
    expect(await deps.listings.due(clock(), 10)).toEqual([])
  })
})

describe('the sweep', () => {
  it('looks at a bounded number of listings with a bounded number of calls, those with news first, all in a day', async () => {
    const { deps, catalogue, inventory, tell, clock, clear } = aWorker()
    await clear()
    const products = Array.from({ length: 500 }, (_, at) =>
      aProduct({ title: `Desk ${at} of oak`, category: `many-${at}`, images: [] }),
    )
    for (const product of products) await tell(product)
    let runs = 0
    while ((await deps.listings.due(clock(), 1)).length > 0 && runs < 20) {
      const asked = catalogue.asked + inventory.asked
      await sweepSuggestions(deps)
      runs += 1
      expect(catalogue.asked + inventory.asked - asked).toBeLessThanOrEqual(4)
    }
    expect(runs).toBe(5)
    expect(await deps.suggestions.collection.find({ 'evidence.field': 'images' }, { projection: { _id: 1 } })).toHaveLength(500)

    clock.advance(day)
    const news = products[321]
    if (!news) throw new Error('There are 500')
    await tell({ ...news, version: 2, images: ['https://images.example/new.jpg'] })
    await sweepSuggestions(deps)
    expect(await deps.suggestions.ofProducts([news.productId])).toEqual([])
    expect(await deps.listings.due(clock(), 500)).toHaveLength(400)
  })

  it('forgets what was applied long ago', async () => {
    const { deps, tell, clock, of } = aWorker()
    const product = aProduct({ images: [] })
    await tell(product)
    await sweepSuggestions(deps)
    const [found] = await of(product)
    await deps.suggestions.change(product.sellerId, found?._id ?? 'sug_', 'open', { status: 'applied', appliedAt: clock() })
    await tell({ ...product, version: 2, images: ['https://images.example/new.jpg'] })
    clock.advance(90 * day)
    await sweepSuggestions(deps)
    expect(await of(product)).toHaveLength(1)
    clock.advance(1)
    await sweepSuggestions(deps)
    expect(await of(product)).toEqual([])
  })
})
