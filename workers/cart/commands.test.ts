import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../shared/contracts/errors'
import type { Availability } from '../../shared/contracts/facts'
import { newId, type VariantId } from '../../shared/contracts/ids'
import { fewPieces } from './cart'
import { add, setQuantity } from './commands'
import { depsFrom } from './deps'
import { aLevel, anOffer, aShop } from './testing/fixtures'

/** A new shopper in a shop that counts how often inventory is asked. */
function aVisitor() {
  const shop = aShop()
  const deps = { ...depsFrom(env), product: shop.product, inventory: shop.inventory }
  const caller = { userId: newId('usr'), traceparent: deps.traceparent }
  const outcome = async (work: () => Promise<{ itemCount: number }>) => {
    const before = shop.levelsAsked
    const answer = await work().then(
      ({ itemCount }) => itemCount,
      (error: unknown) => [AppError.from(error)?.code, AppError.from(error)?.meta.extra],
    )
    return { answer, asked: shop.levelsAsked - before }
  }
  return {
    shop,
    cart: deps.cartOf(caller.userId),
    caller,
    add: (variantId: VariantId, quantity: number) => outcome(() => add(deps, caller, variantId, quantity)),
    set: (variantId: VariantId, quantity: number) => outcome(() => setQuantity(deps, caller, variantId, quantity)),
  }
}
const outOfStock = (available: number) => ['out_of_stock', { available }]

describe('adding', () => {
  it('asks inventory about a variant in stock only when the line would have more than a few pieces', async () => {
    const { shop, add } = aVisitor()
    const { variantId } = shop.sell({ stock: 7 })
    for (let pieces = 1; pieces <= fewPieces; pieces++) expect(await add(variantId, 1)).toEqual({ answer: pieces, asked: 0 })
    expect(await add(variantId, 1)).toEqual({ answer: 6, asked: 1 })
    expect(await add(variantId, 2)).toEqual({ answer: outOfStock(7), asked: 1 })
    expect(await add(variantId, 1)).toEqual({ answer: 7, asked: 1 })
    const other = shop.sell({ stock: 6 })
    expect(await add(other.variantId, 7)).toEqual({ answer: outOfStock(6), asked: 1 })
  })

  it.each([
    [3, 'low'],
    [0, 'out'],
    [9, undefined],
  ] as const)('asks inventory when there are %i and product says %s', async (stock, availability) => {
    const { shop, add } = aVisitor()
    const { variantId } = shop.sell({ stock })
    shop.change(variantId, { availability: availability as Availability })
    expect(await add(variantId, 1)).toEqual({ answer: stock === 0 ? outOfStock(0) : 1, asked: 1 })
  })

  it('asks inventory when product answers from its cache', async () => {
    const { shop, add } = aVisitor()
    const { variantId } = shop.sell({ stock: 2 })
    shop.change(variantId, { availability: 'in', lastKnown: true })
    expect(await add(variantId, 3)).toEqual({ answer: outOfStock(2), asked: 1 })
  })

  it('trusts a slightly stale answer of product for a few pieces, never for more', async () => {
    const { shop, add } = aVisitor()
    const { variantId } = shop.sell({ stock: 3 })
    shop.change(variantId, { availability: 'in' })
    expect(await add(variantId, 4)).toEqual({ answer: 4, asked: 0 })
    expect(await add(variantId, 2)).toEqual({ answer: outOfStock(3), asked: 1 })
  })

  it('asks inventory when the line knows of a shortage that product does not know yet', async () => {
    const { shop, add, cart, caller } = aVisitor()
    const { variantId, productId } = shop.sell({ stock: 9 })
    await add(variantId, 1)
    await cart.applyUpdate(caller, { of: 'stock', productId, variantId, version: 2, availability: 'low' })
    shop.change(variantId, { availability: 'in' })
    shop.stock(variantId, 1)
    expect(await add(variantId, 1)).toEqual({ answer: outOfStock(1), asked: 1 })
  })

  it('does not ask inventory when the addition is refused for another reason', async () => {
    const { shop, add } = aVisitor()
    await add(shop.sell().variantId, 1)
    const euro = shop.sell({ currency: 'EUR' })
    expect(await add(euro.variantId, 1)).toEqual({ answer: ['currency_mismatch', undefined], asked: 0 })
    expect(await add(newId('var'), 1)).toEqual({ answer: ['not_found', undefined], asked: 0 })
  })
})

describe('changing a quantity', () => {
  it('asks inventory about a variant in stock only when the line would have more than a few pieces', async () => {
    const { shop, add, set } = aVisitor()
    const { variantId } = shop.sell({ stock: 8 })
    await add(variantId, 1)
    expect(await set(variantId, 5)).toEqual({ answer: 5, asked: 0 })
    expect(await set(variantId, 8)).toEqual({ answer: 8, asked: 1 })
    expect(await set(variantId, 9)).toEqual({ answer: outOfStock(8), asked: 1 })
    expect(await set(variantId, 2)).toEqual({ answer: 2, asked: 0 })
    expect(await set(newId('var'), 2)).toEqual({ answer: ['not_found', undefined], asked: 0 })
  })

  it('asks inventory for more pieces of a line that is low', async () => {
    const { cart, caller, shop, set } = aVisitor()
    const { variantId } = shop.sell({ stock: 3 })
    await cart.add(caller, anOffer({ variantId }), aLevel(variantId, 3), 2)
    expect(await set(variantId, 4)).toEqual({ answer: outOfStock(3), asked: 1 })
    expect(await set(variantId, 3)).toEqual({ answer: 3, asked: 1 })
    expect(await set(variantId, 1)).toEqual({ answer: 1, asked: 0 })
  })
})

it('accepts more than a few pieces while inventory does not answer, by the stock that product and the line know', async () => {
  const shop = aShop()
  const inventory = { ...shop.inventory, levels: () => Promise.reject(new AppError('unavailable')) }
  const deps = { ...depsFrom(env), product: shop.product, inventory }
  const caller = { userId: newId('usr'), traceparent: deps.traceparent }
  const { variantId } = shop.sell()
  expect((await add(deps, caller, variantId, 4)).itemCount).toBe(4)
  expect((await add(deps, caller, variantId, 4)).itemCount).toBe(8)
  expect((await setQuantity(deps, caller, variantId, 20)).itemCount).toBe(20)
  const out = shop.sell({ stock: 0 })
  await expect(add(deps, caller, out.variantId, 1)).rejects.toMatchObject({ code: 'out_of_stock' })
})
