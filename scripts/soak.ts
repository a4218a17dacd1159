import { setTimeout as sleep } from 'node:timers/promises'
import { events } from '../shared/contracts/events.ts'
import { seeded } from '../shared/testing/interleaving.ts'
import { demoPassword } from './seed.ts'
import { readBooks } from './soak/books.ts'
import { operatorToken, readDashboards } from './soak/dashboards.ts'
import { startHarness } from './soak/harness.ts'
import { judge } from './soak/invariants.ts'
import { openMarket } from './soak/market.ts'
import { type Run, shop } from './soak/shopper.ts'
import { operate, sell } from './soak/staff.ts'
import { api } from './support/api.ts'
import { readArguments, refuseArguments } from './support/help.ts'

const help = `npm run soak -- [--minutes 1] [--shoppers 12] [--faults 1] [--seed N]

Loads a marketplace of its own with shoppers, sellers and an operator while calls between its parts fail by chance: before they are
done, after they are done, late, twice, or together with all else that their request was about. Then it lets everything come to rest,
and holds the promises against what was written down. Prints counts; ends with 1 when a promise was broken.

  --minutes   how long the load goes on
  --shoppers  how many buy at the same time
  --faults    of a hundred calls, how many fail
  --seed      begins the chance of faults and clients at the same place as an earlier run; the order of what happens at once stays free`

const { values: flags } = readArguments(
  help,
  { minutes: { type: 'string' }, shoppers: { type: 'string' }, faults: { type: 'string' }, seed: { type: 'string' } },
  false,
)
const numberOf = (given: string | undefined, usual: number): number => (given === undefined ? usual : Number(given))
const minutes = numberOf(flags.minutes, 1)
const shoppers = numberOf(flags.shoppers, 12)
const percent = numberOf(flags.faults, 1)
const seed = numberOf(flags.seed, Date.now() % 1_000_000)
if (!(minutes > 0 && shoppers >= 1 && percent >= 0 && Number.isInteger(seed)))
  refuseArguments(help, 'These are no sensible numbers')

/** How long the log may grow after the load ended. The longest wait between two deliveries of an event is a minute. */
const timeoutMs = 240_000
/** For how long no event may be published before everything counts as at rest. */
const quiet = 6_000

const consumers = [...new Set(Object.values(events).flatMap(({ to }) => [...to]))]
const harness = await startHarness({ seed, percent })
try {
  process.exitCode = (await soak()) ? 0 : 1
} catch (error) {
  console.error(error, harness.log())
  process.exitCode = 1
} finally {
  await harness.stop()
}
process.exit()

async function soak(): Promise<boolean> {
  const random = seeded(seed)
  const makeOperator = async () => {
    const body = { email: 'operator@example.com', name: 'Operator', role: 'admin', password: demoPassword }
    await api(harness.url, 'POST', '/v1/dev/accounts', { body })
    return { password: demoPassword }
  }
  const market = await openMarket(harness.url, random, makeOperator)
  await harness.setFaults(true)
  const end = Date.now() + minutes * 60_000
  const run: Run = { market, isOver: () => Date.now() >= end, seen: [], orders: [], failures: [] }
  const lives = [
    ...Array.from({ length: shoppers }, () => shop(run)),
    ...market.sellers.map((seller) => sell(run, seller)),
    operate(run),
  ]
  const ended = Promise.allSettled(lives)
  while (!run.isOver()) {
    await sleep(2_000)
    await harness.sweep().catch(() => {})
  }
  await harness.setFaults(false)
  for (const life of await ended) if (life.status === 'rejected') run.failures.push(String(life.reason))
  // Signing in publishes an event, so it is done once, before all is at rest.
  const token = await operatorToken(harness.url)
  await comeToRest(run, token)
  return report(run, token)
}

/** Sweeps until no event is published any more. */
async function comeToRest({ market: { sellers } }: Run, token: string): Promise<void> {
  const end = Date.now() + timeoutMs
  let before = ''
  let since = Date.now()
  while (Date.now() < end) {
    await harness.sweep()
    const { acked } = await harness.record()
    const books = await readBooks(harness.dataApi, consumers)
    const dashboards = await readDashboards(harness.url, token, sellers)
    const findings = judge({ books, acked, seen: [], dashboards })
    const now = JSON.stringify([Object.values(acked).map((ids) => ids.length), books.log.length, books.movements.length])
    if (now !== before) since = Date.now()
    before = now
    // What is whole and still is at rest; what is not whole is given its time.
    const isWhole = findings.every(({ violations }) => violations.length === 0)
    if (isWhole && Date.now() - since >= quiet) return
    await sleep(1_000)
  }
}

async function report({ market: { tally, sellers }, seen, orders, failures }: Run, token: string): Promise<boolean> {
  const { acked, faults } = await harness.record()
  const books = await readBooks(harness.dataApi, consumers)
  const findings = judge({ books, acked, seen, dashboards: await readDashboards(harness.url, token, sellers) })
  const requests = [...tally.values()].reduce((sum, count) => sum + count, 0)
  const byStatus = Object.groupBy(books.orders, ({ status }) => status)
  console.log(`seed ${seed}: ${requests} requests, ${orders.length} orders, ${books.log.length} events in the log`)
  console.log(
    `orders    ${Object.entries(byStatus)
      .map(([status, found]) => `${found?.length} ${status}`)
      .join(', ')}`,
  )
  console.log(
    `faults    ${
      Object.entries(faults)
        .map(([kind, count]) => `${count} ${kind}`)
        .join(', ') || 'none'
    }`,
  )
  console.log(
    `delivered ${Object.entries(acked)
      .map(([worker, ids]) => `${ids.length} ${worker}`)
      .join(', ')}`,
  )
  console.log(`dead      ${books.deadLetters.length} letters`)
  console.log(`frames    ${seen.reduce((sum, { frames }) => sum + frames.length, 0)} on ${seen.length} devices`)
  for (const { invariant, checked, violations } of findings) {
    console.log(`${violations.length === 0 ? 'ok  ' : 'FAIL'}  ${invariant.padEnd(54)} ${String(checked).padStart(6)} checked`)
    for (const violation of violations.slice(0, 20)) console.log(`      ${violation}`)
  }
  for (const failure of failures) console.log(`FAIL  ${failure}`)
  for (const each of books.deadLetters.slice(0, 10)) console.log(`      parked: ${each._id} ${each.error}`)
  const isEmpty = books.orders.length === 0 || books.log.length === 0
  if (isEmpty) console.log('FAIL  nothing was bought, so nothing was proven')
  return !isEmpty && failures.length === 0 && findings.every(({ violations }) => violations.length === 0)
}
