import type { Instant } from '../../../shared/contracts/ids'
import { type Currency, currencies, type Money } from '../../../shared/contracts/money'

const formats = new Map<Currency, Intl.NumberFormat>()

function formatOf(currency: Currency): Intl.NumberFormat {
  const digits = currencies[currency]
  const made = formats.get(currency) ?? formatIn(currency, digits)
  formats.set(currency, made)
  return made
}

// The digits are ISO's: Intl's own table leaves some out in daily use.
const formatIn = (currency: Currency, digits: number) =>
  new Intl.NumberFormat('en-US', { style: 'currency', currency, minimumFractionDigits: digits, maximumFractionDigits: digits })

/** For the words of an answer: `$649.00`, `¥1,999`, `CA$20.00`, `KWD 1.250`. */
export const wordMoney = ({ amount, currency }: Money): string =>
  formatOf(currency)
    .format(amount / 10 ** currencies[currency])
    .replaceAll(/\s/gu, ' ')

const dates = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })

/** A day in UTC: `5 January 2026`. */
export const wordDate = (instant: Instant): string => dates.format(instant)
