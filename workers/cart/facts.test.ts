import { describe, expect, it } from 'vitest'
import { newId } from '../../shared/contracts/ids'
import { type Cart, emptyCart, evolveAll, type Line, snapshot } from './cart'
import { type Facts, learn } from './facts'
import { aLevel, aLine, anOffer } from './testing/fixtures'

const cartWith = (...lines: Line[]): Cart => ({ ...emptyCart(newId('usr')), version: 7, lines })
const applied = (cart: Cart, facts: Facts): Cart => evolveAll(cart, learn(cart, facts))
const dollars = (amount: number) => ({ amount, currency: 'USD' as const })

const product = (line: Line, version: number, overrides: Partial<Extract<Facts, { of: 'product' }>> = {}): Facts => ({
  ...{ of: 'product', productId: line.productId, version, sellerId: line.sellerId, active: true },
  variants: [{ variantId: line.variantId, sku: 'DESK', title: line.title, unitPrice: dollars(version * 100) }],
  ...overrides,
})
const stock = (line: Line, version: number, availability: 'in' | 'low' | 'out'): Facts => ({
  ...{ of: 'stock', productId: line.productId, variantId: line.variantId, version, availability },
})

describe('what product tells', () => {
  it('changes the price, one version on', () => {
    const line = aLine({ quantity: 2 })
    const cart = applied(cartWith(line, aLine()), product(line, 5))
    expect([cart.version, cart.lines[0]?.productVersion]).toEqual([8, 5])
    expect(snapshot(cart).items[0]).toMatchObject({ unitPrice: dollars(500), lineTotal: dollars(1000) })
  })

  it('is dropped when it is told again or comes too late', () => {
    const line = aLine()
    const cart = applied(cartWith(line), product(line, 5))
    expect(learn(cart, product(line, 5))).toEqual([])
    expect(learn(cart, product(line, 4))).toEqual([])
  })

  it('is remembered, without a version, when the shopper sees no difference', () => {
    const line = aLine({ unitPrice: dollars(500) })
    const cart = applied(cartWith(line), product(line, 5))
    expect([cart.version, cart.lines[0]?.productVersion]).toEqual([7, 5])
    expect(learn(cart, product(line, 4))).toEqual([])
  })

  it('makes a line gone when the product is not sold or lacks the variant, and brings it back', () => {
    const line = aLine()
    for (const loss of [{ active: false }, { variants: [] }]) {
      const gone = applied(cartWith(line), product(line, 5, loss))
      expect(snapshot(gone).items[0]?.status).toBe('gone')
      expect(snapshot(applied(gone, product(line, 6))).items[0]?.status).toBe('available')
    }
  })

  it('makes a line gone that is priced in another currency than the rest, but lets a lone line change it', () => {
    const line = aLine()
    const euro = product(line, 5, {
      variants: [{ variantId: line.variantId, sku: 'DESK', title: 'A desk', unitPrice: { amount: 9, currency: 'EUR' } }],
    })
    const mixed = snapshot(applied(cartWith(line, aLine()), euro))
    expect([mixed.currency, mixed.items[0]?.status, mixed.items[0]?.unitPrice]).toEqual(['USD', 'gone', line.unitPrice])
    expect(snapshot(applied(cartWith(line), euro))).toMatchObject({ currency: 'EUR', subtotal: { amount: 9, currency: 'EUR' } })
  })

  it('leaves other products alone', () => {
    expect(learn(cartWith(aLine()), product(aLine(), 5))).toEqual([])
  })
})

describe('what inventory tells', () => {
  it('sets the status of the one variant', () => {
    const [line, sibling] = [aLine(), aLine()]
    const cart = applied(cartWith(line, { ...sibling, productId: line.productId }), stock(line, 3, 'out'))
    expect(snapshot(cart).items.map(({ status }) => status)).toEqual(['out', 'available'])
    expect(snapshot(applied(cart, stock(line, 4, 'low'))).items[0]?.status).toBe('low')
  })

  it('is dropped when it is told again or comes too late', () => {
    const line = aLine()
    const cart = applied(cartWith(line), stock(line, 3, 'out'))
    expect(learn(cart, stock(line, 3, 'in'))).toEqual([])
    expect(learn(cart, stock(line, 2, 'in'))).toEqual([])
  })
})

describe('a reading', () => {
  it('brings price, title, status and stock up to date', () => {
    const line = aLine()
    const quotes = [anOffer({ ...line, title: 'A better desk', unitPrice: dollars(5), productVersion: 2 })]
    const cart = applied(cartWith(line), { of: 'reading', quotes, levels: [aLevel(line.variantId, 0)], seen: [line] })
    expect(snapshot(cart).items[0]).toMatchObject({ title: 'A better desk', unitPrice: dollars(5), status: 'out' })
    expect(learn(cart, { of: 'reading', quotes, levels: [aLevel(line.variantId, 0)], seen: cart.lines })).toEqual([])
  })

  it('counts for nothing where a message arrived while it was read', () => {
    const line = aLine({ productVersion: 3, stockVersion: 3 })
    const seen = [{ variantId: line.variantId, productVersion: 2, stockVersion: 2 }]
    const gone = { status: 'gone' as const, variantId: line.variantId }
    expect(learn(cartWith(line), { of: 'reading', quotes: [gone], levels: [aLevel(line.variantId, 0)], seen })).toEqual([])
    const older = anOffer({ ...line, productVersion: 2, title: 'Old' })
    expect(learn(cartWith(line), { of: 'reading', quotes: [older] })).toEqual([])
  })

  it('makes gone what product no longer knows, once', () => {
    const line = aLine()
    const facts: Facts = { of: 'reading', quotes: [{ status: 'gone', variantId: line.variantId }] }
    const cart = applied(cartWith(line), facts)
    expect(snapshot(cart).items[0]?.status).toBe('gone')
    expect(learn(cart, facts)).toEqual([])
    expect(snapshot(applied(cart, { of: 'reading', quotes: [anOffer(line)] })).items[0]?.status).toBe('available')
  })
})
