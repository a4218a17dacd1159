import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { workers } from '../shared/contracts/workers'
import { backendOf } from '../workers/gateway/routing'
import { MissingPlace } from './new/edits.ts'
import { filesOf } from './new/files.ts'
import { findNameFault, type Names, namesOf } from './new/names.ts'
import { undoable } from './new/undoable.ts'
import { wire } from './new/wiring.ts'
import { readConfigs, root } from './support/configs.ts'
import { readArguments, refuseArguments } from './support/help.ts'
import { run } from './support/run.ts'
import { pageTables } from './topology/page-tables.ts'

const help = `npm run new -- <name> [--dry-run]

Adds a Worker: its config, a folder of the usual shape with tests that pass, and its name in every list that has to know it.
<name> is a noun in the singular, in lower case with hyphens: review, gift-card. The new Worker opens one of it for each order
that is delivered, lists a buyer's own at /v1/<name>s and lets the buyer close each, which it publishes. From there on it is yours.

  --dry-run   writes nothing; lists the files that would be created and changed

When something fails half-way, all files are put back to what they were.`

/** Names of Workers to come, of folders, of test projects, and of the files that every Worker has. */
const reserved =
  'storefront shared scripts wrangler workers world e2e commands deps env events index repo routes rpc sweep testing'.split(' ')

function refuseName(worker: string): void {
  const sourcesOf = (names: Names) => [...filesOf(names, '').values()]
  const fault = findNameFault(worker, { workers, reserved, backendOf: (path) => backendOf(path, true), sourcesOf })
  if (fault) refuseArguments(help, fault)
  for (const path of [`workers/${worker}`, `wrangler/${worker}.jsonc`])
    if (existsSync(join(root, path))) refuseArguments(help, `${path} is there already`)
}

/** What a tool has to say when it fails. */
class Failed extends Error {}

async function must(what: string, tool: string, args: readonly string[]): Promise<void> {
  const { code, output } = await run(tool, args)
  if (code !== 0) throw new Failed(`${what} failed:\n\n${output.trim()}`)
}

const { values, positionals } = readArguments(help, { 'dry-run': { type: 'boolean' } })
const [worker, ...surplus] = positionals
if (worker === undefined) refuseArguments(help, 'name the Worker')
if (surplus.length > 0) refuseArguments(help, `one Worker at a time, not also ${surplus.join(' ')}`)
refuseName(worker)

const names = namesOf(worker)
const created = filesOf(names, readConfigs()[0]?.compatibility_date ?? '')
let changed: Map<string, string>
try {
  changed = wire(names, (path) => readFileSync(join(root, path), 'utf8'))
} catch (error) {
  if (!(error instanceof MissingPlace)) throw error
  console.error(`Nothing is written, because a file is not as scripts/new/wiring.ts knows it. ${error.message}`)
  process.exit(1)
}
const environments = readConfigs().map((config) => `workers/${config.worker}/env.d.ts`)
const generated = [...environments, ...Object.values(pageTables).map(({ page }) => page)]
const ownEnvironment = `workers/${worker}/env.d.ts`

if (values['dry-run']) {
  console.log('Would create')
  for (const path of [...created.keys(), ownEnvironment].sort()) console.log(`  ${path}`)
  console.log('Would change')
  for (const path of [...changed.keys()].sort()) console.log(`  ${path}`)
  console.log('Would generate anew\n  env.d.ts of the Workers whose config changes, the tables on pages')
  process.exit(0)
}

const files = undoable(root)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    files.undo()
    console.error('Interrupted; all files are as they were')
    process.exit(1)
  })
}

try {
  await must('npm run topology, before anything was written,', 'bun', ['scripts/topology.ts'])
  for (const path of [...generated, ownEnvironment]) files.remember(path)
  for (const [path, text] of [...created, ...changed]) files.write(path, text)
  await must('npm run types', 'bun', ['scripts/types.ts'])
  await must('biome', 'biome', ['check', '--write', '--error-on-warnings', ...created.keys(), ...changed.keys()])
  await must('npm run topology', 'bun', ['scripts/topology.ts', '--write'])
} catch (error) {
  files.undo()
  if (!(error instanceof Failed)) throw error
  console.error(`${error.message}\n\nAll files are as they were`)
  process.exit(1)
}

const next: [command: string, what: string][] = [
  [`npx vitest run --project ${worker}`, 'runs its tests'],
  ['npm start', 'starts it with the others; stop one that runs already, which does not know it'],
  [`workers/${worker}/${worker}.ts`, 'has its rules: write yours'],
  ['shared/contracts/events.ts', 'has what it consumes and publishes; npm run topology says what a change of that needs'],
  [
    'shared/testing/fault-table.ts',
    'takes what it does when the database fails; a test like workers/order/faults.test.ts proves it',
  ],
  ['README.md', 'has the picture of the Workers: add this one'],
]
const width = Math.max(...next.map(([command]) => command.length))
console.log(`Created workers/${worker} and wrangler/${worker}.jsonc, and made ${worker} known in`)
for (const path of [...changed.keys()].sort()) console.log(`  ${path}`)
console.log(`
It answers GET ${names.path} and POST ${names.path}/{orderId}/close, consumes order.delivered and publishes ${names.event}.

Next`)
for (const [command, what] of next) console.log(`  ${command.padEnd(width)}  ${what}`)
