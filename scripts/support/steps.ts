import { globSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { root } from './configs.ts'
import { countsFolder } from './counts.ts'
import { type Finished, run } from './run.ts'

const reportFile = join(root, '.wrangler/vitest.json')
const Counts = z.record(z.string(), z.union([z.number(), z.string()]))
const Report = z.object({ numPassedTests: z.number(), numFailedTests: z.number() })

/** Runs steps, prints a line for each and counts them and their tests. */
export function steps() {
  const total = { passed: 0, failed: 0 }

  /** `summary` is told behind the step's name; of a step that is `told`, all that it wrote. */
  async function step(
    name: string,
    start: () => Promise<Finished>,
    { summary = () => '', told = false }: { summary?: () => string; told?: boolean } = {},
  ): Promise<boolean> {
    const began = performance.now()
    const { code, output } = await start()
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    total[code === 0 ? 'passed' : 'failed'] += 1
    console.log(`${code === 0 ? 'ok  ' : 'FAIL'}  ${name.padEnd(34)} ${seconds.padStart(6)} s${summary()}`)
    if (code !== 0) console.log(`\n${output.trimEnd()}\n`)
    else if (told) console.log(output.trimEnd().replace(/^/gm, '      '))
    return code === 0
  }

  /** Tests, all of them or those that the arguments of vitest name. */
  function tests(name: string, chosen: readonly string[] = [], environment: NodeJS.ProcessEnv = {}): Promise<boolean> {
    mkdirSync(join(root, '.wrangler'), { recursive: true })
    // A report of an earlier run must not speak for this one.
    rmSync(reportFile, { force: true })
    rmSync(countsFolder, { recursive: true, force: true })
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
    return step(name, () => run('vitest', ['run', ...reporters, ...chosen], environment), { summary: count })
  }

  /** Adds the tests to the totals; a run that crashed before it could report counts as the failed step alone. */
  function count(): string {
    try {
      const report = Report.parse(JSON.parse(readFileSync(reportFile, 'utf8')))
      total.passed += report.numPassedTests
      total.failed += report.numFailedTests
      return `  ${report.numPassedTests} passed, ${report.numFailedTests} failed`
    } catch {
      return '  no report'
    }
  }

  /** Tells what tests counted, since what passes is not shown. */
  function tellCounts(): void {
    for (const file of globSync('*.json', { cwd: countsFolder }).sort()) {
      const counts = Counts.parse(JSON.parse(readFileSync(join(countsFolder, file), 'utf8')))
      const told = Object.entries(counts).map(([what, count]) => `${count} ${what}`)
      console.log(`      ${file.replace('.json', '')}: ${told.join(', ')}`)
    }
  }

  const skip = (name: string, reason: string) => console.log(`skip  ${name}: ${reason}`)

  return { step, tests, tellCounts, skip, total }
}
