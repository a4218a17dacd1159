import { afterAll, beforeAll, expect, it } from 'vitest'
import { startConstellation } from '../shared/testing/e2e/harness.ts'
import { evaluate } from './eval/evaluate.ts'
import { seed } from './seed.ts'
import { until } from './support/api.ts'

let constellation: Awaited<ReturnType<typeof startConstellation>>
let base: string

beforeAll(async () => {
  constellation = await startConstellation()
  base = constellation.url.href.replace(/\/$/, '')
  await until('the marketplace', async () => (await fetch(`${base}/health`)).ok, 60_000)
  await seed(base, () => {})
})
afterAll(() => constellation.close())

it('finds what is asked for, and says nothing that is not so or not for the asker', async () => {
  const report = await evaluate(base)
  expect(report.questions).toBeGreaterThanOrEqual(120)
  expect(report.wrongPrices).toEqual([])
  expect(report.unsupportedClaims).toEqual([])
  expect(report.crossReads).toEqual([])
  expect(report.hitAt5, report.missed.join('\n')).toBeGreaterThanOrEqual(0.9)
  process.stdout.write(`hit@5 ${report.hitAt5.toFixed(3)}, MRR ${report.meanReciprocalRank.toFixed(3)}\n`)
})
