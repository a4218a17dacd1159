import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context, Hono } from 'hono'
import { requestIdHeader } from '../contracts/actor'
import { AppError, type FieldError } from '../contracts/errors'
import type { WorkerName } from '../contracts/events'
import { newId } from '../contracts/ids'
import { type HealthDeps, healthOf } from './health'
import type { Attempt } from './idempotency'
import { withIdempotency } from './idempotency-route'
import { onError } from './problem'
import { clip } from './text'

export type AppEnv<Env extends object, Deps> = { Bindings: Env; Variables: { deps: Deps; attempt?: Attempt } }
export type App<Env extends object, Deps> = OpenAPIHono<AppEnv<Env, Deps>>

export type AppOptions<Env extends object, Deps> = {
  worker: WorkerName
  depsFrom: (env: Env, traceparent?: string) => Deps
  /** What cron does; a local run, where cron does not fire, calls it by POST /internal/sweep. */
  sweep?: (deps: Deps) => Promise<unknown>
}

/**
 * The Hono app of a Worker: deps in `c.var.deps`, problem+json for every error, 405 with Allow, /health, /openapi.json.
 * Routes are added by `app.openapi(defineRoute(...), handler)`.
 */
export function newApp<Env extends object, Deps extends Record<string, unknown> & Partial<HealthDeps>>({
  worker,
  depsFrom,
  sweep,
}: AppOptions<Env, Deps>): App<Env, Deps> {
  const app = new OpenAPIHono<AppEnv<Env, Deps>>({
    defaultHook: (result) => {
      if (!result.success) throw invalid(result.target, result.error.issues)
    },
  })
  withIdempotency(app)
  app.onError(onError)
  app.notFound((c) => onError(unmatched(app.router, c), c))
  app.use('*', async (c, next) => {
    c.set('deps', depsFrom(c.env, c.req.header('traceparent')))
    // Before the answer is made: a header that is added to one costs a copy of it.
    c.header('x-request-id', c.req.header(requestIdHeader) ?? newId('req'))
    await next()
  })
  app.get('/health', async (c) => c.json(await healthOf(worker, c.env, c.var.deps)))
  app.get('/openapi.json', (c) =>
    c.json(app.getOpenAPI31Document({ openapi: '3.1.0', info: { title: `Credenza ${worker}`, version: '1.0.0' } })),
  )
  if (sweep) {
    app.post('/internal/sweep', async (c) => {
      await sweep(c.var.deps)
      return c.json({ ok: true })
    })
  }
  return app
}

/** The most fields that one answer names: a small body can be wrong in very many. */
const maxErrors = 50

/** The problem of a failed validation. A malformed id in the path is a 404. */
function invalid(
  target: string,
  issues: readonly { path: PropertyKey[]; message: string; code?: string; keys?: string[] }[],
): AppError {
  if (target === 'param') return new AppError('not_found')
  const errors: FieldError[] = issues.flatMap(({ path, message, keys }) =>
    keys
      ? keys.map((key) => ({ path: clip([...path, key].map(String).join('.')), message: 'is not a known field' }))
      : [{ path: clip(path.map(String).join('.')), message }],
  )
  const shown = errors.slice(0, maxErrors)
  const more = errors.length > shown.length ? `; and ${errors.length - shown.length} more` : ''
  const detail = shown.map((error) => `${error.path}: ${error.message}`).join('; ')
  return new AppError('validation_failed', `${detail}${more}`, { errors: shown })
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** Why nothing answered: 405 when the path has routes under other methods, otherwise 404. */
export function unmatched(router: Hono['router'], c: Context): AppError {
  const allow = methods.filter((method) => router.match(method, c.req.path)[0].some(([[, route]]) => route.method !== 'ALL'))
  if (allow.length === 0) return new AppError('not_found', `There is nothing at ${c.req.path}`)
  return new AppError('method_not_allowed', `Use ${allow.join(' or ')}`, { allow })
}
