import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { root } from './support/configs.ts'
import { readFlags } from './support/help.ts'
import { type Finished, run } from './support/run.ts'

const help = `bun scripts/check.ts [--no-tests]

Everything that must hold before a change goes in, one line per step: types, lint, dead code, generated env.d.ts, topology and
all tests. What a step wrote is shown only when it fails. The last line is "N passed, N failed", counting tests and steps;
the exit code is 1 when anything failed. Needs no network.

  --no-tests   leaves out the tests`

const reportFile = join(root, '.wrangler/vitest.json')
const Report = z.object({ numPassedTests: z.number(), numFailedTests: z.number() })

type Step = { name: string; run: () => Promise<Finished> }

const steps: Step[] = [
  { name: 'types', run: () => run('tsc', ['--build']) },
  { name: 'lint', run: () => run('biome', ['ci', '--error-on-warnings']) },
  { name: 'dead code', run: () => run('knip', []) },
  { name: 'generated env', run: () => run('bun', ['scripts/types.ts', '--check']) },
  { name: 'topology', run: () => run('bun', ['scripts/topology.ts']) },
]

let passed = 0
let failed = 0

/** Runs one step, prints its line, and its output when it fails. */
async function report({ name, run: start }: Step, summary = () => ''): Promise<void> {
  const began = performance.now()
  const { code, output } = await start()
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  if (code === 0) passed += 1
  else failed += 1
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'}  ${name.padEnd(14)} ${seconds.padStart(6)} s${summary()}`)
  if (code !== 0) console.log(`\n${output.trimEnd()}\n`)
}

/** Adds the tests to the totals; a run that crashed before it could report counts as the failed step alone. */
function countTests(): string {
  try {
    const tests = Report.parse(JSON.parse(readFileSync(reportFile, 'utf8')))
    passed += tests.numPassedTests
    failed += tests.numFailedTests
    return `  ${tests.numPassedTests} passed, ${tests.numFailedTests} failed`
  } catch {
    return '  no report'
  }
}

const { 'no-tests': withoutTests } = readFlags(help, { 'no-tests': { type: 'boolean' } })
for (const step of steps) await report(step)
if (!withoutTests) {
  mkdirSync(join(root, '.wrangler'), { recursive: true })
  // A report of an earlier run must not speak for this one.
  rmSync(reportFile, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
  await report({ name: 'tests', run: () => run('vitest', ['run', ...reporters]) }, countTests)
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
