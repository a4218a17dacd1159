import { relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ensureDevVars } from './secrets.ts'
import { demoAccounts, demoPassword, seed } from './seed.ts'
import { ensureAssets } from './support/assets.ts'
import { readPort } from './support/base.ts'
import { root } from './support/configs.ts'
import { deleteState, isPortFree, type Running, startConstellation } from './support/constellation.ts'
import { readFlags } from './support/help.ts'

const help = `npm start [-- --fresh]

Runs every Worker on this machine, seeded with demo data, on http://127.0.0.1:8787. Needs no account and no network.

  --fresh     deletes the stored data of this port first
  PORT=9000   another port, with data of its own; instances on different ports run side by side

Ctrl-C ends all of it. What the Workers log is in .wrangler/dev.log; only errors are shown here.`

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
 * has died while wrangler lives on, which wrangler does not.
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

  Demo accounts      ${demoAccounts.join(', ')}
  Password           ${demoPassword}

  Try                npm run demo
                     curl ${url}/v1/products
  Stop               Ctrl-C
`
}

const { fresh } = readFlags(help, { fresh: { type: 'boolean' } })
const port = readPort()
if (!(await isPortFree(port))) {
  console.error(`Port ${port} on 127.0.0.1 is in use; stop what runs there or choose another: PORT=${port + 1} npm start`)
  process.exit(1)
}
if (fresh) deleteState(port)
ensureDevVars()
ensureAssets()

console.log('Starting the Workers ...')
const running = startConstellation(port, (line) => console.error(line))
let ending = false

async function end(code: number): Promise<void> {
  if (ending) return
  ending = true
  await running.stop()
  process.exit(code)
}

async function fail(reason: string): Promise<void> {
  if (ending) return
  console.error(`${running.lastLines(30)}\n\n${reason}; the whole log is in ${relative(root, running.logFile)}`)
  await end(1)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0))
// A killed npm leaves its children behind; without this the runtime would live on and hold the port.
const parent = process.ppid
setInterval(() => process.ppid !== parent && void end(0), 1000).unref()
void running.crashed.then(() => fail('wrangler ended by itself'))

try {
  await waitUntilHealthy(running)
  await seed(running.url, (line) => console.log(line))
  sweepNowAndThen(running)
  console.log(describe(running))
} catch (error) {
  await fail(error instanceof Error ? error.message : String(error))
}
