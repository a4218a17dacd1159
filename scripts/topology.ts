import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { consumers, events } from '../shared/contracts/events'
import { workers } from '../shared/contracts/workers'
import { findLooseVersions } from './support/advisories.ts'
import { readConfigs, readReferences, root } from './support/configs.ts'
import { readFlags } from './support/help.ts'
import { renderEventTable } from './topology/event-table.ts'
import { findHouseFaults, readSources } from './topology/house-rules.ts'
import { describeOldWords, findOldWords } from './topology/old-words.ts'
import { pageTables, renderPages } from './topology/page-tables.ts'
import { findPromiseFaults } from './topology/promises.ts'
import { findDisagreements } from './topology/topology-rules.ts'

const help = `bun scripts/topology.ts [--table | --write]

Fails with a list when the wrangler configs do not match the event catalogue (shared/contracts/events.ts) and the list of Workers
(shared/contracts/workers.ts): queue producers and consumers, dead-letter queues, batch timeouts, compatibility dates, service bindings,
those of the gateway and of audit above all, names, secrets, references in tsconfig.json. Also when a Worker has no README, an
index.ts has more than 60 lines or any file more than 300, a table on a page is stale, a page leads to a file that is not there,
a promise names no test, or a version in package.json is not exact.

It prints how many names have a word that the house no longer uses, and where. Any is a fault.

  --table   prints the table of events as Markdown
  --write   puts each table into its page, between <!-- name:start --> and <!-- name:end -->: events, faults (dependencies and
            faults) and figures (of a dashboard)`

const read = (page: string): string | undefined =>
  existsSync(join(root, page)) ? readFileSync(join(root, page), 'utf8') : undefined

/** Broken links of every page, and promises without a test. */
const findPageFaults = (): string[] =>
  globSync(['*.md', '{workers,shared,scripts}/**/*.md'], { cwd: root }).flatMap((page) =>
    findPromiseFaults(page, read(page) ?? ''),
  )

function findTableFaults(): string[] {
  const { pages, faults } = renderPages(pageTables, read)
  const stale = [...pages].filter(([page, rendered]) => rendered !== read(page))
  return [...faults, ...stale.map(([page]) => `a table in ${page} is stale; run \`npm run topology -- --write\``)]
}

const flags = readFlags(help, { table: { type: 'boolean' }, write: { type: 'boolean' } })
if (flags.table) {
  console.log(renderEventTable())
  process.exit(0)
}
if (flags.write) for (const [page, rendered] of renderPages(pageTables, read).pages) writeFileSync(join(root, page), rendered)

const configs = readConfigs()
const sources = readSources()
const oldWords = findOldWords(sources)
const faults = [
  ...findDisagreements({ configs, catalogue: events, workers, references: readReferences() }),
  ...findHouseFaults(
    sources,
    configs.map(({ worker }) => worker),
    consumers,
  ),
  ...findTableFaults(),
  ...findPageFaults(),
  ...findLooseVersions(read('package.json') ?? ''),
  ...(oldWords.length > 0 ? [`${oldWords.length} old words in names, see scripts/topology/old-words.ts`] : []),
]
console.log(describeOldWords(oldWords))
if (faults.length === 0) console.log(`${configs.length} Workers match the catalogue of ${Object.keys(events).length} events`)
for (const fault of faults) console.error(fault)
process.exitCode = faults.length === 0 ? 0 : 1
