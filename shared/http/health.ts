import { type DependencyName, dependencies } from '../contracts/dependencies'
import type { WorkerName } from '../contracts/events'
import { type Instant, iso } from '../contracts/ids'
import { countWaiting, type DeadLetters } from '../events/dead-letters'
import { type BreakerStatus, breakerStatuses } from '../runtime/circuit-breaker'
import { perEnvironment } from '../runtime/per-environment'
import { withTimeout } from '../runtime/with-timeout'

/** What a Worker says of itself. `warnings` are sentences for an operator. */
export type WorkerHealth = {
  ok: true
  worker: WorkerName
  dependencies: Partial<Record<DependencyName, BreakerStatus['state']>>
  warnings: string[]
}

/** What of a Worker's deps its health needs. */
export type HealthDeps = { now: () => Instant; deadLetters: DeadLetters }

/** Milliseconds for which a count of dead letters stands, so that whoever polls does not load the database; and for which it is waited. */
const countedFor = 5_000
const timeoutMs = 1_000

type Counted = { at: Instant; warnings: string[] }

const lastCountOf = perEnvironment((_env: object): { counted: Counted | null } => ({ counted: null }))

/**
 * How a Worker fares. It knows of the isolate that answers, and no other: where many serve, each has breakers of its own, and one may
 * still leave alone what another has found to be back.
 */
export async function healthOf(
  worker: WorkerName,
  env: object,
  { now, deadLetters }: Partial<HealthDeps>,
): Promise<WorkerHealth> {
  const waiting = deadLetters && now ? await warnOfLetters(env, { now, deadLetters }) : []
  const standings = Object.entries(breakerStatuses(env)) as [DependencyName, BreakerStatus][]
  const leftAlone = standings.flatMap(([name, { state, since, lastError }]) =>
    state === 'open' ? [`${name} is left alone since ${iso(since)} (${lastError}). ${dependencies[name].degraded}`] : [],
  )
  const states = Object.fromEntries(standings.map(([name, { state }]) => [name, state]))
  return { ok: true, worker, dependencies: states, warnings: [...leftAlone, ...waiting] }
}

async function warnOfLetters(env: object, { now, deadLetters }: HealthDeps): Promise<string[]> {
  const last = lastCountOf(env)
  const at = now()
  if (last.counted && at < last.counted.at + countedFor) return last.counted.warnings
  const warnings = await withTimeout(timeoutMs, () => countWaiting(deadLetters)).then(
    (count) => (count === 0 ? [] : [count === 1 ? '1 dead letter waits' : `${count} dead letters wait`]),
    () => ['The dead letters cannot be counted'],
  )
  last.counted = { at, warnings }
  return warnings
}
