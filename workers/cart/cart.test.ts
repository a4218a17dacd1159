import { describe, expect, it } from 'vitest'
import { AppError } from '../../shared/contracts/errors'
import { newId } from '../../shared/contracts/ids'
import { type Cart, type Command, decide, emptyCart, evolveAll, type Line, maxLines, requireVersion, snapshot } from './cart'
import { aLevel, aLine, anOffer } from './testing/fixtures'

const userId = newId('usr')
const cartWith = (...lines: Line[]): Cart => ({ ...emptyCart(userId), version: 7, lines })
const applied = (cart: Cart, command: Command): Cart => evolveAll(cart, decide(cart, command))
const refusal = (work: () => unknown): [code?: string, extra?: unknown] => {
  try {
    work()
    return []
  } catch (error) {
    const known = AppError.from(error)
    return known ? [known.code, known.meta.extra] : ['no AppError']
  }
}

describe('an empty cart', () => {
  it('has the id of its shopper with another prefix, no currency and no subtotal', () => {
    expect(snapshot(emptyCart('usr_01jd3g5x8zq4m6v9b2c7n1k0hr'))).toEqual({
      id: 'crt_01jd3g5x8zq4m6v9b2c7n1k0hr',
      userId: 'usr_01jd3g5x8zq4m6v9b2c7n1k0hr',
      version: 0,
      currency: null,
      items: [],
      itemCount: 0,
      subtotal: null,
    })
  })

  it('does not change when it is cleared', () => {
    expect(decide(cartWith(), { type: 'clear' })).toEqual([])
  })
})

describe('adding', () => {
  it('appends a line with the offered facts and raises the version', () => {
    const old = aLine()
    const offer = anOffer({ unitPrice: { amount: 250, currency: 'USD' } })
    const cart = applied(cartWith(old), { type: 'add', offer, stock: aLevel(offer.variantId, 4), quantity: 3 })
    expect(cart.version).toBe(8)
    expect(cart.lines.map(({ variantId }) => variantId)).toEqual([old.variantId, offer.variantId])
    const { items, itemCount, subtotal } = snapshot(cart)
    expect(items[1]).toEqual({
      variantId: offer.variantId,
      productId: offer.productId,
      sellerId: offer.sellerId,
      title: 'A desk',
      unitPrice: { amount: 250, currency: 'USD' },
      quantity: 3,
      lineTotal: { amount: 750, currency: 'USD' },
      status: 'low',
    })
    expect([itemCount, subtotal]).toEqual([4, { amount: 1750, currency: 'USD' }])
  })

  it('adds to the quantity of a line, and updates its facts', () => {
    const line = aLine({ quantity: 2, stockVersion: 5, sold: false })
    const offer = anOffer({ ...line, title: 'Another desk', productVersion: 2 })
    const [changed] = applied(cartWith(line), { type: 'add', offer, stock: aLevel(line.variantId), quantity: 3 }).lines
    expect(changed).toEqual({ ...line, quantity: 5, title: 'Another desk', productVersion: 2, sold: true })
  })

  it('keeps a price that is newer than the offer', () => {
    const line = aLine({ productVersion: 9, unitPrice: { amount: 700, currency: 'USD' } })
    const stale = anOffer({ ...line, productVersion: 8, unitPrice: { amount: 900, currency: 'USD' } })
    const cart = applied(cartWith(line), { type: 'add', offer: stale, stock: aLevel(line.variantId), quantity: 1 })
    expect(cart.lines[0]).toMatchObject({ productVersion: 9, unitPrice: { amount: 700 }, quantity: 2 })
  })

  it('refuses a variant that a newer message marked gone', () => {
    const line = aLine({ productVersion: 9, sold: false })
    const offer = anOffer({ ...line, productVersion: 8 })
    const add = { type: 'add' as const, offer, stock: aLevel(line.variantId), quantity: 1 }
    expect(refusal(() => decide(cartWith(line), add))).toEqual(['not_found', undefined])
  })

  it('accepts the last piece and refuses one more, with the available number', () => {
    const offer = anOffer()
    const add = (quantity: number) => ({ type: 'add' as const, offer, stock: aLevel(offer.variantId, 3), quantity })
    const cart = applied(cartWith(), add(3))
    expect(snapshot(cart).itemCount).toBe(3)
    expect(refusal(() => decide(cart, add(1)))).toEqual(['out_of_stock', { available: 3 }])
    expect(refusal(() => decide(cartWith(), { ...add(1), stock: aLevel(offer.variantId, 0) }))).toEqual([
      'out_of_stock',
      { available: 0 },
    ])
  })

  it('accepts 99 pieces of a variant and refuses the hundredth', () => {
    const line = aLine({ quantity: 98 })
    const add = { type: 'add' as const, offer: anOffer(line), stock: aLevel(line.variantId), quantity: 1 }
    const full = applied(cartWith(line), add)
    expect(full.lines[0]?.quantity).toBe(99)
    expect(refusal(() => decide(full, add))).toEqual(['cart_full', undefined])
  })

  it('accepts 100 lines and refuses the next, but still adds to those it has', () => {
    const lines = Array.from({ length: maxLines }, () => aLine())
    const offer = anOffer()
    const add = { type: 'add' as const, offer, stock: aLevel(offer.variantId), quantity: 1 }
    expect(applied(cartWith(...lines.slice(1)), add).lines).toHaveLength(maxLines)
    expect(refusal(() => decide(cartWith(...lines), add))).toEqual(['cart_full', undefined])
    expect(decide(cartWith(...lines), { ...add, offer: anOffer(lines[3]) })).toHaveLength(1)
  })

  it('refuses another currency unless the cart has no other line', () => {
    const line = aLine()
    const euro = anOffer({ ...line, productVersion: 2, unitPrice: { amount: 900, currency: 'EUR' } })
    const add = { type: 'add' as const, offer: euro, stock: aLevel(line.variantId), quantity: 1 }
    expect(snapshot(applied(cartWith(line), add)).currency).toBe('EUR')
    expect(refusal(() => decide(cartWith(line, aLine()), add))).toEqual(['currency_mismatch', undefined])
    expect(refusal(() => decide(cartWith(aLine()), add))).toEqual(['currency_mismatch', undefined])
  })
})

