import { readFlags } from './support/help.ts'
import { run } from './support/run.ts'
import { steps } from './support/steps.ts'

const help = `bun scripts/check.ts [--no-tests]

Everything that must hold before a change goes in, one line per step: types, lint, dead code, generated env.d.ts, topology and
all tests, and a minute of load with faults. What a step wrote is shown only when it fails. The last line is "N passed, N failed", counting tests and steps;
the exit code is 1 when anything failed. Needs no network. \`npm run check-servers\` tries the same on real servers.

  --no-tests   leaves out the tests`

/** Tests that look at a server say nothing where there is none; their reason is told here, since what passes is not shown. */
const servers = [
  ['a MongoDB', 'MONGODB_URI'],
  ['a Redis', 'UPSTASH_REDIS_REST_URL'],
] as const

const { 'no-tests': withoutTests } = readFlags(help, { 'no-tests': { type: 'boolean' } })
const { step, tests, tellCounts, skip, total } = steps()
await step('types', () => run('tsc', ['--build']))
await step('lint', () => run('biome', ['ci', '--error-on-warnings']))
await step('dead code', () => run('knip', []))
await step('generated env', () => run('bun', ['scripts/types.ts', '--check']))
await step('topology', () => run('bun', ['scripts/topology.ts']))
if (!withoutTests) {
  await tests('tests')
  tellCounts()
  await step('soak, a minute', () => run('bun', ['scripts/soak.ts']), { told: true })
  for (const [what, name] of servers)
    if (!process.env[name]) skip(`tests on ${what}`, `${name} names none; npm run check-servers starts one`)
}
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1
