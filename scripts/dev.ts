import { join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { localValues } from './secrets.ts'
import { demoAccounts, demoPassword, seed } from './seed.ts'
import { ensureAssets } from './support/assets.ts'
import { readPort } from './support/base-url.ts'
import { root } from './support/configs.ts'
import { readFlags } from './support/help.ts'
import { endWithProcess, requireFreePort } from './support/process-exit.ts'
import { deleteState, localBindings, type Running, startRuntime, stateFolder } from './support/runtime.ts'
import { makeIndexes, startServers } from './support/servers.ts'

const help = `npm start [-- --fresh | --servers]

Runs every Worker on this machine, seeded with demo data, on http://127.0.0.1:8787. Needs no account and no network.

  --fresh     deletes the stored data of this port first
  --servers   on a FerretDB and a Redis of its own, both empty, instead of the embedded engines; they end with it
  PORT=9000   another port, with data of its own; instances on different ports run side by side

With MONGODB_URI, or UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN, in the environment it runs on those servers.
Changed source is taken up at once. Ctrl-C ends all of it. What the Workers log is in .wrangler/dev.log; only errors are shown here.`

const startLimitMs = 120_000
const sweepEveryMs = 15_000

async function waitUntilHealthy({ url }: Running): Promise<void> {
  const deadline = performance.now() + startLimitMs
  while (performance.now() < deadline) {
    const response = await fetch(`${url}/health`).catch(() => undefined)
    await response?.body?.cancel()
    if (response?.ok) return
    await sleep(150)
  }
  throw new Error(`the gateway is not healthy after ${startLimitMs / 1000} s`)
}

/**
 * Cron triggers never fire in a local run, so this stands in for the one that sweeps the outboxes. It also notices a runtime that
 * has died while its host lives on.
 */
function sweepNowAndThen({ url }: Running): void {
  let unanswered = 0
  setInterval(async () => {
    try {
      const response = await fetch(`${url}/v1/dev/sweep`, { method: 'POST' })
      await response.body?.cancel()
      unanswered = 0
    } catch {
      unanswered += 1
      if (unanswered === 2) await fail('the gateway no longer answers')
    }
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

  Try                npm run demo
                     curl ${url}/v1/products
  Stop               Ctrl-C
`
}

const flags = readFlags(help, { fresh: { type: 'boolean' }, servers: { type: 'boolean' } })
const port = readPort()
await requireFreePort(port, 'npm start')
const stateName = flags.servers ? `${port}-servers` : port
if (flags.fresh || flags.servers) deleteState(stateName)
ensureAssets()

console.log('Starting the Workers ...')
const log = join(root, '.wrangler', port === 8787 ? 'dev.log' : `dev-${port}.log`)
const servers = flags.servers ? await startServers() : undefined
const values = { ...localValues(), ...servers?.values }
const bindings = localBindings(values)
// FerretDB is not to have two connections at once, see `startFerret`.
if (servers) Object.assign(bindings.data ?? {}, { MONGODB_POOLS: '1' })
if (values.MONGODB_URI) await makeIndexes(values.MONGODB_URI)
const running = startRuntime({ port, bindings, state: stateFolder(stateName), watch: true }, log, (line) => console.error(line))
const fail = endWithProcess(running, servers?.stop)

try {
  await running.ready
  await waitUntilHealthy(running)
  await seed(running.url, (line) => console.log(line))
  sweepNowAndThen(running)
  console.log(describe(running))
} catch (error) {
  await fail(error instanceof Error ? error.message : String(error))
}
