import { z } from '@hono/zod-openapi'
import { withTimeout } from '../../shared/runtime/with-timeout'
import { patience } from './patience'
import { bindingOf } from './proxy'
import { type Backend, backends } from './routing'

export type Health = {
  /** `degraded`: something is down, left alone, or to be seen to. */
  status: 'ok' | 'degraded'
  workers: Record<string, 'ok' | 'down'>
  /** Such as `payment.payment-provider`, as the Workers that answered see them. */
  dependencies: Record<string, z.infer<typeof StateSchema>>
  /** Sentences for an operator, each after the name of its Worker. */
  warnings: string[]
}

const StateSchema = z.enum(['closed', 'open', 'half-open'])

/** What a Worker tells of itself, see shared/http/health.ts; one that depends on nothing tells nothing. */
const ToldSchema = z.object({
  dependencies: z.record(z.string(), StateSchema).default({}),
  warnings: z.array(z.string()).default([]),
})
type Told = z.infer<typeof ToldSchema>

/**
 * Asks every Worker; one that does not answer soon is down. Each answers for the isolate that is asked, so two calls in a row may
 * differ in what is left alone.
 */
export async function checkHealth(env: GatewayEnv): Promise<Health> {
  const answers = await Promise.all(backends.map(async (backend) => [backend, await ask(env, backend)] as const))
  const workers = answers.map(([backend, told]) => [backend, told ? 'ok' : 'down'] as const)
  const dependencies = answers.flatMap(([backend, told]) =>
    Object.entries(told?.dependencies ?? {}).map(([name, state]) => [`${backend}.${name}`, state] as const),
  )
  const warnings = answers.flatMap(([backend, told]) => (told?.warnings ?? []).map((warning) => `${backend}: ${warning}`))
  const isWell = answers.every(([, told]) => told) && warnings.length === 0 && dependencies.every(([, state]) => state !== 'open')
  return {
    status: isWell ? 'ok' : 'degraded',
    workers: { gateway: 'ok', ...Object.fromEntries(workers) },
    dependencies: Object.fromEntries(dependencies),
    warnings,
  }
}

/** Whether every Worker answers. What is degraded still serves: no load balancer should take it out for a warning. */
export const isUp = ({ workers }: Health): boolean => Object.values(workers).every((worker) => worker === 'ok')

async function ask(env: GatewayEnv, backend: Backend): Promise<Told | null> {
  const url = `http://${backend}/health`
  try {
    return await withTimeout(patience.health, async (signal) => {
      const response = await bindingOf(env, backend).fetch(url, { signal })
      return response.ok ? ToldSchema.parse(await response.json()) : null
    })
  } catch {
    return null
  }
}
