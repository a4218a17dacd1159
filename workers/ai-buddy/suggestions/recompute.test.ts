import { describe, expect, it } from 'vitest'
import type { Described } from '../../../shared/contracts/product'
import { aClock } from '../../../shared/testing/factories'
import { aProduct, aSuggestingWorker, aVariant, restocked, updated } from '../testing/suggestion-fixtures'
import { dismissSuggestion } from './apply'
import { recomputeProduct, recordProductChange, recordStockChange, sweepSuggestions } from './recompute'

const day = 24 * 3_600_000
const aWorker = () => {
  const clock = aClock(Date.UTC(2026, 5, 15, 12))
  const worker = aSuggestingWorker({ now: clock })
  const { catalogue, deps } = worker
  return {
    ...worker,
    clock,
    change: async (product: Described) => recordProductChange(updated(catalogue.put(product)), deps),
    of: async ({ productId }: Described) => deps.suggestions.ofProducts([productId]),
  }
}

describe('a listing', () => {
  it('is computed from the present product, in whatever order events arrive', async () => {
    const { deps, catalogue, change, of } = aWorker()
    const first = aProduct({ title: 'DESK OF OAK' })
    const second = { ...first, title: 'Desk of oak', version: 2 }
    await change(second)
    await recordProductChange(updated(first), deps)
    await sweepSuggestions(deps)
    expect(await of(first)).toEqual([])
    expect(await deps.listings.load([first.productId])).toMatchObject([{ version: 2, facts: { title: 'Desk of oak' } }])
    catalogue.products.delete(first.productId)
    await recordStockChange(restocked(first, 9), deps)
    await sweepSuggestions(deps)
    expect(await deps.listings.load([first.productId])).toEqual([])
  })

  it('that is archived is deleted, and a late event does not bring it back', async () => {
    const { deps, change, of } = aWorker()
    const product = aProduct({ images: [] })
    await change(product)
    await sweepSuggestions(deps)
    expect(await of(product)).toHaveLength(1)
    await change({ ...product, status: 'archived', version: 2 })
    await sweepSuggestions(deps)
    await recordProductChange(updated(product), deps)
    await recordStockChange(restocked(product, 3), deps)
    await sweepSuggestions(deps)
    expect([await of(product), await deps.listings.load([product.productId])]).toEqual([[], []])
  })

  it('is recomputed again when it was marked during a recomputation', async () => {
    const { deps, catalogue, change, of, clock } = aWorker()
    const product = aProduct({ title: 'DESK OF OAK' })
    await change(product)
    catalogue.before = async () => {
      catalogue.before = undefined
      await change({ ...product, title: 'Desk of oak', version: 2 })
    }
    await recomputeProduct(deps, product.productId)
    expect(await of(product)).toHaveLength(1)
    expect((await deps.listings.due(clock(), 10)).map(({ _id }) => _id)).toContain(product.productId)
    await sweepSuggestions(deps)
    expect(await of(product)).toEqual([])
  })

  it('that is recomputed several times at once has each suggestion once', async () => {
    const { deps, change, of } = aWorker()
    const product = aProduct({ images: [], title: 'DESK OF OAK', description: 'Short.' })
    await change(product)
    await Promise.all(Array.from({ length: 4 }, () => recomputeProduct(deps, product.productId)))
    expect((await of(product)).map(({ key }) => key)).toHaveLength(3)
    expect(await of(product)).toHaveLength(3)
  })

  it('keeps the result of a newer version when an older recomputation finishes later', async () => {
    const { deps, catalogue, change, of } = aWorker()
    const product = aProduct({ title: 'DESK OF OAK' })
    await change(product)
    catalogue.before = async () => {
      catalogue.before = undefined
      await change({ ...product, title: 'Desk of oak', version: 2 })
      await recomputeProduct(deps, product.productId)
    }
    // This recomputation read version 1, and that of version 2 ends before it writes.
    await recomputeProduct(deps, product.productId)
    expect(await of(product)).toEqual([])
    expect(await deps.listings.load([product.productId])).toMatchObject([{ version: 2, facts: { title: 'Desk of oak' } }])
  })

  it('is recomputed again when another recomputation ended just before its write', async () => {
    const { deps, change, of } = aWorker()
    const product = aProduct({ title: 'DESK OF OAK' })
    await change(product)
    const write: typeof deps.suggestions.write = async (decided) => {
      await change({ ...product, title: 'Desk of oak', version: 2 })
      await recomputeProduct(deps, product.productId)
      return deps.suggestions.write(decided)
    }
    await recomputeProduct({ ...deps, suggestions: { ...deps.suggestions, write } }, product.productId)
    expect(await of(product)).toHaveLength(1)
    await sweepSuggestions(deps)
    expect(await of(product)).toEqual([])
  })

  it('keeps a dismissal that the seller made during a recomputation', async () => {
    const { deps, catalogue, change, of, clock } = aWorker()
    const product = aProduct({ title: 'DESK OF OAK' })
    await change(product)
    await sweepSuggestions(deps)
    const [suggestion] = await of(product)
    await change({ ...product, title: 'Desk of oak', version: 2 })
    catalogue.before = async () => {
      catalogue.before = undefined
      await dismissSuggestion(deps, product.sellerId, suggestion?._id ?? 'sug_', null)
      catalogue.put({ ...product, version: 3 })
    }
    await recomputeProduct(deps, product.productId)
    expect(await of(product)).toMatchObject([{ status: 'dismissed' }])
    expect((await deps.listings.due(clock(), 10)).map(({ _id }) => _id)).toContain(product.productId)
  })

  it('whose price changes makes the listings due that it is compared with, and no others', async () => {
    const { deps, change, clock, clear } = aWorker()
    await clear()
    const market = Array.from({ length: 4 }, () => aProduct({ category: 'desks', variants: [aVariant(40_000)] }))
    const [cheap] = market
    const stranger = aProduct({ category: 'lamps' })
    for (const product of [...market, stranger]) await change(product)
    await sweepSuggestions(deps)
    expect(await deps.listings.due(clock(), 10)).toEqual([])
    if (!cheap) throw new Error('There are four')
    await change({ ...cheap, version: 2, variants: [aVariant(30_000)] })
    await recomputeProduct(deps, cheap.productId)
    const due = (await deps.listings.due(clock(), 10)).map(({ _id }) => _id).sort()
    expect(due).toEqual(
      market
        .slice(1)
        .map(({ productId }) => productId)
        .sort(),
    )
    await sweepSuggestions(deps)
    // Their own facts are unchanged, so nothing else becomes due.
    expect(await deps.listings.due(clock(), 10)).toEqual([])
  })
})

