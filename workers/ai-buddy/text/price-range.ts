import { type Currency, currencies } from '../../../shared/contracts/money'
import { parseNumber } from './numbers'

/** What somebody says of prices: minor units of a currency that they may leave open, and whether they ask for the lowest or the highest price alone. */
export type PriceIntent = {
  min: number | null
  max: number | null
  currency: Currency | null
  cheapest: boolean
  dearest: boolean
}

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
/** Without such a word a range needs a currency sign: `2-3 seats` is no range of prices. */
const bareRange = new RegExp(`${sign}(\\d[\\d,]*(?:\\.\\d{1,2})?)\\s*(?:to|-|–)\\s*(?:${sign})?(\\d[\\d,]*(?:\\.\\d{1,2})?)`)
const upTo = new RegExp(`\\b${below}\\s+${amount}`)
const from = new RegExp(`\\b${above}\\s+${amount}`)
const about = new RegExp(`\\b(?:around|about|roughly|approximately)\\s+(?=${sign}|\\d[\\d,.]*${named})${amount}`)
const lowest = /\b(cheapest|least expensive|lowest[- ]priced?|lowest price|most affordable)\b/
const highest = /\b(most expensive|priciest|highest[- ]priced?|highest price|costliest|dearest)\b/

/** How far around an amount `about` reaches, as a part of it. */
const aroundBy = 0.2

/** What a sentence in lower case says of prices. Without a currency, amounts are those of `assumed`. */
export function priceIntentOf(words: string, assumed: Currency = 'USD'): PriceIntent {
  const currency = names.find(([pattern]) => pattern.test(words))?.[1] ?? null
  const digits = currencies[currency ?? assumed]
  const minor = (text = ''): number | null => {
    const value = parseNumber(text)
    return value === null ? null : Math.round(value * 10 ** digits)
  }
  const intent: PriceIntent = { min: null, max: null, currency, cheapest: lowest.test(words), dearest: highest.test(words) }
  const between = words.match(range) ?? words.match(bareRange)
  if (between) {
    const [one, other] = [minor(between[1]), minor(between[2])]
    return one === null || other === null ? intent : { ...intent, min: Math.min(one, other), max: Math.max(one, other) }
  }
  const middle = minor(words.match(about)?.[1])
  if (middle !== null) return { ...intent, min: Math.round(middle * (1 - aroundBy)), max: Math.round(middle * (1 + aroundBy)) }
  const [, most = '', highestAmount] = words.match(upTo) ?? []
  const max = minor(highestAmount)
  // `under 100` leaves 100 out.
  if (max !== null) intent.max = max - (/^(under|below|less than|cheaper than)$/.test(most) ? 1 : 0)
  const [, least = '', lowestAmount] = words.match(from) ?? []
  const min = minor(lowestAmount)
  if (min !== null) intent.min = min + (/^(over|above|more than)$/.test(least) ? 1 : 0)
  return intent
}

/** The sentence without what it says of prices: no product is found by those words. */
export const withoutPrices = (words: string): string =>
  [range, bareRange, about, upTo, from, lowest, highest].reduce((left, pattern) => left.replace(pattern, ' '), words)
