import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { evaluate, type Report } from './eval/evaluate.ts'
import { localValues } from './secrets.ts'
import { seed } from './seed.ts'
import { until } from './support/api.ts'
import { root } from './support/configs.ts'
import { readArguments } from './support/help.ts'
import { freePort } from './support/ports.ts'
import { localBindings, startRuntime } from './support/runtime.ts'

const help = `npm run eval [-- --against URL]

Asks the assistant everything in scripts/eval about the seed catalogue, the support articles and the asker's orders, and prints how it
did: how often an expected source is among the first five, the mean reciprocal rank, wrong prices, claims that nothing cited
bears out, and leaks to strangers. Exits 1 when any of the last three is not 0, or fewer than 9 of 10 are hit.

It starts a marketplace of its own, seeded; --against asks one that runs, which must be seeded and otherwise unused.`

const least = 0.9

const { values: flags } = readArguments(help, { against: { type: 'string' } }, false)

async function evaluateOwn(): Promise<Report> {
  const state = mkdtempSync(join(tmpdir(), 'credenza-eval-'))
  const running = startRuntime(
    { port: await freePort(), bindings: localBindings(localValues()), state },
    join(root, '.wrangler/eval.log'),
  )
  try {
    await running.ready
    await until('the marketplace', async () => (await fetch(`${running.url}/health`)).ok, 60_000)
    await seed(running.url, () => {})
    return await evaluate(running.url)
  } finally {
    await running.stop()
    rmSync(state, { recursive: true, force: true })
  }
}

const report = flags.against === undefined ? await evaluateOwn() : await evaluate(flags.against.replace(/\/$/, ''))
const rows = report.parts.map(
  ({ name, questions, hits, reciprocal }) =>
    `  ${name.padEnd(10)} ${String(questions).padStart(9)} ${(hits / questions).toFixed(3).padStart(7)} ${(reciprocal / questions).toFixed(3).padStart(7)}`,
)
const counts = {
  'wrong prices': report.wrongPrices,
  'unsupported claims': report.unsupportedClaims,
  'leaks to strangers': report.crossReads,
}
console.log(`
  sources    questions   hit@5     MRR
${rows.join('\n')}
  ${'both'.padEnd(20)} ${report.hitAt5.toFixed(3).padStart(7)} ${report.meanReciprocalRank.toFixed(3).padStart(7)}

${Object.entries(counts)
  .map(([name, found]) => `  ${name.padEnd(20)} ${found.length}`)
  .join('\n')}

  ${report.questions} questions, ${report.milliseconds.p50.toFixed(0)} ms p50, ${report.milliseconds.p95.toFixed(0)} ms p95
`)
for (const missed of report.missed) console.log(`  missed: ${missed}`)
for (const found of Object.values(counts).flat()) console.log(`  wrong: ${found}`)
process.exit(report.hitAt5 >= least && Object.values(counts).every((found) => found.length === 0) ? 0 : 1)