describe('the sweep', () => {
  it('recomputes a bounded number of listings with a bounded number of calls, those with events first, and all within a day', async () => {
    const { deps, stored, catalogue, inventory, change, clock, clear } = aWorker()
    await clear()
    const products = Array.from({ length: 500 }, (_, at) =>
      aProduct({ title: `Desk ${at} of oak`, category: `many-${at}`, images: [] }),
    )
    for (const product of products) await change(product)
    let runs = 0
    while ((await deps.listings.due(clock(), 1)).length > 0 && runs < 20) {
      const asked = catalogue.asked + inventory.asked
      await sweepSuggestions(deps)
      runs += 1
      expect(catalogue.asked + inventory.asked - asked).toBeLessThanOrEqual(4)
    }
    expect(runs).toBe(5)
    expect(await stored.suggestions.find({ 'evidence.field': 'images' }, { projection: { _id: 1 } })).toHaveLength(500)

    clock.advance(day)
    const changed = products[321]
    if (!changed) throw new Error('There are 500')
    await change({ ...changed, version: 2, images: ['https://images.example/new.jpg'] })
    await sweepSuggestions(deps)
    expect(await deps.suggestions.ofProducts([changed.productId])).toEqual([])
    expect(await deps.listings.due(clock(), 500)).toHaveLength(400)
  })

  it('deletes suggestions that were applied long ago', async () => {
    const { deps, change, clock, of } = aWorker()
    const product = aProduct({ images: [] })
    await change(product)
    await sweepSuggestions(deps)
    const [found] = await of(product)
    await deps.suggestions.change(product.sellerId, found?._id ?? 'sug_', 'open', { status: 'applied', appliedAt: clock() })
    await change({ ...product, version: 2, images: ['https://images.example/new.jpg'] })
    clock.advance(90 * day)
    await sweepSuggestions(deps)
    expect(await of(product)).toHaveLength(1)
    clock.advance(1)
    await sweepSuggestions(deps)
    expect(await of(product)).toEqual([])
  })
})
