import { type DependencyName, dependencies } from '../contracts/dependencies'
import type { WorkerName } from '../contracts/events'
import { type Instant, iso } from '../contracts/ids'
import { countWaiting, type DeadLetters } from '../events/dead-letters'
import { type BreakerStatus, breakerStatuses } from '../runtime/circuit-breaker'
import { perEnvironment } from '../runtime/per-environment'
import { withTimeout } from '../runtime/with-timeout'

/** The health of a Worker. `warnings` are sentences for an operator. */
export type WorkerHealth = {
  ok: true
  worker: WorkerName
  dependencies: Partial<Record<DependencyName, BreakerStatus['state']>>
  warnings: string[]
}

/** What of a Worker's deps its health needs. */
export type HealthDeps = { now: () => Instant; deadLetters: DeadLetters }

/** Milliseconds for which a count of dead letters is cached, so that polling does not load the database, and that it may take. */
const countedFor = 5_000
const timeoutMs = 1_000

type Counted = { at: Instant; warnings: string[] }

const lastCountOf = perEnvironment((_env: object): { counted: Counted | null } => ({ counted: null }))

/**
 * The health of the isolate that answers, and no other: where many serve, each has circuit breakers of its own, and one may still be
 * open when another has closed.
 */
export async function healthOf(
  worker: WorkerName,
  env: object,
  { now, deadLetters }: Partial<HealthDeps>,
): Promise<WorkerHealth> {
  const waiting = deadLetters && now ? await warnOfDeadLetters(env, { now, deadLetters }) : []
  const statuses = Object.entries(breakerStatuses(env)) as [DependencyName, BreakerStatus][]
  const open = statuses.flatMap(([name, { state, since, lastError }]) =>
    state === 'open'
      ? [
          `${name} failed, and its circuit breaker has been open since ${iso(since)} (${lastError}). ${dependencies[name].degraded}`,
        ]
      : [],
  )
  const states = Object.fromEntries(statuses.map(([name, { state }]) => [name, state]))
  return { ok: true, worker, dependencies: states, warnings: [...open, ...waiting] }
}

async function warnOfDeadLetters(env: object, { now, deadLetters }: HealthDeps): Promise<string[]> {
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
