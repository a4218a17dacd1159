import { describe, expect, it } from 'vitest'
import { anActor } from '../../../shared/testing/factories'
import { call } from '../../../shared/testing/http'
import { suggestionFor } from '../testing/suggestion-cases'
import { aProduct, aSuggestingWorker, aVariant, sold, updated } from '../testing/suggestion-fixtures'
import { recomputeProduct, recordProductChange } from './recompute'
import { recordSale } from './sales'

const worker = aSuggestingWorker()
const { endpoint, deps, catalogue, inventory } = worker
const root = '/v1/assistant/seller/suggestions'
const list = (actor: ReturnType<typeof anActor>, query = '') => call(endpoint, 'GET', `${root}${query}`, { actor })
const post = (actor: ReturnType<typeof anActor>, path: string, body?: object, headers = {}) =>
  call(endpoint, 'POST', `${root}/${path}`, { actor, headers, ...(body ? { body } : {}) })

/** A seller with one suggestion of each kind. */
async function aTroubledSeller() {
  const seller = anActor('seller')
  const category = `c-${seller.userId.slice(-8)}`
  const product = aProduct({ sellerId: seller.userId, category, title: 'DESK OF OAK', tags: ['walnut', 'desk', 'oak'] })
  const others = Array.from({ length: 4 }, () =>
    aProduct({ category, title: 'Oak desk of walnut', variants: [aVariant(40_000)] }),
  )
  for (const each of [...others, product]) {
    catalogue.put(each)
    await recordProductChange(updated(each), deps)
    await recomputeProduct(deps, each.productId)
  }
  inventory.stock.set(product.variants[0]?.variantId ?? 'var_', 2)
  await recordSale(sold(product, 14, new Date().toISOString()), deps)
  await recomputeProduct(deps, product.productId)
  return { seller, product }
}

describe('a seller', () => {
  it('sees each suggestion with its evidence and with what applying does', async () => {
    const { seller, product } = await aTroubledSeller()
    const { status, json } = await list(seller)
    expect([status, json.nextCursor, json.items.length]).toEqual([200, null, 3])
    const byKind = Object.fromEntries(json.items.map((item: { kind: string }) => [item.kind, item]))
    expect(byKind).toMatchObject({
      price: {
        product: { id: product.productId, title: 'DESK OF OAK', version: 1 },
        evidence: { price: { amount: 64_900 }, median: { amount: 40_000 }, comparables: [{}, {}, {}, {}] },
        proposal: { prices: [{ unitPrice: { amount: 40_000, currency: 'USD' } }] },
        apply: { does: 'Sets the price to USD 400.00', takes: null, needs: null },
      },
      stock: {
        evidence: { available: 2, availability: 'low', unitsSold: 14, dailySales: 0.5, daysOfCover: 4 },
        proposal: { quantity: 12 },
        apply: { does: 'Books 12 units as arrived', takes: 'quantity', needs: null },
      },
      listing: {
        evidence: { field: 'title', flaw: 'title_in_capitals', present: ['DESK OF OAK'] },
        proposal: { title: 'Desk of oak' },
        apply: { does: 'Sets the title to “Desk of oak”', takes: 'title', needs: null },
      },
    })
    expect((await list(seller, '?kind=stock')).json.items).toEqual([byKind.stock])
    expect((await list(anActor('seller'))).json.items).toEqual([])
    for (const query of ['?kind=other', '?status=gone', '?limit=0', '?cursor=x', `?sellerId=${seller.userId}`])
      expect((await list(seller, query)).status, query).toBe(422)
  })

  it('reads suggestions page by page', async () => {
    const { seller } = await aTroubledSeller()
    const seen: string[] = []
    let cursor = ''
    for (let pages = 0; pages < 3; pages++) {
      const { json } = await list(seller, `?limit=1${cursor}`)
      seen.push(...json.items.map(({ kind }: { kind: string }) => kind))
      cursor = `&cursor=${json.nextCursor}`
    }
    expect(cursor).toBe('&cursor=null')
    expect(seen.sort()).toEqual(['listing', 'price', 'stock'])
  })

  it('applies, dismisses and restores, and finds each suggestion under its status', async () => {
    const { seller } = await aTroubledSeller()
    const items: { id: string; kind: string; version: number }[] = (await list(seller)).json.items
    const idOf = (kind: string) => items.find((item) => item.kind === kind)?.id
    const applied = await post(seller, `${idOf('stock')}/apply`, { quantity: 30, version: 1 })
    expect([applied.status, applied.json.status, applied.json.apply.takes]).toEqual([200, 'applied', 'quantity'])
    const dismissed = await post(seller, `${idOf('price')}/dismiss`, { reason: 'It is worth it' })
    expect(dismissed.json).toMatchObject({ status: 'dismissed', dismissal: { reason: 'It is worth it' } })
    const kinds = async (status: string) =>
      (await list(seller, `?status=${status}`)).json.items.map((item: { kind: string }) => item.kind)
    expect([await kinds('open'), await kinds('dismissed'), await kinds('applied')]).toEqual([['listing'], ['price'], ['stock']])
    expect((await post(seller, `${idOf('price')}/apply`, {})).json.code).toBe('invalid_state')
    expect((await post(seller, `${idOf('price')}/restore`)).json).toMatchObject({ status: 'open', dismissal: null })
    expect((await post(seller, `${idOf('stock')}/restore`)).json.code).toBe('invalid_state')
  })

  it('gets an error that names the missing field, or one that does not belong to the suggestion', async () => {
    const seller = anActor('seller')
    const { _id } = await suggestionFor(worker, seller)
    const missing = await post(seller, `${_id}/apply`, {})
    expect([missing.status, missing.json.errors]).toEqual([422, [{ path: 'images', message: 'only you can give this' }]])
    const surplus = await post(seller, `${_id}/apply`, { images: ['https://images.example/a.jpg'], quantity: 3 })
    expect([surplus.status, surplus.json.errors[0].path]).toEqual([422, 'quantity'])
    const stale = await post(seller, `${_id}/apply`, { images: ['https://images.example/a.jpg'], version: 7 })
    expect([stale.status, stale.json.code]).toEqual([409, 'conflict'])
  })

  it('who repeats a request books a delivery once, under the same idempotency key or another', async () => {
    const { seller, product } = await aTroubledSeller()
    const id = (await list(seller, '?kind=stock')).json.items[0].id
    for (const key of ['one', 'one', 'two']) {
      const { status } = await post(seller, `${id}/apply`, {}, { 'idempotency-key': key })
      expect(status).toBe(200)
    }
    expect(inventory.stock.get(product.variants[0]?.variantId ?? 'var_')).toBe(14)
  })
})
