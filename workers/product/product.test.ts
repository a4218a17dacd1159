import { describe, expect, it } from 'vitest'
import { newId, type VariantId } from '../../shared/contracts/ids'
import { money } from '../../shared/contracts/money'
import { changed, type Draft, drafted, isVisible, type Product, quoteOf, sameDetails, skusOf, updatedData } from './product'

const ids = (count: number): VariantId[] => Array.from({ length: count }, () => newId('var'))
const [first, second] = ids(2)
const draft: Draft = {
  ...{ title: 'Desk', description: 'Solid', category: 'furniture', tags: ['oak'], images: [], status: 'active' },
  variants: [
    { sku: 'A', price: money(500, 'USD'), stock: 3 },
    { sku: 'B', price: money(300, 'USD'), title: 'large', options: { size: 'L' } },
  ],
}
const desk = drafted(draft, [first ?? 'var_', second ?? 'var_'])
const product: Product = {
  ...{
    _id: newId('prd'),
    sellerId: newId('usr'),
    version: 4,
    outbox: [],
    outboxPending: false,
    stock: {},
    createdAt: 1,
    updatedAt: 1,
  },
  ...desk,
}
const refusal = (path: string) =>
  expect.objectContaining({ code: 'validation_failed', meta: { errors: [expect.objectContaining({ path })] } })
const thrown = (work: () => unknown) => {
  try {
    return work()
  } catch (error) {
    return error
  }
}

describe('a new product', () => {
  it('has variants with ids, a currency and a lowest price', () => {
    expect(desk.variants).toEqual([
      { id: first, sku: 'A', title: null, options: {}, price: money(500, 'USD') },
      { id: second, sku: 'B', title: 'large', options: { size: 'L' }, price: money(300, 'USD') },
    ])
    expect(desk).toMatchObject({ currency: 'USD', lowestPrice: 300, titleKey: 'desk' })
    expect(desk.terms).toEqual(expect.arrayContaining(['desk', 'oak', 'solid']))
  })

  it('must have one currency, and each SKU once', () => {
    const price = money(1, 'EUR')
    expect(thrown(() => drafted({ ...draft, variants: [...draft.variants, { sku: 'C', price }] }, ids(3)))).toEqual(
      refusal('variants'),
    )
    const twice = { sku: 'A', price: money(1, 'USD') }
    expect(thrown(() => drafted({ ...draft, variants: [...draft.variants, twice] }, ids(3)))).toEqual(refusal('variants'))
  })
})

describe('a change', () => {
  it('replaces the fields that it has and keeps the rest', () => {
    const after = changed(product, { title: 'Table', variants: [{ id: second, price: money(200, 'USD') }] }, [])
    expect(after).toMatchObject({ title: 'Table', description: 'Solid', lowestPrice: 200, titleKey: 'table' })
    expect(after.variants).toEqual([desk.variants[0], { ...desk.variants[1], price: money(200, 'USD') }])
    expect(product.variants).toEqual(desk.variants)
  })

  it('adds a variant without an id', () => {
    const [id = 'var_'] = ids(1)
    const after = changed(product, { variants: [{ sku: 'C', price: money(100, 'USD') }] }, [id])
    expect(after.variants.map((variant) => variant.id)).toEqual([first, second, id])
    expect(after.lowestPrice).toBe(100)
  })

  it('clears the title of a variant only with null', () => {
    expect(changed(product, { variants: [{ id: second, title: null }] }, []).variants[1]?.title).toBeNull()
    expect(changed(product, { variants: [{ id: second, sku: 'Z' }] }, []).variants[1]?.title).toBe('large')
  })

  it('may change the currency of all variants, but not of one', () => {
    const euros = [first, second].map((id) => ({ id, price: money(100, 'EUR') }))
    expect(changed(product, { variants: euros }, []).currency).toBe('EUR')
    expect(thrown(() => changed(product, { variants: euros.slice(1) }, []))).toEqual(refusal('variants'))
  })

  it('refuses unknown ids, repeated ids and incomplete variants', () => {
    expect(thrown(() => changed(product, { variants: [{ id: newId('var') }] }, []))).toEqual(refusal('variants.0.id'))
    expect(thrown(() => changed(product, { variants: [{ id: first }, { id: first }] }, []))).toEqual(refusal('variants.1.id'))
    expect(thrown(() => changed(product, { variants: [{ sku: 'C' }] }, ids(1)))).toEqual(refusal('variants.0.price'))
    expect(thrown(() => changed(product, { variants: [{ price: money(1, 'USD') }] }, ids(1)))).toEqual(refusal('variants.0.sku'))
    expect(thrown(() => changed(product, { variants: [{ id: first, sku: 'B' }] }, []))).toEqual(refusal('variants'))
  })

  it('is no change when nothing differs', () => {
    expect(sameDetails(product, changed(product, { title: 'Desk', variants: [{ id: first, sku: 'A', stock: 9 }] }, []))).toBe(
      true,
    )
    expect(sameDetails(product, changed(product, { tags: [] }, []))).toBe(false)
  })
})

it('reserves no SKU once it is archived', () => {
  expect(skusOf(product)).toEqual(['A', 'B'])
  expect(skusOf({ ...product, status: 'archived' })).toEqual([])
})

it.each([
  ['active', undefined, true],
  ['draft', undefined, false],
  ['archived', { userId: newId('usr'), role: 'seller' }, false],
  ['draft', { userId: product.sellerId, role: 'seller' }, true],
  ['archived', { userId: newId('usr'), role: 'admin' }, true],
] as const)('visibility of a product that is %s to %o: %s', (status, viewer, visible) => {
  expect(isVisible({ ...product, status }, viewer)).toBe(visible)
})

it('makes the data of product.updated', () => {
  const owner = { ...product, version: 5 }
  expect(updatedData(owner, desk, null)).toMatchObject({
    version: 5,
    change: 'created',
    status: 'active',
    productId: product._id,
  })
  expect(updatedData(owner, desk, product).change).toBe('updated')
  expect(updatedData(owner, { ...desk, status: 'archived' }, product).change).toBe('archived')
  expect(updatedData(owner, { ...desk, status: 'archived' }, { status: 'archived' }).change).toBe('updated')
  expect(updatedData(owner, desk, product).variants).toEqual([
    { variantId: first, sku: 'A', title: 'Desk', unitPrice: money(500, 'USD') },
    { variantId: second, sku: 'B', title: 'Desk, large', unitPrice: money(300, 'USD') },
  ])
})

it('quotes a variant that is on sale, and answers gone for the rest', () => {
  const variantId = second ?? 'var_'
  expect(quoteOf(product, variantId)).toEqual({
    ...{ status: 'active', variantId, productId: product._id, productVersion: 4, sellerId: product.sellerId },
    ...{ sku: 'B', title: 'Desk, large', unitPrice: money(300, 'USD'), availability: 'out' },
  })
  expect(quoteOf({ ...product, status: 'draft' }, variantId)).toEqual({ status: 'gone', variantId })
  expect(quoteOf({ ...product, status: 'archived' }, variantId)).toEqual({ status: 'gone', variantId })
  expect(quoteOf(undefined, variantId)).toEqual({ status: 'gone', variantId })
})
