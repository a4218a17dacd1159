import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localValues } from '../secrets.ts'
import { root } from '../support/configs.ts'
import { isPortFree } from '../support/ports.ts'
import { localBindings, type Running, startRuntime } from '../support/runtime.ts'
import { makeLoad, untilIdle } from './measure.ts'
import { filledWorld, type World } from './world.ts'

/** A runtime of our own, filled with a catalogue. */
export type Own = { running: Running; world: World; stop: () => Promise<void> }

type Options = { port: number; products: number; counter?: number; report: (line: string) => void }

/**
 * Starts a runtime with an empty store, in memory where the machine has a file system for that: what a disk takes to keep a write is
 * the disk's figure, not ours. The sandbox that stands for a payment provider settles at once.
 */
export async function startOwn({ port, products, counter, report }: Options): Promise<Own> {
  const dataPort = port + 1
  for (const each of [port, dataPort]) {
    if (!(await isPortFree(each))) throw new Error(`Port ${each} is in use: PORT=... chooses others`)
  }
  const key = randomBytes(16).toString('hex')
  const state = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'credenza-bench-'))
  const bindings = localBindings({ ...localValues(), DATA_API_KEY: key })
  const set = {
    ...bindings,
    payment: { ...bindings.payment, SANDBOX_DECIDE_MS: '0' },
    // As in its config, not every one as in local runs.
    gateway: { ...bindings.gateway, VIEWS_PER_SAMPLE: '10' },
  }
  const options = { port, bindings: set, state, ports: { data: dataPort }, ...(counter === undefined ? {} : { counter }) }
  const running = startRuntime(options, join(root, '.wrangler/bench.log'))
  const stop = async () => {
    await running.stop()
    rmSync(state, { recursive: true, force: true })
  }
  try {
    await running.ready
    const world = await filledWorld(running.url, { url: `http://127.0.0.1:${dataPort}`, key }, products, report)
    return { running, world, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/**
 * How many invocations of Workers and Durable Objects one operation of each work makes, its events included. Counting costs as much
 * as working, so it is done beforehand, on a runtime of its own and for a short time.
 */
export async function invocationsOf(names: readonly string[], port: number, worldFile: string): Promise<Map<string, number>> {
  const counter = port + 2
  const { running, world, stop } = await startOwn({ port, products: 200, counter, report: () => {} })
  const total = async () => {
    const { workers, objects } = (await (await fetch(`http://127.0.0.1:${counter}/`)).json()) as Record<string, number>
    return (workers ?? 0) + (objects ?? 0)
  }
  writeFileSync(worldFile, JSON.stringify(world))
  const counts = new Map<string, number>()
  for (const work of names) {
    let before = 0
    const load = await makeLoad({ work, seconds: 2, concurrency: 1, worldFile }, async () => {
      before = await total()
    })
    await untilIdle(running.pid)
    if (load.latencies.length > 0) counts.set(work, Math.round(((await total()) - before) / load.latencies.length))
  }
  await stop()
  return counts
}
