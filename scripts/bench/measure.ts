import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { root } from '../support/configs.ts'
import { type Figures, type Load, percentile, rounded } from './figures.ts'
import { usageOf } from './usage.ts'

export type Loading = { work: string; seconds: number; concurrency: number; worldFile: string }

/** Runs one work in a process of its own. `onGo` is called when the clients are warm and what they do begins to count. */
export async function makeLoad({ work, seconds, concurrency, worldFile }: Loading, onGo: () => Promise<void>): Promise<Load> {
  const script = join(root, 'scripts/bench/load.ts')
  const child = spawn(join(root, 'node_modules/.bin/bun'), [script, work, String(seconds), String(concurrency), worldFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let load: Load | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'go') await onGo()
    else load = JSON.parse(line)
  }
  if (load === undefined) throw new Error(`The work ${work} ended without a result`)
  return load
}

export type Measuring = Loading & {
  /** The process group of the runtime, when it is ours. */
  group: number | undefined
  /** Operations per second of `constant` in this run. */
  constant: number | undefined
  invocationsPerOp: number | null
}

/** Runs one work and reckons its figures. What the work left behind, such as events, is waited for and counted. */
export async function measure(asked: Measuring): Promise<{ figures: Figures & Record<string, unknown>; firstError?: string }> {
  const { work, concurrency, group, constant, invocationsPerOp } = asked
  const look = () => (group === undefined ? null : usageOf(group))
  let before = look()
  const load = await makeLoad(asked, async () => {
    before = look()
  })
  if (group !== undefined) await untilIdle(group)
  const after = look()
  const sorted = load.latencies.toSorted((left, right) => left - right)
  const ops = sorted.length
  const opsPerSecond = rounded(ops / load.seconds, 1)
  const figures = {
    work,
    concurrency,
    ops,
    opsPerSecond,
    p50Ms: percentile(sorted, 0.5),
    p95Ms: percentile(sorted, 0.95),
    p99Ms: percentile(sorted, 0.99),
    errors: load.errors,
    cpuMsPerOp: before && after && ops > 0 ? rounded((after.cpuMs - before.cpuMs) / ops) : null,
    rssMb: after?.rssMb ?? null,
    invocationsPerOp,
    ratioToConstant: work === 'constant' ? 1 : constant ? rounded(opsPerSecond / constant, 3) : null,
    ...load.extra,
  }
  return { figures, ...(load.firstError === undefined ? {} : { firstError: load.firstError }) }
}

/** Waits until the runtime has worked off what it has in its queues, but for half a minute at the most. */
export async function untilIdle(group: number): Promise<void> {
  for (let attempt = 0; attempt < 60; attempt++) {
    const began = usageOf(group)?.cpuMs ?? 0
    await sleep(500)
    if ((usageOf(group)?.cpuMs ?? 0) - began < 50) return
  }
}
