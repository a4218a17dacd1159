import { spawnSync } from 'node:child_process'
import { root } from './support/configs.ts'
import { readFlags } from './support/help.ts'
import { run } from './support/run.ts'
import { steps } from './support/steps.ts'

const help = `bun scripts/check.ts [--full] [--no-tests]

What must hold before a change goes in, one line per step: the tests of all Workers; end to end the main job, isolation and
redriving; beside these types, lint, generated env.d.ts and topology. Of the crash battery it tries a quarter of the points, chosen by
the day, so that four days cover all, and every point that concerns a Worker which the working tree changes. What a step wrote is shown
only when it fails. The last line is "N passed, N failed", counting tests and steps; the exit code is 1 when anything failed. Needs no
network.

  --full       every point and interleaving, all end-to-end tests, dead code, a minute of load with faults, and one pass
               in which each test file has a runtime of its own, which finds what one file leaves behind for another
  --no-tests   leaves out the tests

\`npm run check-servers\` tries the same on real servers.`

/** Tests that look at a server say nothing where there is none; the reason is printed here, since the output of a passing test is not shown. */
const servers = [
  ['a MongoDB', 'MONGODB_URI'],
  ['a Redis', 'UPSTASH_REDIS_REST_URL'],
] as const

/** The Workers in whose folders the working tree differs from the last commit; none outside a checkout. */
function changedWorkers(): string[] {
  const { stdout } = spawnSync('git', ['status', '--porcelain', '--untracked-files=all'], { cwd: root, encoding: 'utf8' })
  return [...new Set([...(stdout ?? '').matchAll(/workers\/([\w-]+)\//g)].map(([, worker = '']) => worker))]
}

/** What a quick run tries of what takes long. */
function quickEnvironment(): Record<string, string> {
  const quarter = Math.floor(Date.now() / 86_400_000) % 4
  const workers = changedWorkers()
  const all = workers.length > 0 ? `, and all that concern ${workers.join(', ')}` : ''
  console.log(`Quarter ${quarter + 1} of 4 of the crash points${all}; npm run test:full tries every one`)
  return { TEST_QUICK: '1', FAULT_QUARTER: String(quarter), FAULT_WORKERS: workers.join(',') }
}

const { full, 'no-tests': withoutTests } = readFlags(help, { full: { type: 'boolean' }, 'no-tests': { type: 'boolean' } })
const { step, tests, reportCounts, reportSlowest, skip, total } = steps()

async function checkStatically(): Promise<void> {
  await step('types', () => run('tsc', ['--build']))
  await step('lint', () => run('biome', ['ci', '--error-on-warnings']))
  if (full) await step('dead code', () => run('knip', []))
  await step('generated env', () => run('bun', ['scripts/types.ts', '--check']))
  await step('topology', () => run('bun', ['scripts/topology.ts']))
}

/** The end-to-end tests mostly wait, so the static checks run beside them; beside the others they would only take a core away. */
if (withoutTests) await checkStatically()
else {
  const environment = full ? {} : quickEnvironment()
  await tests('tests', ['--project=!e2e'], environment)
  await Promise.all([checkStatically(), tests('tests, end to end', ['--project=e2e'], environment)])
  reportCounts()
  reportSlowest()
}
if (full && !withoutTests) {
  const others = ['world', 'e2e', 'plain', 'scripts'].map((name) => `--project=!${name}`)
  await tests('tests, each file by itself', others, { TEST_ISOLATED: '1' })
  await step('soak, a minute', () => run('bun', ['scripts/soak.ts']), { verbose: true })
  for (const [what, name] of servers)
    if (!process.env[name]) skip(`tests on ${what}`, `${name} names none; npm run check-servers starts one`)
}
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1
