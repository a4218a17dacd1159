import { describe, expect, it } from 'vitest'
import { newId, type UserId, type VariantId } from '../../shared/contracts/ids'
import { type Currency, money } from '../../shared/contracts/money'
import type { Quote } from '../../shared/contracts/product'
import { countries } from './countries'
import { currencyOf, type PricedLine, price, sharesOf, totalsOf } from './pricing'

const offer = (variantId: VariantId, amount: number, currency: Currency = 'USD', sellerId: UserId = newId('usr')): Quote => ({
  ...{ status: 'active', variantId, productId: newId('prd'), productVersion: 1, sellerId, sku: 'S', title: 'T' },
  unitPrice: money(amount, currency),
})
const line = (amount: number, quantity: number, sellerId: UserId = newId('usr'), currency: Currency = 'USD'): PricedLine => ({
  ...{ variantId: newId('var'), productId: newId('prd'), sellerId, title: 'T', sku: 'S', quantity },
  unitPrice: money(amount, currency),
  lineTotal: money(amount * quantity, currency),
})
const usd = (amount: number) => money(amount, 'USD')

describe('price', () => {
  const [a, b] = [newId('var'), newId('var')]
  const cart = [
    { variantId: a, quantity: 3, unitPrice: usd(500) },
    { variantId: b, quantity: 1, unitPrice: usd(900) },
  ]

  it('finds no change when all prices are as the shopper saw them', () => {
    const { lines, changes } = price(cart, [offer(a, 500), offer(b, 900)])
    expect(changes).toEqual([])
    expect(lines.map(({ lineTotal }) => lineTotal.amount)).toEqual([1_500, 900])
  })

  it('reports a changed price, also a lower one, and uses the new one', () => {
    const { lines, changes } = price(cart, [offer(a, 400), offer(b, 900)])
    expect(changes).toEqual([{ variantId: a, change: 'price', was: usd(500), now: usd(400) }])
    expect(lines[0]?.lineTotal).toEqual(usd(1_200))
  })

  it('treats the same amount in another currency as a changed price', () => {
    expect(price(cart, [offer(a, 500, 'EUR'), offer(b, 900)]).changes).toMatchObject([{ variantId: a, change: 'price' }])
  })

  it('leaves out lines that are gone and lines without a quote', () => {
    const { lines, changes } = price(cart, [{ status: 'gone', variantId: a }])
    expect(lines).toEqual([])
    expect(changes.map(({ variantId, change, now }) => [variantId, change, now])).toEqual([
      [a, 'gone', null],
      [b, 'gone', null],
    ])
  })
})

describe('totals and shares', () => {
  it('add up with tax included and free shipping', () => {
    expect(totalsOf([line(1_999, 3), line(1, 1)], 'USD')).toEqual({
      ...{ items: usd(5_998), shipping: usd(0), tax: usd(0), discount: usd(0), grand: usd(5_998) },
    })
  })

  it('refuse to add dollars to yen', () => {
    const mixed = [line(1, 1), line(1, 1, newId('usr'), 'JPY')]
    expect(currencyOf(mixed)).toBeNull()
    expect(() => totalsOf(mixed, 'USD')).toThrow(expect.objectContaining({ code: 'currency_mismatch' }))
  })

  it('give each seller the sum of their lines, in the order of first lines, and add up to the items', () => {
    const [one, other] = [newId('usr'), newId('usr')]
    const lines = [line(100, 2, one), line(333, 1, other), line(50, 1, one)]
    const shares = sharesOf(lines, 'USD')
    expect(shares.map(({ sellerId, subtotal }) => [sellerId, subtotal.amount])).toEqual([
      [one, 250],
      [other, 333],
    ])
    expect(shares.reduce((total, { subtotal }) => total + subtotal.amount, 0)).toBe(totalsOf(lines, 'USD').items.amount)
  })

  it('take ten percent of a subtotal as commission, with half units rounded up', () => {
    expect(sharesOf([line(333, 1)], 'USD')[0]?.commission).toEqual({ basisPoints: 1_000, amount: usd(33) })
    expect(sharesOf([line(335, 1)], 'USD')[0]?.commission).toEqual({ basisPoints: 1_000, amount: usd(34) })
    expect(sharesOf([line(335, 1)], 'USD', 250)[0]?.commission).toEqual({ basisPoints: 250, amount: usd(8) })
  })
})

it('knows exactly the 249 countries of ISO 3166-1', () => {
  expect(countries.size).toBe(249)
  expect(['US', 'DE', 'AX', 'ZW'].every((code) => countries.has(code))).toBe(true)
  expect(['UK', 'XX', 'us', 'USA', ''].some((code) => countries.has(code))).toBe(false)
})
