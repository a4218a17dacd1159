import { bindingOf } from './proxy'
import { type Backend, backends } from './routing'

export type Health = { status: 'ok' | 'degraded'; workers: Record<string, 'ok' | 'down'> }

/** Asks every Worker; one that does not answer within `patience` milliseconds is down. */
export async function checkHealth(env: GatewayEnv, patience = 3_000): Promise<Health> {
  const answers = await Promise.all(backends.map(async (backend) => [backend, await ask(env, backend, patience)] as const))
  const status = answers.every(([, answer]) => answer === 'ok') ? 'ok' : 'degraded'
  return { status, workers: { gateway: 'ok', ...Object.fromEntries(answers) } }
}

async function ask(env: GatewayEnv, backend: Backend, patience: number): Promise<'ok' | 'down'> {
  try {
    const { ok } = await bindingOf(env, backend).fetch(`http://${backend}/health`, { signal: AbortSignal.timeout(patience) })
    return ok ? 'ok' : 'down'
  } catch {
    return 'down'
  }
}
