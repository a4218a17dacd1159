import { describe, expect, it } from 'vitest'
import { newId } from '../../shared/contracts/ids'
import { type Cart, emptyCart, evolveAll, type Line, snapshot } from './cart'
import { applyUpdate, type LineUpdate } from './line-sync'
import { aLevel, aLine, anOffer } from './testing/fixtures'

const cartWith = (...lines: Line[]): Cart => ({ ...emptyCart(newId('usr')), version: 7, lines })
const applied = (cart: Cart, facts: LineUpdate): Cart => evolveAll(cart, applyUpdate(cart, facts))
const dollars = (amount: number) => ({ amount, currency: 'USD' as const })

const product = (line: Line, version: number, overrides: Partial<Extract<LineUpdate, { of: 'product' }>> = {}): LineUpdate => ({
  ...{ of: 'product', productId: line.productId, version, sellerId: line.sellerId, active: true },
  variants: [{ variantId: line.variantId, sku: 'DESK', title: line.title, unitPrice: dollars(version * 100) }],
  ...overrides,
})
const stock = (line: Line, version: number, availability: 'in' | 'low' | 'out'): LineUpdate => ({
  ...{ of: 'stock', productId: line.productId, variantId: line.variantId, version, availability },
})

describe('product.updated', () => {
  it('changes the price and raises the version of the cart', () => {
    const line = aLine({ quantity: 2 })
    const cart = applied(cartWith(line, aLine()), product(line, 5))
    expect([cart.version, cart.lines[0]?.productVersion]).toEqual([8, 5])
    expect(snapshot(cart).items[0]).toMatchObject({ unitPrice: dollars(500), lineTotal: dollars(1000) })
  })

  it('is ignored when it is repeated or arrives too late', () => {
    const line = aLine()
    const cart = applied(cartWith(line), product(line, 5))
    expect(applyUpdate(cart, product(line, 5))).toEqual([])
    expect(applyUpdate(cart, product(line, 4))).toEqual([])
  })

  it('is recorded without a new cart version when the shopper sees no difference', () => {
    const line = aLine({ unitPrice: dollars(500) })
    const cart = applied(cartWith(line), product(line, 5))
    expect([cart.version, cart.lines[0]?.productVersion]).toEqual([7, 5])
    expect(applyUpdate(cart, product(line, 4))).toEqual([])
  })

  it('marks a line gone while the product is off sale or lacks the variant', () => {
    const line = aLine()
    for (const loss of [{ active: false }, { variants: [] }]) {
      const gone = applied(cartWith(line), product(line, 5, loss))
      expect(snapshot(gone).items[0]?.status).toBe('gone')
      expect(snapshot(applied(gone, product(line, 6))).items[0]?.status).toBe('available')
    }
  })

  it('marks a line gone when its currency differs from the rest, but lets the only line change currency', () => {
    const line = aLine()
    const euro = product(line, 5, {
      variants: [{ variantId: line.variantId, sku: 'DESK', title: 'A desk', unitPrice: { amount: 9, currency: 'EUR' } }],
    })
    const mixed = snapshot(applied(cartWith(line, aLine()), euro))
    expect([mixed.currency, mixed.items[0]?.status, mixed.items[0]?.unitPrice]).toEqual(['USD', 'gone', line.unitPrice])
    expect(snapshot(applied(cartWith(line), euro))).toMatchObject({ currency: 'EUR', subtotal: { amount: 9, currency: 'EUR' } })
  })

  it('does not change lines of other products', () => {
    expect(applyUpdate(cartWith(aLine()), product(aLine(), 5))).toEqual([])
  })
})

describe('stock.changed', () => {
  it('sets the status of one variant', () => {
    const [line, sibling] = [aLine(), aLine()]
    const cart = applied(cartWith(line, { ...sibling, productId: line.productId }), stock(line, 3, 'out'))
    expect(snapshot(cart).items.map(({ status }) => status)).toEqual(['out', 'available'])
    expect(snapshot(applied(cart, stock(line, 4, 'low'))).items[0]?.status).toBe('low')
  })

  it('is ignored when it is repeated or arrives too late', () => {
    const line = aLine()
    const cart = applied(cartWith(line), stock(line, 3, 'out'))
    expect(applyUpdate(cart, stock(line, 3, 'in'))).toEqual([])
    expect(applyUpdate(cart, stock(line, 2, 'in'))).toEqual([])
  })
})

describe('a reading of product and inventory', () => {
  it('updates price, title, status and stock', () => {
    const line = aLine()
    const quotes = [anOffer({ ...line, title: 'A better desk', unitPrice: dollars(5), productVersion: 2 })]
    const cart = applied(cartWith(line), { of: 'reading', quotes, levels: [aLevel(line.variantId, 0)], versions: [line] })
    expect(snapshot(cart).items[0]).toMatchObject({ title: 'A better desk', unitPrice: dollars(5), status: 'out' })
    expect(applyUpdate(cart, { of: 'reading', quotes, levels: [aLevel(line.variantId, 0)], versions: cart.lines })).toEqual([])
  })

  it('does not change a line that a message updated meanwhile', () => {
    const line = aLine({ productVersion: 3, stockVersion: 3 })
    const versions = [{ variantId: line.variantId, productVersion: 2, stockVersion: 2 }]
    const gone = { status: 'gone' as const, variantId: line.variantId }
    expect(applyUpdate(cartWith(line), { of: 'reading', quotes: [gone], levels: [aLevel(line.variantId, 0)], versions })).toEqual(
      [],
    )
    const older = anOffer({ ...line, productVersion: 2, title: 'Old' })
    expect(applyUpdate(cartWith(line), { of: 'reading', quotes: [older] })).toEqual([])
  })

  it('marks a variant gone once product no longer knows it', () => {
    const line = aLine()
    const facts: LineUpdate = { of: 'reading', quotes: [{ status: 'gone', variantId: line.variantId }] }
    const cart = applied(cartWith(line), facts)
    expect(snapshot(cart).items[0]?.status).toBe('gone')
    expect(applyUpdate(cart, facts)).toEqual([])
    expect(snapshot(applied(cart, { of: 'reading', quotes: [anOffer(line)] })).items[0]?.status).toBe('available')
  })
})
