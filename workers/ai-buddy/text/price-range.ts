import { type Currency, currencies } from '../../../shared/contracts/money'

/** What somebody says of prices: minor units of a currency that they may leave open, and whether only the lowest or only the highest counts. */
export type PriceWish = { min: number | null; max: number | null; currency: Currency | null; cheapest: boolean; dearest: boolean }

const names: readonly (readonly [RegExp, Currency])[] = [
  [/\$|\b(dollars?|usd|bucks)\b/, 'USD'],
  [/€|\b(euros?|eur)\b/, 'EUR'],
  [/£|\b(gbp|quid|pounds? sterling)\b/, 'GBP'],
  [/\b(chf|swiss francs?|francs?)\b/, 'CHF'],
  [/¥|\b(yen|jpy)\b/, 'JPY'],
]

const sign = '[$€£¥]\\s?'
const named = '\\s?(?:dollars?|usd|bucks|euros?|eur|gbp|quid|chf|francs?|yen|jpy|[€£$])'
/** An amount, unless what follows says that it is a length, a weight or a number of things. */
const amount = `(?:${sign})?(\\d[\\d,]*(?:\\.\\d{1,2})?)(?:${named})?(?![\\d.]|\\s?(?:cm|mm|m|km|kg|g|l|ml|w|k|v|inch(?:es)?|in|ft|feet|metres?|meters?|hours?|minutes?|days?|weeks?|years?|pieces|people|seats?|books|%|percent|"|')\\b)`
const below = '(under|below|less than|cheaper than|up to|at most|no more than|not more than|max(?:imum)?(?: of)?|within)'
const above =
  '(over|above|(?<!\\b(?:no|not) )more than|at least|no less than|min(?:imum)?(?: of)?|starting (?:at|from)|upwards of)'

const range = new RegExp(`\\b(?:between|from)\\s+${amount}\\s*(?:and|to|-|–)\\s*${amount}`)
/** Without such a word only a range with a sign of money is one: `2-3 seats` is none. */
const bareRange = new RegExp(`${sign}(\\d[\\d,]*(?:\\.\\d{1,2})?)\\s*(?:to|-|–)\\s*(?:${sign})?(\\d[\\d,]*(?:\\.\\d{1,2})?)`)
const upTo = new RegExp(`\\b${below}\\s+${amount}`)
const from = new RegExp(`\\b${above}\\s+${amount}`)
const about = new RegExp(`\\b(?:around|about|roughly|approximately)\\s+(?=${sign}|\\d[\\d,.]*${named})${amount}`)
const lowest = /\b(cheapest|least expensive|lowest[- ]priced?|lowest price|most affordable)\b/
const highest = /\b(most expensive|priciest|highest[- ]priced?|highest price|costliest|dearest)\b/

/** How far from an amount `around` it goes. */
const aroundBy = 0.2

/** What a sentence in lower case says of prices. Without a currency, amounts are those of `assumed`. */
export function priceWishOf(words: string, assumed: Currency = 'USD'): PriceWish {
  const currency = names.find(([pattern]) => pattern.test(words))?.[1] ?? null
  const digits = currencies[currency ?? assumed]
  const minor = (text: string | undefined): number => Math.round(Number((text ?? '').replaceAll(',', '')) * 10 ** digits)
  const wish: PriceWish = { min: null, max: null, currency, cheapest: lowest.test(words), dearest: highest.test(words) }
  const between = words.match(range) ?? words.match(bareRange)
  if (between) {
    const [low, high] = [minor(between[1]), minor(between[2])].sort((a, b) => a - b)
    return { ...wish, min: low ?? null, max: high ?? null }
  }
  const near = words.match(about)
  if (near) {
    const middle = minor(near[1])
    return { ...wish, min: Math.round(middle * (1 - aroundBy)), max: Math.round(middle * (1 + aroundBy)) }
  }
  const most = words.match(upTo)
  // `under 100` leaves 100 out.
  if (most) wish.max = minor(most[2]) - (/^(under|below|less than|cheaper than)$/.test(most[1] ?? '') ? 1 : 0)
  const least = words.match(from)
  if (least) wish.min = minor(least[2]) + (/^(over|above|more than)$/.test(least[1] ?? '') ? 1 : 0)
  return wish
}

/** The sentence without what it says of prices, which is no word to search by. */
export const withoutPrices = (words: string): string =>
  [range, bareRange, about, upTo, from, lowest, highest].reduce((left, pattern) => left.replace(pattern, ' '), words)
