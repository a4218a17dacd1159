import { readFileSync } from 'node:fs'
import type { Load } from './figures.ts'
import { workloads } from './workloads.ts'
import type { World } from './world.ts'

/**
 * The process that makes the load, for `bench.ts`: `load.ts <work> <seconds> <concurrency> <world.json>`. It writes `go` when its
 * clients are prepared and warm, and its `Load` as JSON at the end.
 */
const [name = '', secondsText = '', concurrencyText = '', worldFile = ''] = process.argv.slice(2)
const work = workloads[name]
if (work === undefined) throw new Error(`There is no work ${name}`)
const world: World = JSON.parse(readFileSync(worldFile, 'utf8'))
const seconds = Number(secondsText)
const warmUpMs = 1000

const load: Load = { latencies: [], errors: 0, seconds }
let measuring = false
let until = Number.POSITIVE_INFINITY

await work.prepare?.(world)
const clients = await Promise.all(Array.from({ length: Number(concurrencyText) }, () => work.client(world)))

async function keepWorking(operation: () => Promise<number | undefined>): Promise<void> {
  while (performance.now() < until) {
    const began = performance.now()
    const counted = measuring
    try {
      const taken = await operation()
      if (counted) load.latencies.push(taken ?? performance.now() - began)
    } catch (error) {
      load.errors += 1
      load.firstError ??= error instanceof Error ? error.message : String(error)
      // A refusal that comes at once would otherwise be asked for without end.
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

const all = Promise.all(clients.map(keepWorking))
await new Promise((resolve) => setTimeout(resolve, warmUpMs))
console.log('go')
const began = performance.now()
measuring = true
until = began + seconds * 1000
await all
load.seconds = (performance.now() - began) / 1000
if (work.verify) load.extra = await work.verify(world)
console.log(JSON.stringify(load))
process.exit(0)
