import { describe, expect, it } from 'vitest'
import { newId } from '../../../shared/contracts/ids'
import { aSeller, aVariant, restocked } from '../testing/suggestion-fixtures'
import { applySuggestion, dismissSuggestion, restoreSuggestion } from './apply'
import { recordStockChange, sweepSuggestions } from './recompute'

const { catalogue, inventory, deps, sellerId, clock, look, list, of, only, change, dear, scarce } = aSeller()

describe('a dismissal', () => {
  it('of a price holds while that price stays the same, whatever others do', async () => {
    const product = await dear()
    const { _id } = await only(product)
    expect(await dismissSuggestion(deps, sellerId, _id, 'it is worth it')).toMatchObject({
      status: 'dismissed',
      dismissal: { reason: 'it is worth it', at: clock() },
    })
    await list({ category: product.category, sellerId: newId('usr'), variants: [aVariant(30_000)] })
    await sweepSuggestions(deps)
    await change(product, { description: `${product.description} More.` })
    expect(await only(product)).toMatchObject({ status: 'dismissed' })
    await change(product, {
      variants: product.variants.map((variant) => ({ ...variant, unitPrice: { amount: 80_000, currency: 'USD' } })),
    })
    expect(await only(product)).toMatchObject({ _id, status: 'open', dismissal: null })
  })

  it('of a price holds while its comparables are off sale for a while', async () => {
    const product = await dear()
    const { _id } = await only(product)
    await dismissSuggestion(deps, sellerId, _id, null)
    const others = [...catalogue.products.values()].filter((each) => each.category === product.category && each !== product)
    for (const other of others.slice(0, 2)) await change(other, { status: 'draft' })
    await look(product)
    for (const other of others.slice(0, 2)) await change(other, { status: 'active' })
    await look(product)
    expect(await only(product)).toMatchObject({ _id, status: 'dismissed' })
  })

  it('of a stock alert ends when the stock recovered and ran low again', async () => {
    const product = await scarce()
    const { _id } = await only(product, 'stock')
    await dismissSuggestion(deps, sellerId, _id, null)
    await recordStockChange(restocked(product, 3, 'out'), deps)
    await sweepSuggestions(deps)
    expect(await only(product, 'stock')).toMatchObject({ status: 'dismissed' })
    // The stock recovered and ran low again before it was recomputed.
    await recordStockChange(restocked(product, 4), deps)
    await recordStockChange(restocked(product, 5, 'low'), deps)
    await sweepSuggestions(deps)
    expect(await only(product, 'stock')).toMatchObject({ _id, status: 'open' })
    await dismissSuggestion(deps, sellerId, _id, null)
    await recordStockChange(restocked(product, 4), deps)
    await recordStockChange(restocked(product, 2), deps)
    await sweepSuggestions(deps)
    expect(await only(product, 'stock')).toMatchObject({ status: 'dismissed' })
  })

  it('of a stock alert ends when the stock was counted as sufficient in between', async () => {
    const product = await scarce()
    const variantId = product.variants[0]?.variantId ?? 'var_'
    await dismissSuggestion(deps, sellerId, (await only(product, 'stock'))._id, null)
    inventory.stock.set(variantId, 100)
    await look(product)
    expect(await of(product, 'stock')).toEqual([])
    inventory.stock.set(variantId, 2)
    await look(product)
    expect(await only(product, 'stock')).toMatchObject({ status: 'open' })
  })

  it('of a flaw ends when the text changes, even if the new one has it too', async () => {
    const product = await list({ title: 'DESK OF OAK' })
    await dismissSuggestion(deps, sellerId, (await only(product))._id, null)
    await change(product, { tags: ['walnut', 'desk', 'home'] })
    expect(await only(product)).toMatchObject({ status: 'dismissed' })
    await change(product, { title: 'TABLE OF OAK' })
    expect(await only(product)).toMatchObject({ status: 'open' })
  })

  it('holds while the product is a draft, and is deleted when it is archived', async () => {
    const product = await list({ title: 'DESK OF OAK', images: [] })
    const title = (await of(product)).find(({ evidence }) => 'field' in evidence && evidence.field === 'title')
    await dismissSuggestion(deps, sellerId, title?._id ?? 'sug_', null)
    await change(product, { status: 'draft' })
    expect(await only(product)).toMatchObject({ status: 'dismissed' })
    await change(product, { status: 'active' })
    expect((await of(product)).map(({ status }) => status).sort()).toEqual(['dismissed', 'open'])
    await change(product, { status: 'archived' })
    expect(await of(product)).toEqual([])
    expect(await deps.listings.load([product.productId])).toEqual([])
  })

  it('can be repeated and taken back, and prevents applying until then', async () => {
    const product = await list({ title: 'DESK OF OAK' })
    const { _id } = await only(product)
    await dismissSuggestion(deps, sellerId, _id, 'first')
    expect(await dismissSuggestion(deps, sellerId, _id, 'second')).toMatchObject({ dismissal: { reason: 'first' } })
    await expect(applySuggestion(deps, sellerId, _id, {})).rejects.toMatchObject({ code: 'invalid_state' })
    expect(await restoreSuggestion(deps, sellerId, _id)).toMatchObject({ status: 'open', dismissal: null })
    expect(await restoreSuggestion(deps, sellerId, _id)).toMatchObject({ status: 'open' })
    await applySuggestion(deps, sellerId, _id, {})
    await expect(restoreSuggestion(deps, sellerId, _id)).rejects.toMatchObject({ code: 'invalid_state' })
  })
})
