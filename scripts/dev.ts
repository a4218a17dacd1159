import { join, relative } from 'node:path'
import { localValues, readDevVars } from './secrets.ts'
import { demoAccounts, demoPassword, seed } from './seed.ts'
import { ensureAssets } from './support/assets.ts'
import { commandAt, readPort } from './support/base-url.ts'
import { root } from './support/configs.ts'
import { readFlags } from './support/help.ts'
import { endWithProcess, requireFreePort } from './support/process-exit.ts'
import { deleteState, localBindings, type Running, startRuntime, stateFolder } from './support/runtime.ts'
import { makeIndexes, startServers } from './support/servers.ts'
import { findUnknown, listSettings, readSettings } from './support/settings.ts'

const help = `npm start [-- --fresh | --servers | --settings]

Runs every Worker on this machine, seeded with demo data, on http://127.0.0.1:8787. Needs no account and no network.

  --fresh        deletes the stored data of this port first
  --servers      on a FerretDB and a Redis of its own, both empty, instead of the embedded engines; they end with it
  --settings     lists the settings and secrets of all Workers, and ends
  PORT=9000      another port, with data of its own; instances on different ports run side by side
  INSPECT=9229   opens the inspector on this port: chrome://inspect, or http://127.0.0.1:9229/json

Each setting can be given in the environment or in wrangler/.dev.vars, which git ignores; the environment goes first.
With MONGODB_URI, or UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN, it runs on those servers.

Saved source runs at once: requests wait until the new code answers, and a mistake leaves the old code running. Requests, reloads and
errors are shown here, but for /health and /v1/dev, which are polled; the whole log is in .wrangler/dev.log. Ctrl-C ends all of it.`

const sweepEveryMs = 15_000

/** Cron triggers never fire in a local run, so this stands in for the one that sweeps the outboxes. */
function sweepRegularly({ url }: Running): void {
  setInterval(async () => {
    const problem = await fetch(`${url}/v1/dev/sweep`, { method: 'POST' }).then(
      ({ ok, status }) => (ok ? undefined : `status ${status}`),
      (error: Error) => error.message,
    )
    if (problem) console.error(`the outboxes were not swept, and will be in ${sweepEveryMs / 1000} s: ${problem}`)
  }, sweepEveryMs).unref()
}

function describe({ url, logFile }: Running): string {
  return `
  Credenza runs on   ${url}
  API reference      ${url}/docs
  Log                ${relative(root, logFile)}
  Stored in          ${values.MONGODB_URI ? 'the MongoDB at MONGODB_URI' : relative(root, stateFolder(stateName))}

  Demo accounts      ${demoAccounts.join(', ')}
  Password           ${demoPassword}

  Try                ${commandAt(port, 'npm run demo')}
                     curl ${url}/v1/products
  Stop               Ctrl-C
`
}

const flags = readFlags(help, { fresh: { type: 'boolean' }, servers: { type: 'boolean' }, settings: { type: 'boolean' } })
const settings = readSettings()
if (flags.settings) {
  console.log(listSettings(settings))
  process.exit(0)
}
const port = readPort()
const inspect = process.env.INSPECT ? { inspect: readPort('INSPECT') } : {}
await requireFreePort(port, 'npm start')
const stateName = flags.servers ? `${port}-servers` : port
if (flags.fresh || flags.servers) deleteState(stateName)
ensureAssets()

console.log('Starting the Workers ...')
for (const name of findUnknown(Object.keys(readDevVars()), settings))
  console.warn(`wrangler/.dev.vars: no Worker reads ${name}; npm start -- --settings lists what they read`)
const log = join(root, '.wrangler', port === 8787 ? 'dev.log' : `dev-${port}.log`)
const servers = flags.servers ? await startServers() : undefined
const values = { ...localValues(), ...servers?.values }
const bindings = localBindings(values)
Object.assign(bindings.gateway ?? {}, { DEMO_ACCOUNTS: demoAccounts.join(', '), DEMO_PASSWORD: demoPassword })
// FerretDB is not to have two connections at once, see `startFerret`.
if (servers) Object.assign(bindings.data ?? {}, { MONGODB_POOLS: '1' })
if (values.MONGODB_URI) await makeIndexes(values.MONGODB_URI)
const options = { port, bindings, state: stateFolder(stateName), reload: true, ...inspect }
const running = startRuntime(options, log, (line) => console.error(line))
const fail = endWithProcess(running, servers?.stop)

try {
  await running.ready
  await seed(running.url, (line) => console.log(line))
  running.seeded()
  sweepRegularly(running)
  console.log(describe(running))
} catch (error) {
  await fail(error instanceof Error ? error.message : String(error))
}
