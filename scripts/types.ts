import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { experimental_generateTypes as generateTypes } from 'wrangler'
import { readConfigs, root } from './support/configs.ts'
import { readFlags } from './support/help.ts'

const help = `bun scripts/types.ts [--check]

Writes workers/<worker>/env.d.ts, the bindings of each Worker, from wrangler/<worker>.jsonc. The interface is named after
the Worker: CartEnv. Needs no account and no network.

  --check   changes nothing; fails and lists the files that are missing or stale`

/** Pascal case, so that no two Workers declare the same interface: `seller-dashboard` becomes `SellerDashboardEnv`. */
function interfaceName(worker: string): string {
  return `${worker.replace(/(?:^|-)([a-z])/g, (_match, initial: string) => initial.toUpperCase())}Env`
}

const { check } = readFlags(help, { check: { type: 'boolean' } })
const stale: string[] = []

// Wrangler's own function, not its command: nine times the command costs ten times as long, and writes the same bytes.
for (const { worker, path: config } of readConfigs()) {
  const path = `workers/${worker}/env.d.ts`
  const file = join(root, path)
  const { content } = await generateTypes({
    config,
    path,
    envInterface: interfaceName(worker),
    includeRuntime: false,
    strictVars: false,
  })
  if (existsSync(file) && readFileSync(file, 'utf8') === content) continue
  stale.push(path)
  if (!check) writeFileSync(file, content)
}

if (stale.length === 0) console.log('every env.d.ts is up to date')
else if (!check) console.log(`wrote ${stale.join(', ')}`)
else {
  console.error(`stale or missing: ${stale.join(', ')}; run \`npm run types\``)
  process.exitCode = 1
}
