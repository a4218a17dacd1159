import { type Currency, currencies, type Money } from '../../../shared/contracts/money'
import { symbolOf } from '../text/money-format'
import { contentOf } from '../text/tokens'

/** A day as somebody wrote it; `year` is null where it was left out, months count from 1. */
export type Day = { year: number | null; month: number; day: number }

type Read =
  | { kind: 'money'; money: Money }
  | { kind: 'number'; value: number; unit: Set<string> }
  | { kind: 'day'; day: Day }
  /** A figure that cannot be told what it means, such as a price in an unknown currency: nothing bears it out. */
  | { kind: 'odd' }
/** What somebody wrote in figures or number words, and what stands around it. `at` is where, in the text that was read. */
export type Figure = Read & { at: number; text: string; before: string; after: string }

const units =
  `zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
  nineteen`.split(/\s+/)
const tens = ['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety']
const spelled = new Map<string, number>([
  ...units.map((word, value) => [word, value] as const),
  ...tens.map((word, at) => [word, (at + 2) * 10] as const),
  ['dozen', 12],
  ['hundred', 100],
  ['thousand', 1_000],
])
const numberWord = [...spelled.keys()].join('|')
const numberWords = new RegExp(`\\b(?:${numberWord})(?:(?:[\\s-]+|\\s+and\\s+)(?:${numberWord}))*\\b`, 'gi')
/** `this one`, `one of these`: no number. */
const pronoun = {
  before: /\b(?:this|that|the|which|any|no|each|another|every|other|first|second|last)\s+$/i,
  after: /^\s+(?:of|is|that|which|who|you|to)\b/i,
}

function readWords(words: string): number {
  let total = 0
  let current = 0
  for (const word of words.toLowerCase().split(/[\s-]+/)) {
    const value = spelled.get(word) ?? 0
    if (value === 1_000) {
      total += (current || 1) * value
      current = 0
    } else current = value === 100 || (value === 12 && current > 0 && word === 'dozen') ? (current || 1) * value : current + value
  }
  return total + current
}

/** Number words in digits, padded to their length, so that what stands around keeps its place. */
const inDigits = (text: string): string =>
  text.replaceAll(numberWords, (words, at: number) => {
    const isPronoun =
      /^one$/i.test(words) && (pronoun.before.test(text.slice(0, at)) || pronoun.after.test(text.slice(at + words.length)))
    return isPronoun ? words : String(readWords(words)).padEnd(words.length)
  })

const names: Record<string, Currency> = {
  dollar: 'USD',
  dollars: 'USD',
  euro: 'EUR',
  euros: 'EUR',
  pounds: 'GBP',
  yen: 'JPY',
  rupees: 'INR',
}
const codes = Object.keys(currencies) as Currency[]
const marks = new Map<string, Currency>([
  ...codes.map((code) => [code, code] as const),
  ...codes.map((code) => [symbolOf(code), code] as const),
  ...Object.entries(names),
])
const escaped = (text: string): string => text.replaceAll(/[$.*+?^()|[\]{}\\]/g, '\\$&')
const mark = [...marks.keys()]
  .sort((a, b) => b.length - a.length)
  .map((text) => (/^\w/.test(text) ? `\\b${escaped(text)}` : escaped(text)) + (/\w$/.test(text) ? '(?![a-zA-Z])' : ''))
  .join('|')
const digits = String.raw`\d+(?:[.,'’]\d+)*`
const moneys = new RegExp(`(?<before>${mark})\\s?(?<first>${digits})|(?<last>${digits})\\s?(?<after>${mark})`, 'g')
/** What would make another amount of it. */
const multiplier = /^\s?(?:k|m|bn|thousand|million|billion|hundred)\b|^[\d.,]*\d/i

