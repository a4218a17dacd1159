import { within } from '../../shared/http/within'
import { patience } from './patience'
import { bindingOf } from './proxy'
import { type Backend, backends } from './routing'

export type Health = { status: 'ok' | 'degraded'; workers: Record<string, 'ok' | 'down'> }

/** Asks every Worker; one that does not answer soon is down. */
export async function checkHealth(env: GatewayEnv): Promise<Health> {
  const answers = await Promise.all(backends.map(async (backend) => [backend, await ask(env, backend)] as const))
  const status = answers.every(([, answer]) => answer === 'ok') ? 'ok' : 'degraded'
  return { status, workers: { gateway: 'ok', ...Object.fromEntries(answers) } }
}

async function ask(env: GatewayEnv, backend: Backend): Promise<'ok' | 'down'> {
  try {
    const url = `http://${backend}/health`
    const { ok } = await within(patience.health, (signal) => bindingOf(env, backend).fetch(url, { signal }))
    return ok ? 'ok' : 'down'
  } catch {
    return 'down'
  }
}
