import { z } from '@hono/zod-openapi'
import { withTimeout } from '../../shared/runtime/with-timeout'
import { bindingOf } from './proxy'
import { type Backend, backends } from './routing'
import { timeouts } from './timeouts'

export type Health = {
  /** `degraded`: a Worker is down, a circuit breaker is open, or an operator has something to do. */
  status: 'ok' | 'degraded'
  workers: Record<string, 'ok' | 'down'>
  /** Circuit breakers, such as `payment.payment-provider`, as the Workers that answered report them. */
  dependencies: Record<string, z.infer<typeof StateSchema>>
  /** Sentences for an operator, each with the name of its Worker first. */
  warnings: string[]
}

const StateSchema = z.enum(['closed', 'open', 'half-open'])

/** What a Worker reports, see shared/http/health.ts; one without dependencies reports nothing. */
const WorkerHealthSchema = z.object({
  dependencies: z.record(z.string(), StateSchema).default({}),
  warnings: z.array(z.string()).default([]),
})
type WorkerHealth = z.infer<typeof WorkerHealthSchema>

/**
 * Asks every Worker; one that does not answer in time is down. Each answers for one of its isolates, so two calls in a row may report
 * different breakers as open.
 */
export async function checkHealth(env: GatewayEnv): Promise<Health> {
  const answers = await Promise.all(backends.map(async (backend) => [backend, await ask(env, backend)] as const))
  const workers = answers.map(([backend, health]) => [backend, health ? 'ok' : 'down'] as const)
  const dependencies = answers.flatMap(([backend, health]) =>
    Object.entries(health?.dependencies ?? {}).map(([name, state]) => [`${backend}.${name}`, state] as const),
  )
  const warnings = answers.flatMap(([backend, health]) => (health?.warnings ?? []).map((warning) => `${backend}: ${warning}`))
  const isWell =
    answers.every(([, health]) => health) && warnings.length === 0 && dependencies.every(([, state]) => state !== 'open')
  return {
    status: isWell ? 'ok' : 'degraded',
    workers: { gateway: 'ok', ...Object.fromEntries(workers) },
    dependencies: Object.fromEntries(dependencies),
    warnings,
  }
}

/** Whether every Worker answers. A degraded marketplace still serves, so a load balancer must not take it out for a warning. */
export const isUp = ({ workers }: Health): boolean => Object.values(workers).every((worker) => worker === 'ok')

async function ask(env: GatewayEnv, backend: Backend): Promise<WorkerHealth | null> {
  const url = `http://${backend}/health`
  try {
    return await withTimeout(timeouts.health, async (signal) => {
      const response = await bindingOf(env, backend).fetch(url, { signal })
      return response.ok ? WorkerHealthSchema.parse(await response.json()) : null
    })
  } catch {
    return null
  }
}
