import { api, until } from '../support/api.ts'
import { articleQuestions } from './article-questions.ts'
import { ownGroundTruth, publicGroundTruth } from './ground-truth.ts'
import { type Answered, crossReads, type GroundTruthById, rankOf, unsupportedClaims, wrongPrices } from './judge.ts'
import { productQuestions } from './product-questions.ts'
import { ownQuestions, strangersQuestions } from './shopper-questions.ts'
import { aShopper, type Shopper } from './shoppers.ts'

export type Part = { name: string; questions: number; hits: number; reciprocal: number }
export type Report = {
  parts: Part[]
  questions: number
  /** Of the questions with expected sources, how many had one among the first five, and the mean of one over its place. */
  hitAt5: number
  meanReciprocalRank: number
  missed: string[]
  wrongPrices: string[]
  unsupportedClaims: string[]
  crossReads: string[]
  milliseconds: { p50: number; p95: number }
}

/** The most questions of one asker, whose budget for the day is larger. */
const perAsker = 100

/** Asks a seeded marketplace every question, and compares the answers with the ground truth. */
export async function evaluate(base: string): Promise<Report> {
  await untilIndexed(base)
  let groundTruth = await publicGroundTruth(base)
  const times: number[] = []
  const found = {
    missed: [] as string[],
    wrongPrices: [] as string[],
    unsupportedClaims: [] as string[],
    crossReads: [] as string[],
  }
  let asker: Shopper | undefined
  let asked = 0

  const ask = async (question: string, { token }: Shopper, own: GroundTruthById = new Map()): Promise<Answered> => {
    const { json, milliseconds } = await api(base, 'POST', '/v1/assistant/messages', { token, body: { message: question } })
    times.push(milliseconds)
    const all = new Map([...groundTruth, ...own])
    found.wrongPrices.push(...wrongPrices(json, all).map((what) => `${question}: ${what}`))
    found.unsupportedClaims.push(...unsupportedClaims(json, all).map((what) => `${question}: ${what}`))
    return json
  }
  const part = async (name: string, questions: readonly (readonly [string, ...string[]])[]): Promise<Part> => {
    const ranks: (number | null)[] = []
    for (const [question, ...expected] of questions) {
      if (asker === undefined || asked++ % perAsker === 0) asker = await aShopper(base)
      const rank = rankOf((await ask(question, asker)).sources, expected)
      if (rank === null || rank > 5) found.missed.push(question)
      ranks.push(rank)
    }
    const hits = ranks.filter((rank) => rank !== null && rank <= 5).length
    const reciprocal = ranks.reduce<number>((sum, rank) => sum + (rank === null ? 0 : 1 / rank), 0)
    return { name, questions: questions.length, hits, reciprocal }
  }

  const parts = [await part('products', productQuestions), await part('articles', articleQuestions)]
  const owner = await aShopper(base)
  const traces = await owner.buys()
  const stranger = await aShopper(base)
  const own = await ownGroundTruth(base, owner.token)
  groundTruth = await publicGroundTruth(base)
  for (const { question, says } of ownQuestions(owner)) {
    const { text } = await ask(question, owner, own)
    if (!says.every((word) => text.includes(word))) found.missed.push(`${question}: ${text}`)
  }
  const strangers = strangersQuestions(owner)
  for (const question of strangers) {
    const answer = await ask(question, stranger)
    found.crossReads.push(...crossReads(question, JSON.stringify(answer), traces))
  }
  const ranked = parts.reduce((sum, { questions }) => sum + questions, 0)
  return {
    parts,
    questions: times.length,
    hitAt5: parts.reduce((sum, { hits }) => sum + hits, 0) / ranked,
    meanReciprocalRank: parts.reduce((sum, { reciprocal }) => sum + reciprocal, 0) / ranked,
    ...found,
    milliseconds: { p50: percentile(times, 0.5), p95: percentile(times, 0.95) },
  }
}

/** Waits until the last product of the seed is found: events bring products to the index. */
async function untilIndexed(base: string): Promise<void> {
  const { token } = await aShopper(base)
  await until(
    'the index of the assistant',
    async () => {
      const { json } = await api(base, 'POST', '/v1/assistant/messages', {
        token,
        body: { message: 'work gloves of goat leather' },
      })
      await new Promise((resolve) => setTimeout(resolve, 400))
      return rankOf(json.sources, ['Work gloves']) !== null
    },
    60_000,
  )
}

const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)] ?? 0
