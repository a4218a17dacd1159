import { describe, expect, it } from 'vitest'
import { newId, type SuggestionId } from '../../../shared/contracts/ids'
import type { Described } from '../../../shared/contracts/product'
import { aSeller, aVariant } from '../testing/suggestion-fixtures'
import { applySuggestion, dismissSuggestion, restoreSuggestion } from './apply'
import { recomputeProduct, sweepSuggestions } from './recompute'

const { catalogue, inventory, deps, sellerId, clock, look, list, only, dear, scarce } = aSeller()
const nobody = newId('usr')
const apply = (id: SuggestionId, given = {}) => applySuggestion(deps, sellerId, id, given)

describe('applying a suggestion', () => {
  it('about a price sets it once, on the version of the product that it was computed from', async () => {
    const product = await dear()
    const { _id } = await only(product)
    expect(await apply(_id)).toMatchObject({ status: 'applied', appliedAt: clock() })
    expect(catalogue.revisions.at(-1)).toMatchObject({ version: 1, prices: [{ unitPrice: { amount: 40_000, currency: 'USD' } }] })
    const { length } = catalogue.revisions
    expect(await apply(_id)).toMatchObject({ status: 'applied' })
    expect(catalogue.revisions).toHaveLength(length)
    await look(product)
    expect(await only(product)).toMatchObject({ _id, status: 'applied' })
  })

  it('about stock books the proposed units as arrived, once', async () => {
    const product = await scarce()
    const { _id } = await only(product, 'stock')
    await Promise.all([apply(_id), apply(_id)].map((each) => each.catch(() => {})))
    expect(await apply(_id)).toMatchObject({ status: 'applied', proposal: { quantity: 25 } })
    expect(inventory.stock.get(product.variants[0]?.variantId ?? 'var_')).toBe(28)
  })

  it('about stock books the quantity that the seller gives, and a new shortage is another delivery', async () => {
    const product = await scarce()
    const variantId = product.variants[0]?.variantId ?? 'var_'
    const { _id } = await only(product, 'stock')
    await apply(_id, { quantity: 40 })
    expect(inventory.stock.get(variantId)).toBe(43)
    inventory.stock.set(variantId, 1)
    await look(product)
    expect(await only(product, 'stock')).toMatchObject({ _id, status: 'open', appliedAt: null, openings: 2 })
    await apply(_id, { quantity: 10 })
    expect(inventory.stock.get(variantId)).toBe(11)
  })

  it('is not possible for a variant that no longer exists: the suggestion is deleted', async () => {
    const product = await scarce()
    await only(product, 'stock')
    await look(catalogue.put({ ...product, version: 2, variants: [aVariant()] }))
    expect(await deps.suggestions.ofProducts([product.productId])).toEqual([])
  })

  it("without a proposal takes the seller's own, and names the missing field", async () => {
    const product = await list({ images: [] })
    const { _id } = await only(product)
    await expect(apply(_id)).rejects.toMatchObject({ code: 'validation_failed', meta: { errors: [{ path: 'images' }] } })
    await expect(apply(_id, { title: 'x' })).rejects.toMatchObject({ meta: { errors: [{ path: 'title' }] } })
    await apply(_id, { images: ['https://images.example/new.jpg'] })
    expect(catalogue.products.get(product.productId)?.images).toEqual(['https://images.example/new.jpg'])
  })

  it('takes what the seller gives in place of the proposal, and reports why product refuses it', async () => {
    const product = await list({ title: 'DESK OF OAK' })
    const { _id, revision } = await only(product)
    await expect(apply(_id, { title: 'refused', version: revision })).rejects.toMatchObject({ code: 'validation_failed' })
    expect(await apply(_id, { title: 'A desk of oak', version: revision })).toMatchObject({ status: 'applied' })
    expect(catalogue.products.get(product.productId)?.title).toBe('A desk of oak')
  })

  it('is refused when the product changed since, and the suggestion is computed anew', async () => {
    const product = await list({ title: 'DESK OF OAK' })
    const { _id } = await only(product)
    catalogue.put({ ...product, title: 'TABLE OF OAK', version: 2 })
    await expect(apply(_id)).rejects.toMatchObject({ code: 'conflict' })
    expect(await only(product)).toMatchObject({ _id, status: 'open', productVersion: 2, proposal: { title: 'Table of oak' } })
    await apply(_id)
    expect(catalogue.products.get(product.productId)?.title).toBe('Table of oak')
  })

  it('is refused when the suggestion changed since the seller saw it', async () => {
    const product = await dear()
    const { _id, revision } = await only(product)
    await list({ category: product.category, sellerId: newId('usr'), variants: [aVariant(20_000)] })
    await sweepSuggestions(deps)
    await list({ category: product.category, sellerId: newId('usr'), variants: [aVariant(20_000)] })
    await sweepSuggestions(deps)
    expect((await only(product)).revision).toBeGreaterThan(revision)
    await expect(apply(_id, { version: revision })).rejects.toMatchObject({ code: 'conflict' })
    expect(catalogue.products.get(product.productId)?.version).toBe(1)
  })

  it('finds the suggestion unchanged while its evidence is the same', async () => {
    const product = await dear()
    const before = await only(product)
    clock.advance(3_600_000)
    await look(product)
    expect(await only(product)).toEqual(before)
  })

  it('leaves it applied when it is dismissed at the same time', async () => {
    const product = await list({ title: 'DESK OF OAK' })
    const { _id } = await only(product)
    catalogue.before = async (what) => {
      if (what === 'revise') await dismissSuggestion(deps, sellerId, _id, null)
    }
    expect(await apply(_id)).toMatchObject({ status: 'applied', dismissal: null })
    catalogue.before = undefined
    await expect(dismissSuggestion(deps, sellerId, _id, null)).rejects.toMatchObject({ code: 'invalid_state' })
  })

  it('twice at once does it once, and both return it as applied', async () => {
    const product = await list({ title: 'DESK OF OAK' })
    const { _id } = await only(product)
    const both = await Promise.all([apply(_id), apply(_id)])
    expect(both.map(({ status }) => status)).toEqual(['applied', 'applied'])
    expect(catalogue.products.get(product.productId)?.version).toBe(2)
  })

  it('leaves it applied when it is recomputed before that is recorded', async () => {
    const product = await list({ title: 'DESK OF OAK' })
    const { _id } = await only(product)
    catalogue.before = async (what) => {
      if (what !== 'revised') return
      catalogue.before = undefined
      await look({ ...product, version: 2 })
    }
    expect(await apply(_id)).toMatchObject({ status: 'applied' })
    expect(await only(product)).toMatchObject({ _id, status: 'applied' })
  })

  it('leaves it applied when a recomputation that began earlier deletes it before that is recorded', async () => {
    const product = await list({ title: 'DESK OF OAK' })
    const { _id } = await only(product)
    const [read, begun] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const ofProducts: typeof deps.suggestions.ofProducts = async (ids) => {
      const found = await deps.suggestions.ofProducts(ids)
      read.resolve()
      await begun.promise
      return found
    }
    const computing = recomputeProduct({ ...deps, suggestions: { ...deps.suggestions, ofProducts } }, product.productId)
    await read.promise
    catalogue.before = async (what) => {
      if (what !== 'revised') return
      catalogue.before = undefined
      begun.resolve()
      await computing
      expect(await deps.suggestions.load(sellerId, _id)).toBeNull()
    }
    expect(await apply(_id)).toMatchObject({ status: 'applied' })
    expect(await only(product)).toMatchObject({ _id, status: 'applied' })
  })
})

