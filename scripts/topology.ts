import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { events } from '../shared/contracts/events'
import { readConfigs, root } from './support/configs.ts'
import { type Catalogue, findDisagreements } from './support/findings.ts'
import { readFlags } from './support/help.ts'
import { findTreeFaults } from './support/tree.ts'

const help = `bun scripts/topology.ts [--table | --write]

Fails with a list when the wrangler configs do not match the event catalogue (shared/contracts/events.ts): queue producers and
consumers, dead-letter queues, batch timeouts, compatibility dates, service bindings, names, secrets. Also when a Worker has no
README, an index.ts has more than 60 lines or any file more than 300, or the table of events in README.md is stale.

  --table   prints the table of events as Markdown
  --write   puts that table into README.md, between <!-- events:start --> and <!-- events:end -->`

const catalogue: Catalogue = events
const readme = join(root, 'README.md')
const marked = /(<!-- events:start -->\n).*?(<!-- events:end -->)/s

function renderTable(): string {
  const rows = Object.entries(catalogue).map(
    ([event, { from, to }]) => `| \`${event}\` | ${from} | ${to.join(', ') || 'audit alone'} |`,
  )
  return ['| Event | From | To |', '|---|---|---|', ...rows].join('\n')
}

/** README.md with the present table in it; undefined when it has no place for one. */
function renderReadme(): string | undefined {
  const text = existsSync(readme) ? readFileSync(readme, 'utf8') : ''
  return marked.test(text) ? text.replace(marked, (_match, start, end) => `${start}\n${renderTable()}\n\n${end}`) : undefined
}

function findReadmeFaults(): string[] {
  const rendered = renderReadme()
  if (rendered === undefined) return ['README.md has no <!-- events:start --> ... <!-- events:end --> for the table of events']
  if (rendered !== readFileSync(readme, 'utf8'))
    return ['the table of events in README.md is stale; run `npm run topology -- --write`']
  return []
}

const flags = readFlags(help, { table: { type: 'boolean' }, write: { type: 'boolean' } })
if (flags.table) {
  console.log(renderTable())
  process.exit(0)
}
if (flags.write) {
  const rendered = renderReadme()
  if (rendered !== undefined) writeFileSync(readme, rendered)
}

const configs = readConfigs()
const faults = [
  ...findDisagreements(configs, catalogue),
  ...findTreeFaults(configs.map(({ worker }) => worker)),
  ...findReadmeFaults(),
]
if (faults.length === 0) console.log(`${configs.length} Workers match the catalogue of ${Object.keys(catalogue).length} events`)
for (const fault of faults) console.error(fault)
process.exitCode = faults.length === 0 ? 0 : 1
