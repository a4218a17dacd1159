import { globSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { z } from 'zod'
import { root } from './configs.ts'
import { countsFolder } from './counts.ts'
import { type Finished, run } from './run.ts'

const reportFile = join(root, '.wrangler/vitest.json')
const Counts = z.record(z.string(), z.union([z.number(), z.string()]))
const Test = z.object({ fullName: z.string(), duration: z.number().nullish() })
const Report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  testResults: z.array(z.object({ name: z.string(), assertionResults: z.array(Test) })),
})
/** How many of the slowest tests are named after a run. */
const slowest = 10

/** Runs steps, prints a line for each and counts them and their tests. */
export function steps() {
  const total = { passed: 0, failed: 0 }
  const timed: { test: string; duration: number }[] = []
  // Counts of an earlier run must not speak for this one.
  rmSync(countsFolder, { recursive: true, force: true })

  /** `summary` is printed behind the step's name; with `verbose`, all that the step wrote is printed too. */
  async function step(
    name: string,
    start: () => Promise<Finished>,
    { summary = () => '', verbose = false }: { summary?: () => string; verbose?: boolean } = {},
  ): Promise<boolean> {
    const began = performance.now()
    const { code, output } = await start()
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    total[code === 0 ? 'passed' : 'failed'] += 1
    console.log(`${code === 0 ? 'ok  ' : 'FAIL'}  ${name.padEnd(34)} ${seconds.padStart(6)} s${summary()}`)
    if (code !== 0) console.log(`\n${output.trimEnd()}\n`)
    else if (verbose) console.log(output.trimEnd().replace(/^/gm, '      '))
    return code === 0
  }

  /** Tests, all of them or those that the arguments of vitest name. */
  function tests(name: string, chosen: readonly string[] = [], environment: NodeJS.ProcessEnv = {}): Promise<boolean> {
    mkdirSync(join(root, '.wrangler'), { recursive: true })
    // A report of an earlier run must not speak for this one.
    rmSync(reportFile, { force: true })
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
    return step(name, () => run('vitest', ['run', ...reporters, ...chosen], environment), { summary: count })
  }

  /** Adds the tests to the totals; a run that crashed before it could report counts as the failed step alone. */
  function count(): string {
    try {
      const report = Report.parse(JSON.parse(readFileSync(reportFile, 'utf8')))
      total.passed += report.numPassedTests
      total.failed += report.numFailedTests
      for (const { name, assertionResults } of report.testResults)
        for (const { fullName, duration } of assertionResults)
          timed.push({ test: `${relative(root, name)}: ${fullName}`, duration: duration ?? 0 })
      return `  ${report.numPassedTests} passed, ${report.numFailedTests} failed`
    } catch {
      return '  no report'
    }
  }

  /** Prints what tests counted, since the output of a passing test is not shown. */
  function reportCounts(): void {
    for (const file of globSync('*.json', { cwd: countsFolder }).sort()) {
      const counts = Counts.parse(JSON.parse(readFileSync(join(countsFolder, file), 'utf8')))
      const parts = Object.entries(counts).map(([what, count]) => `${count} ${what}`)
      console.log(`      ${file.replace('.json', '')}: ${parts.join(', ')}`)
    }
  }

  /** Names the slowest tests so far, where a run that has become slow has its reason. */
  function reportSlowest(): void {
    console.log(`      the ${slowest} slowest tests:`)
    for (const { test, duration } of timed.sort((a, b) => b.duration - a.duration).slice(0, slowest))
      console.log(`      ${(duration / 1000).toFixed(1).padStart(6)} s  ${test}`)
  }

  const skip = (name: string, reason: string) => console.log(`skip  ${name}: ${reason}`)

  return { step, tests, reportCounts, reportSlowest, skip, total }
}