describe('an attempt that fails', () => {
  const broken = async (product: Described) => {
    const { _id } = await only(product)
    catalogue.before = (what) => {
      if (what === 'revised') throw new Error('the Worker is gone')
    }
    await expect(apply(_id)).rejects.toMatchObject({ code: 'unavailable' })
    catalogue.before = undefined
    expect(await only(product)).toMatchObject({ status: 'open', applying: clock() })
    return _id
  }

  it('after the change is recorded as applied by the next recomputation', async () => {
    const product = await list({ title: 'DESK OF OAK' })
    const _id = await broken(product)
    await look(product)
    expect(await only(product)).toMatchObject({ _id, status: 'applied', appliedAt: clock(), applying: null })
  })

  it('after the change is completed by the next attempt', async () => {
    const product = await list({ title: 'DESK OF OAK' })
    const _id = await broken(product)
    expect(await apply(_id)).toMatchObject({ status: 'applied' })
    expect(catalogue.products.get(product.productId)?.version).toBe(2)
  })

  it('before the change is released after a minute', async () => {
    const product = await list({ title: 'DESK OF OAK' })
    const { _id } = await only(product)
    catalogue.before = (what) => {
      if (what === 'revise') throw new Error('the Worker is gone')
    }
    await expect(apply(_id)).rejects.toMatchObject({ code: 'unavailable' })
    catalogue.before = undefined
    await look(product)
    expect((await only(product)).applying).toBe(clock())
    clock.advance(60_000)
    await look(product)
    expect(await only(product)).toMatchObject({ status: 'open', applying: null })
  })
})

it("another seller's suggestion is not found", async () => {
  const { _id } = await only(await list({ title: 'DESK OF OAK' }))
  for (const attempt of [
    () => applySuggestion(deps, nobody, _id, {}),
    () => dismissSuggestion(deps, nobody, _id, null),
    () => restoreSuggestion(deps, nobody, _id),
  ])
    await expect(attempt()).rejects.toMatchObject({ code: 'not_found' })
  expect(await deps.suggestions.load(sellerId, _id)).toMatchObject({ status: 'open', applying: null })
})
