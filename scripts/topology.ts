import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { events } from '../shared/contracts/events'
import { findLooseVersions } from './support/advisories.ts'
import { readConfigs, root } from './support/configs.ts'
import { renderFaultTables } from './support/fault-tables.ts'
import { renderFigures } from './support/figure-table.ts'
import { type Catalogue, findDisagreements } from './support/findings.ts'
import { readFlags } from './support/help.ts'
import { findHouseRuleFaults } from './support/house-rules.ts'
import { findPromiseFaults } from './support/promises.ts'
import { table } from './support/tables.ts'

const help = `bun scripts/topology.ts [--table | --write]

Fails with a list when the wrangler configs do not match the event catalogue (shared/contracts/events.ts): queue producers and
consumers, dead-letter queues, batch timeouts, compatibility dates, service bindings, names, secrets. Also when a Worker has no
README, an index.ts has more than 60 lines or any file more than 300, a table in README.md is stale, a page leads
to a file that is not there, a promise names no test, or a version in package.json is not exact.

  --table   prints the table of events as Markdown
  --write   puts the tables into README.md: that of events between <!-- events:start --> and <!-- events:end -->, those of
            dependencies and faults between <!-- faults:start --> and <!-- faults:end -->, that of a dashboard's figures likewise`

const catalogue: Catalogue = events
const readme = join(root, 'README.md')
const markOf = (name: string) => new RegExp(`(<!-- ${name}:start -->\n).*?(<!-- ${name}:end -->)`, 's')

function renderTable(): string {
  const rows = Object.entries(catalogue).map(([event, { from, to }]) => [`\`${event}\``, from, to.join(', ') || 'audit alone'])
  return table(['Event', 'From', 'To'], rows)
}

/** What README.md shows, each between marks of its name. */
const tables = { events: renderTable, faults: renderFaultTables, figures: renderFigures }

/** README.md with the present tables in it; undefined when it has no place for one. */
function renderReadme(): string | undefined {
  let text = existsSync(readme) ? readFileSync(readme, 'utf8') : ''
  for (const [name, render] of Object.entries(tables)) {
    if (!markOf(name).test(text)) return undefined
    text = text.replace(markOf(name), (_match, start, end) => `${start}\n${render()}\n\n${end}`)
  }
  return text
}

/** Broken links of every page, and promises without a test. */
const findPageFaults = (): string[] =>
  globSync(['*.md', '{workers,shared,scripts}/**/*.md'], { cwd: root }).flatMap((page) =>
    findPromiseFaults(page, readFileSync(join(root, page), 'utf8')),
  )

function findReadmeFaults(): string[] {
  const rendered = renderReadme()
  if (rendered === undefined) return ['README.md has no <!-- name:start --> ... <!-- name:end --> for events, faults or figures']
  if (rendered !== readFileSync(readme, 'utf8')) return ['a table in README.md is stale; run `npm run topology -- --write`']
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
  ...findHouseRuleFaults(configs.map(({ worker }) => worker)),
  ...findReadmeFaults(),
  ...findPageFaults(),
  ...findLooseVersions(readFileSync(join(root, 'package.json'), 'utf8')),
]
if (faults.length === 0) console.log(`${configs.length} Workers match the catalogue of ${Object.keys(catalogue).length} events`)
for (const fault of faults) console.error(fault)
process.exitCode = faults.length === 0 ? 0 : 1