/** `1,298.00`, `1.298,00`, `649,00`: one kind of separator before three digits groups them, unless the currency has three. */
function parseNumber(text: string, decimals = 2): number {
  const plain = text.replaceAll(/['’]/g, '')
  const last = Math.max(plain.lastIndexOf('.'), plain.lastIndexOf(','))
  if (last < 0) return Number(plain)
  const separator = plain[last]
  const isMixed = plain.includes('.') && plain.includes(',')
  const isRepeated = plain.indexOf(separator ?? '') !== last
  const isGrouped = isRepeated || (!isMixed && plain.length - last - 1 === 3 && (separator === ',' || decimals !== 3))
  const whole = isGrouped ? plain : plain.slice(0, last)
  return Number(`${whole.replaceAll(/[.,]/g, '')}${isGrouped ? '' : `.${plain.slice(last + 1)}`}`)
}

function moneyOf(text: string, currency: Currency): Money | undefined {
  const decimals = currencies[currency]
  const amount = parseNumber(text, decimals) * 10 ** decimals
  return Math.abs(amount - Math.round(amount)) < 1e-6 ? { amount: Math.round(amount), currency } : undefined
}

const months = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
]
const month = `(?:${months.map((name) => `${name}|${name.slice(0, 3)}\\.?`).join('|')})`
const days = new RegExp(
  `\\b(?<y1>\\d{4})-(?<m1>\\d{2})-(?<d1>\\d{2})\\b|\\b(?<d2>\\d{1,2})(?:st|nd|rd|th)?\\s+(?:of\\s+)?(?<m2>${month})\\b(?:,?\\s+(?<y2>\\d{4}))?|\\b(?<m3>${month})\\s+(?<d3>\\d{1,2})(?:st|nd|rd|th)?\\b(?:,?\\s+(?<y3>\\d{4}))?`,
  'gi',
)

function dayOf({ y1, m1, d1, d2, m2, y2, m3, d3, y3 }: Record<string, string | undefined>): Day {
  const year = y1 ?? y2 ?? y3
  const named = (m2 ?? m3)?.toLowerCase().slice(0, 3) ?? ''
  return {
    year: year === undefined ? null : Number(year),
    month: m1 === undefined ? months.findIndex((name) => name.startsWith(named)) + 1 : Number(m1),
    day: Number(d1 ?? d2 ?? d3),
  }
}

/** What a number counts or measures is told by the words behind it, up to what joins another to them. */
const unitOf = (after: string): Set<string> => {
  const near = after.split(/[.,;:!?()]\s|\s(?:and|or|with|for|in|on|at|of|to)\s/)[0] ?? ''
  const unit = [...contentOf(near)].slice(0, 3)
  return new Set(/^\s*(?:%|percent\b)/.test(after) ? [...unit, '%'] : unit)
}

/** All figures of a text in their order, and the text with blanks in their places. */
export function figuresIn(text: string): { figures: Figure[]; words: string } {
  const found: Figure[] = []
  const whole = inDigits(text)
  let words = whole
  const take = (pattern: RegExp, read: (match: RegExpExecArray, after: string) => Read) => {
    for (const match of words.matchAll(pattern)) {
      const { index: at, 0: figure } = match
      const around = { at, text: figure, before: whole.slice(0, at), after: whole.slice(at + figure.length) }
      found.push({ ...around, ...read(match, around.after) })
      words = words.slice(0, at) + ' '.repeat(figure.length) + words.slice(at + figure.length)
    }
  }
  take(days, ({ groups }) => ({ kind: 'day', day: dayOf(groups ?? {}) }))
  take(moneys, ({ groups }, after) => {
    const { before, first, last, after: behind } = groups ?? {}
    const currency = marks.get(before ?? behind ?? '')
    const money = currency && moneyOf(first ?? last ?? '', currency)
    return money && !multiplier.test(after) ? { kind: 'money', money } : { kind: 'odd' }
  })
  take(/\p{Sc}|(?![0-9])\p{N}|\b(?:cents?|bucks?|quid)\b/gu, () => ({ kind: 'odd' }))
  take(new RegExp(digits, 'g'), ([figure], after) => ({ kind: 'number', value: parseNumber(figure), unit: unitOf(after) }))
  return { figures: found.sort((a, b) => a.at - b.at), words }
}
