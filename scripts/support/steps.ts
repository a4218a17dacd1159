import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { root } from './configs.ts'
import { type Finished, run } from './run.ts'

const reportFile = join(root, '.wrangler/vitest.json')
const Report = z.object({ numPassedTests: z.number(), numFailedTests: z.number() })

/** Runs steps, prints a line for each and counts them and their tests. */
export function steps() {
  const total = { passed: 0, failed: 0 }

  async function step(name: string, start: () => Promise<Finished>, summary = () => ''): Promise<boolean> {
    const began = performance.now()
    const { code, output } = await start()
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    total[code === 0 ? 'passed' : 'failed'] += 1
    console.log(`${code === 0 ? 'ok  ' : 'FAIL'}  ${name.padEnd(34)} ${seconds.padStart(6)} s${summary()}`)
    if (code !== 0) console.log(`\n${output.trimEnd()}\n`)
    return code === 0
  }

  /** Tests, all of them or those that the arguments of vitest name. */
  function tests(name: string, chosen: readonly string[] = [], environment: NodeJS.ProcessEnv = {}): Promise<boolean> {
    mkdirSync(join(root, '.wrangler'), { recursive: true })
    // A report of an earlier run must not speak for this one.
    rmSync(reportFile, { force: true })
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
    return step(name, () => run('vitest', ['run', ...reporters, ...chosen], environment), count)
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

  const skip = (name: string, reason: string) => console.log(`skip  ${name}: ${reason}`)

  return { step, tests, skip, total }
}
