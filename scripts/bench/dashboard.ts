import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newId, type UserId } from '../../shared/contracts/ids.ts'
import { anActor, as } from '../../shared/testing/factories.ts'
import { localValues } from '../secrets.ts'
import { api } from '../support/api.ts'
import { root } from '../support/configs.ts'
import { localBindings, startRuntime } from '../support/runtime.ts'
import { percentile, rounded } from './figures.ts'
import { orderHistory } from './orders.ts'

const routes = {
  overview: '?timeZone=Europe/Berlin',
  'overview of a year': '?from=2025-11-01&until=2026-10-31&timeZone=Asia/Kathmandu',
  'sales by day': '/sales?timeZone=Europe/Berlin',
  'sales by hour': '/sales?bucket=hour&timeZone=Europe/Berlin',
  'top products': '/top-products?limit=10',
  'low stock': '/low-stock',
}
const products = 200
const batch = 400

/** The Worker with one more route, by which a dashboard ingests events as from its queue, without the queue. */
const entry = `
import worker from ${JSON.stringify(join(root, 'workers/seller-dashboard/index.ts'))}
export * from ${JSON.stringify(join(root, 'workers/seller-dashboard/index.ts'))}
export default {
  ...worker,
  async fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname !== '/bench/ingest') return worker.fetch(request, env, context)
    await env.DASHBOARDS.getByName(searchParams.get('owner')).ingest(await request.json())
    return new Response(null, { status: 204 })
  },
}`

type Options = { port: number; sizes: readonly number[]; reads: number; report: (line: string) => void }

/**
 * Times the reads of dashboards that differ in how many orders they have heard of, one read after the other, at the Worker itself.
 * One line of JSON per size and route; `ratioToFirst` is of the p50 to that of the first size.
 */
export async function benchDashboard({ port, sizes, reads, report }: Options): Promise<void> {
  const state = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'credenza-bench-'))
  const url = `http://127.0.0.1:${port + 1}`
  const ports = { 'seller-dashboard': port + 1 }
  const options = { port, bindings: localBindings(localValues()), state, ports, entries: { 'seller-dashboard': entry } }
  const running = startRuntime(options, join(root, '.wrangler/bench.log'))
  try {
    await running.ready
    const firsts = new Map<string, number>()
    for (const orders of sizes) {
      const owner = newId('usr')
      const seconds = await fill(url, owner, orders)
      report(`${orders} orders in ${seconds} s`)
      for (const [name, query] of Object.entries(routes)) {
        const sorted = await timesOf(url, owner, query, reads)
        const p50Ms = percentile(sorted, 0.5) ?? 0
        const first = firsts.get(name) ?? p50Ms
        firsts.set(name, first)
        const figures = { work: 'dashboard', read: name, orders, reads, p50Ms, p95Ms: percentile(sorted, 0.95) }
        console.log(JSON.stringify({ ...figures, ratioToFirst: rounded(p50Ms / first) }))
      }
    }
  } finally {
    await running.stop()
    rmSync(state, { recursive: true, force: true })
  }
}

/** Has a seller's dashboard hear of so many orders. Returns the seconds that took. */
async function fill(url: string, owner: UserId, orders: number): Promise<number> {
  const began = performance.now()
  let body: unknown[] = []
  const send = () => api(url, 'POST', `/bench/ingest?owner=${owner}`, { body })
  for (const event of orderHistory(owner, orders, products, Date.now())) {
    body.push(event)
    if (body.length < batch) continue
    await send()
    body = []
  }
  if (body.length > 0) await send()
  return rounded((performance.now() - began) / 1000, 1)
}

/** Milliseconds of each read, sorted; the first tenth is for warming up. */
async function timesOf(url: string, owner: UserId, query: string, reads: number): Promise<number[]> {
  const headers = as(anActor('seller', { userId: owner }))
  const times: number[] = []
  for (let read = 0; read < Math.ceil(reads * 1.1); read++)
    times.push((await api(url, 'GET', `/v1/seller/dashboard${query}`, { headers })).milliseconds)
  return times.slice(-reads).toSorted((left, right) => left - right)
}
