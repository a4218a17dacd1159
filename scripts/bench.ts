import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { benchDashboard } from './bench/dashboard.ts'
import { measure } from './bench/measure.ts'
import { invocationsOf, startOwn } from './bench/self-usage.ts'
import { workloads } from './bench/workloads.ts'
import { foundWorld } from './bench/world.ts'
import { root } from './support/configs.ts'

const help = `npm run bench -- [--work a,b] [--seconds 10] [--concurrency 8] [--products 1000] [--against URL]
npm run bench -- --work dashboard [--orders 100,100000]

Loads the marketplace from a process of its own and prints one JSON line per work. It starts the production bundles on Miniflare's
API on PORT (8797), with a catalogue of --products, or loads the running instance at --against. Times are the client's; the
processor time is that of the whole runtime.

${Object.entries(workloads)
  .map(([name, { what }]) => `  ${name.padEnd(10)} ${what}`)
  .join('\n')}
  dashboard  by itself: the reads of sellers' dashboards that have heard of so many --orders

\`constant\` is measured first in any case: the ratios are to it.`

const { values: flags } = parseArgs({
  options: {
    work: { type: 'string', default: Object.keys(workloads).join(',') },
    seconds: { type: 'string', default: '10' },
    concurrency: { type: 'string', default: '8' },
    products: { type: 'string', default: '1000' },
    against: { type: 'string' },
    orders: { type: 'string', default: '100,100000' },
    help: { type: 'boolean', short: 'h' },
  },
})
if (flags.help) {
  console.log(help)
  process.exit(0)
}
const report = (line: string) => console.error(line)
const port = Number(process.env.PORT ?? 8797)
if (flags.work === 'dashboard') {
  await benchDashboard({ port, sizes: flags.orders.split(',').map(Number), reads: 200, report })
  process.exit(0)
}
const names = ['constant', ...flags.work.split(',').filter((name) => name !== 'constant')]
const unknown = names.filter((name) => !(name in workloads))
const [seconds = 0, concurrency = 0, products = 0] = [flags.seconds, flags.concurrency, flags.products].map(Number)
if (unknown.length > 0 || !(seconds && concurrency && products)) {
  report(unknown.length > 0 ? `There is no work ${unknown.join(', ')}\n\n${help}` : help)
  process.exit(2)
}

const worldFile = join(root, '.wrangler/bench-world.json')
mkdirSync(join(root, '.wrangler'), { recursive: true })
const counts = flags.against === undefined ? await invocationsOf(names, port, worldFile) : new Map<string, number>()
const own = flags.against === undefined ? await startOwn({ port, products, report }) : undefined
const world = own?.world ?? (await foundWorld((flags.against ?? '').replace(/\/$/, '')))
writeFileSync(worldFile, JSON.stringify(world))
let constant: number | undefined
for (const work of names) {
  const loading = { work, seconds, concurrency, worldFile }
  const about = { group: own?.running.pid, constant, invocationsPerOp: counts.get(work) ?? null }
  const { figures, firstError } = await measure({ ...loading, ...about })
  if (work === 'constant') constant = figures.opsPerSecond
  console.log(JSON.stringify(figures))
  if (firstError !== undefined) report(`${work}: ${firstError}`)
}
await own?.stop()
process.exit(0)
