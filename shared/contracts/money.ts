import { z } from '@hono/zod-openapi'
import { AppError } from './errors'

/** ISO 4217 codes that the marketplace trades in, with the digits of their minor unit. Source: ISO 4217:2015, list one. */
export const currencies = {
  USD: 2, EUR: 2, GBP: 2, CHF: 2, CAD: 2, AUD: 2, NZD: 2, SEK: 2, NOK: 2, DKK: 2, PLN: 2, CZK: 2, HUF: 2, RON: 2, TRY: 2, INR: 2,
  BRL: 2, MXN: 2, ZAR: 2, SGD: 2, HKD: 2, CNY: 2, THB: 2, ILS: 2, AED: 2, JPY: 0, KRW: 0, CLP: 0, VND: 0, ISK: 0, BHD: 3, KWD: 3,
  TND: 3, JOD: 3, OMR: 3, CLF: 4,
} as const // biome-ignore format: a table reads better packed

export type Currency = keyof typeof currencies
/** Integer minor units: `{ amount: 1999, currency: 'USD' }` is 19.99 dollars, `{ amount: 1999, currency: 'JPY' }` 1,999 yen. */
export type Money = { amount: number; currency: Currency }

/** The most one price may be, in minor units; 100 lines of 99 pieces of it still add up below 2^53. */
export const maxAmount = 99_999_999_999

export const CurrencySchema = z.enum(Object.keys(currencies) as [Currency, ...Currency[]])
export const MoneySchema = z
  .strictObject({ amount: z.int().min(0).max(Number.MAX_SAFE_INTEGER), currency: CurrencySchema })
  .openapi('Money', { example: { amount: 1999, currency: 'USD' } })
/** What a seller may ask for one piece. */
export const PriceSchema = z.strictObject({ amount: z.int().min(0).max(maxAmount), currency: CurrencySchema }).openapi('Price')

export const money = (amount: number, currency: Currency): Money => ({ amount, currency })
export const zero = (currency: Currency): Money => money(0, currency)

/** @throws AppError `currency_mismatch` */
export function add(a: Money, b: Money): Money {
  if (a.currency !== b.currency) throw new AppError('currency_mismatch', `Cannot add ${b.currency} to ${a.currency}`)
  return money(a.amount + b.amount, a.currency)
}

export const multiply = (price: Money, quantity: number): Money => money(price.amount * quantity, price.currency)

export const sum = (parts: readonly Money[], currency: Currency): Money => parts.reduce(add, zero(currency))

export const sameMoney = (a: Money, b: Money): boolean => a.amount === b.amount && a.currency === b.currency

/**
 * Splits by weight so that the parts add up to the whole, to the last minor unit: the largest remainders get what is left
 * over, earlier parts first among equals (Hamilton's method). Weights are non-negative integers; all zero counts as equal.
 */
export function split(whole: Money, weights: readonly number[]): Money[] {
  const given = weights.some((weight) => weight > 0) ? weights : weights.map(() => 1)
  const total = BigInt(given.reduce((a, b) => a + b, 0))
  const shares = given.map((weight, index) => {
    const product = BigInt(whole.amount) * BigInt(weight)
    return { index, amount: Number(product / total), remainder: product % total }
  })
  let left = whole.amount - shares.reduce((a, share) => a + share.amount, 0)
  for (const share of [...shares].sort((a, b) =>
    b.remainder > a.remainder ? 1 : b.remainder < a.remainder ? -1 : a.index - b.index,
  )) {
    if (left-- <= 0) break
    share.amount += 1
  }
  return shares.map((share) => money(share.amount, whole.currency))
}

/** A rate in basis points of an amount (1,000 = 10 %), rounded half up. */
export const portion = (whole: Money, basisPoints: number): Money =>
  money(Number((BigInt(whole.amount) * BigInt(basisPoints) + 5_000n) / 10_000n), whole.currency)

/** For people: `USD 19.99`, `JPY 1,999`. */
export function formatMoney({ amount, currency }: Money): string {
  const digits = currencies[currency]
  const text = (amount / 10 ** digits).toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
  return `${currency} ${text}`
}