describe('changing a line', () => {
  const line = aLine({ quantity: 5 })
  const set = (quantity: number, available: number) =>
    ({ type: 'set_quantity', variantId: line.variantId, quantity, stock: aLevel(line.variantId, available) }) as const

  it('sets the quantity', () => {
    expect(applied(cartWith(line), set(7, 7)).lines[0]?.quantity).toBe(7)
  })
  it('makes no event when the quantity stays the same', () => {
    expect(decide(cartWith(line), set(5, 0))).toEqual([])
  })
  it('lets the shopper reduce the quantity, however short the stock, but not exceed the stock', () => {
    expect(applied(cartWith(line), set(2, 0)).lines[0]?.quantity).toBe(2)
    expect(refusal(() => decide(cartWith(line), set(6, 5)))).toEqual(['out_of_stock', { available: 5 }])
  })
  it('refuses more pieces of a line that is gone', () => {
    expect(refusal(() => decide(cartWith({ ...line, sold: false }), set(6, 50)))).toEqual(['out_of_stock', { available: 0 }])
  })
  it('answers not_found for a line that is not there', () => {
    expect(refusal(() => decide(cartWith(), set(1, 5)))).toEqual(['not_found', undefined])
    expect(refusal(() => decide(cartWith(), { type: 'remove', variantId: line.variantId }))).toEqual(['not_found', undefined])
  })
  it('removes one line and keeps the others', () => {
    const other = aLine()
    expect(applied(cartWith(line, other), { type: 'remove', variantId: line.variantId }).lines).toEqual([other])
  })
})

describe('an order', () => {
  it('removes its quantities and keeps what was added since', () => {
    const [more, all, other] = [aLine({ quantity: 5 }), aLine({ quantity: 2 }), aLine()]
    const ordered = [
      { variantId: more.variantId, quantity: 3 },
      { variantId: all.variantId, quantity: 4 },
      { variantId: newId('var'), quantity: 1 },
    ]
    const cart = applied(cartWith(more, all, other), { type: 'check_out', lines: ordered })
    expect(cart.lines).toEqual([{ ...more, quantity: 2 }, other])
  })
})

describe('merging the cart of a guest', () => {
  it('adds quantities up to 99 and appends new lines', () => {
    const [mine, fresh] = [aLine({ quantity: 60, title: 'Mine' }), aLine()]
    const cart = applied(cartWith(mine), { type: 'merge_in', lines: [{ ...mine, title: 'Theirs', quantity: 60 }, fresh] })
    expect(cart.lines).toEqual([{ ...mine, quantity: 99 }, fresh])
  })

  it('stops at 100 lines', () => {
    const lines = Array.from({ length: maxLines - 1 }, () => aLine())
    const [first, second] = [aLine(), aLine()]
    const cart = applied(cartWith(...lines), { type: 'merge_in', lines: [first, second] })
    expect(cart.lines).toEqual([...lines, first])
  })

  it('refuses another currency', () => {
    const euro = aLine({ unitPrice: { amount: 1, currency: 'EUR' } })
    expect(refusal(() => decide(cartWith(aLine()), { type: 'merge_in', lines: [euro] }))).toEqual([
      'currency_mismatch',
      undefined,
    ])
    expect(applied(cartWith(), { type: 'merge_in', lines: [euro] }).lines).toEqual([euro])
  })
})

it('accepts any version without If-Match, and only the named versions with it', () => {
  expect(refusal(() => requireVersion(3, undefined))).toEqual([])
  expect(refusal(() => requireVersion(3, [2, 3]))).toEqual([])
  expect(refusal(() => requireVersion(3, [2]))).toEqual(['precondition_failed', undefined])
  expect(refusal(() => requireVersion(3, []))).toEqual(['precondition_failed', undefined])
})
