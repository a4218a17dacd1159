/** What the assistant answers, as far as it is judged. Amounts are minor units. */
export type Answered = {
  text: string
  citations: { n: number; kind: string; id: string; title: string }[]
  products: {
    productId: string
    variantId: string
    title: string
    unitPrice: { amount: number; currency: string }
    availability: string
    available: number
  }[]
  sources: { kind: string; id: string; title: string }[]
}

/** What is true of something that an answer may cite, as others than the assistant tell it. */
export type Truth = {
  /** All that may be said of it, as text: numbers in an answer must be among its numbers. */
  text: string
  /** Amounts that may be given for it, in minor units. */
  prices: readonly number[]
  /** By variant, for products. */
  variants: ReadonlyMap<string, { price: number; availability: string; available: number }>
}

/** By `<kind>:<id>`. */
export type Truths = ReadonlyMap<string, Truth>

/** The place, from 1, of the first source that was expected; null when none is among them. */
export function rankOf(sources: Answered['sources'], expected: readonly string[]): number | null {
  const at = sources.findIndex(({ id, title }) => expected.includes(title) || expected.includes(id))
  return at < 0 ? null : at + 1
}

/** The sentences of an answer, each with the marks that follow it. */
const sentencesOf = (text: string): string[] =>
  text
    .split(/(?<=[.!?])\s+(?!\[\d)|\n+/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '')

const marksIn = (sentence: string): number[] => [...sentence.matchAll(/\[(\d+)\]/g)].map(([, n]) => Number(n))

const citedBy = (sentence: string, { citations }: Answered, truths: Truths): Truth[] =>
  marksIn(sentence).flatMap((n) => {
    const citation = citations.find((each) => each.n === n)
    const truth = citation && truths.get(`${citation.kind}:${citation.id}`)
    return truth ? [truth] : []
  })

/** Every amount of money in a text, in minor units of two digits, as it stands there. */
const moneyIn = (text: string): { said: string; amount: number }[] =>
  [
    ...text.matchAll(/(?:[$€£]|\b(?:USD|EUR|GBP)\s?)(\d[\d,]*(?:\.\d{1,2})?)|(\d[\d,]*(?:\.\d{1,2})?)\s?(?:dollars|USD|EUR)\b/gi),
  ].map(([said, before, after]) => ({ said, amount: Math.round(Number((before ?? after ?? '').replaceAll(',', '')) * 100) }))

/** Prices that are not those of what the sentence cites, and products shown otherwise than they are. */
export function wrongPrices(answer: Answered, truths: Truths): string[] {
  const shown = answer.products.flatMap(({ productId, variantId, title, unitPrice }) => {
    const known = truths.get(`product:${productId}`)?.variants.get(variantId)
    return known?.price === unitPrice.amount ? [] : [`${title} is shown at ${unitPrice.amount}, not ${known?.price}`]
  })
  const said = sentencesOf(answer.text).flatMap((sentence) => {
    const prices = citedBy(sentence, answer, truths).flatMap((truth) => truth.prices)
    return moneyIn(sentence).flatMap(({ said: price, amount }) =>
      prices.includes(amount) ? [] : [`"${price}" is not the price of what is cited: ${sentence}`],
    )
  })
  return [...shown, ...said]
}

const numbersIn = (text: string): string[] =>
  [...text.matchAll(/\d+(?:[.,]\d+)*/g)].map(([number]) => number.replaceAll(',', '').replace(/\.0+$/, ''))

const stock = { in: /\bin stock\b/i, low: /\b(few|only \d+) left\b/i, out: /\b(sold out|out of stock)\b/i }

/** Sentences that say a number, or how something is in stock, which nothing they cite carries. */
export function unsupportedClaims(answer: Answered, truths: Truths): string[] {
  const shown = answer.products.flatMap(({ productId, variantId, title, availability, available }) => {
    const known = truths.get(`product:${productId}`)?.variants.get(variantId)
    return known?.availability === availability && known.available === available
      ? []
      : [`${title} is shown as ${availability} with ${available}, not ${known?.availability} with ${known?.available}`]
  })
  const said = sentencesOf(answer.text).flatMap((sentence) => {
    const bare = sentence.replaceAll(/\[\d+\]/g, '')
    const cited = citedBy(sentence, answer, truths)
    const amounts = cited.flatMap(({ prices }) => prices.flatMap((price) => [String(price / 100), (price / 100).toFixed(2)]))
    const known = new Set([...cited.flatMap(({ text }) => numbersIn(text)), ...amounts])
    const strange = numbersIn(bare).filter((number) => !known.has(number))
    const states = cited.flatMap(({ variants }) => [...variants.values()].map(({ availability }) => availability))
    const stocked = Object.entries(stock).filter(
      ([state, words]) => words.test(bare) && states.length > 0 && !states.includes(state),
    )
    return [
      ...strange.map((number) => `${number} is in nothing that is cited: ${sentence}`),
      ...stocked.map(([state]) => `what is cited is not ${state}: ${sentence}`),
    ]
  })
  return [...shown, ...said]
}

/** What is somebody else's and stands in an answer, unless whoever asked said it themselves. */
export const crossReads = (asked: string, answered: string, traces: readonly string[]): string[] =>
  traces.filter((trace) => !asked.includes(trace) && answered.includes(trace)).map((trace) => `${trace} was told to a stranger`)
