import { getPath } from 'hono/utils/url'
import type { JSONWebKeySet } from 'jose'
import { type Actor, actorHeader, encodeActor, requestIdHeader } from '../../shared/contracts/actor'
import { AppError } from '../../shared/contracts/errors'
import { newId } from '../../shared/contracts/ids'
import { problemResponse, toAppError } from '../../shared/http/problem'
import { logger } from '../../shared/runtime/logger'
import { continueTrace } from '../../shared/runtime/trace'
import { withTimeout } from '../../shared/runtime/with-timeout'
import { preflight, rejectCrossSite } from './cors'
import { asDevPage } from './dev-pages'
import { bearerOf, KeyCache } from './identity'
import { boundedBody, limitHeaders, limitRate, rateLimitKey } from './limits'
import { clientHeaders, forward, type RequestContext } from './proxy'
import { logRequest } from './request-log'
import { withResponseHeaders } from './response-headers'
import { app } from './routes'
import { backendOf, isDevEndpoint } from './routing'
import { requireThisMachine } from './this-machine'
import { timeouts } from './timeouts'
import { countView, viewOf } from './views'

/** One per auth binding, so one per isolate. */
const keyCaches = new WeakMap<Fetcher, KeyCache>()

/** The way of every request: give it an id, identify the sender, check limits, route it, and complete the headers of the answer. */
export async function handle(request: Request, env: GatewayEnv, execution: ExecutionContext): Promise<Response> {
  const context: RequestContext = {
    requestId: newId('req'),
    traceparent: continueTrace(request.headers.get('traceparent') ?? undefined),
    address: rateLimitKey(request.headers.get('cf-connecting-ip') ?? '127.0.0.1'),
  }
  const started = Date.now()
  const response = await answer(request, env, execution, context)
  logRequest(request, response.status, Date.now() - started, context)
  const view = viewOf(request, response, context)
  if (view) execution.waitUntil(countView(env, view, context, Date.now()))
  return withResponseHeaders(response, request, env, context)
}

async function answer(
  request: Request,
  env: GatewayEnv,
  execution: ExecutionContext,
  context: RequestContext,
): Promise<Response> {
  // Decoded, as the router of the Workers reads it: another spelling of a path is not another endpoint.
  const pathname = getPath(request)
  const isLocal = env.ENVIRONMENT === 'local'
  try {
    if (request.method === 'OPTIONS') return preflight(request, env)
    limitHeaders(request)
    if (isLocal && isDevEndpoint(pathname)) requireThisMachine(request)
    rejectCrossSite(request, env)
    await identify(env, request, context)
    await limitRate(env, pathname, context.address, context.actor)
    const backend = backendOf(pathname, isLocal)
    if (backend) {
      const forwarded = await forward(env, backend, request, await bodyOf(request), context)
      return isLocal ? await asDevPage(request, pathname, forwarded) : forwarded
    }
    const headers = clientHeaders(request.headers, pathname)
    headers.set(requestIdHeader, context.requestId)
    return await app.fetch(new Request(request, { headers }), env, execution)
  } catch (thrown) {
    const error = toAppError(thrown)
    if (error.status >= 500) logger.error('request failed', { requestId: context.requestId, path: pathname, error: thrown })
    return problemResponse(error, pathname, context.requestId)
  }
}

/**
 * Verifies the token once for all Workers. A bad token does not refuse a public route, such as refresh: the Worker gets the reason
 * and answers with it where its route needs an actor.
 */
async function identify(env: GatewayEnv, request: Request, context: RequestContext): Promise<void> {
  try {
    const token = bearerOf(request.headers.get('authorization'))
    if (token === undefined) return
    const actor = await keysOf(env).actor(token)
    if (actor.role === 'admin') await requirePresent(env, actor)
    context.actor = actor
  } catch (error) {
    const known = AppError.from(error)
    if (known?.status !== 401) throw error
    context.tokenProblem = known.code
  }
}

/**
 * An access token is valid until it expires, even when its session has ended. For operators that is too long, so auth checks each of
 * their requests. @throws AppError `token_invalid` when the session or the role is gone, `unavailable`
 */
async function requirePresent(env: GatewayEnv, actor: Actor): Promise<void> {
  const asking = { headers: { [actorHeader]: encodeActor(actor) } }
  const { status } = await withTimeout(timeouts.keys, (signal) => env.AUTH.fetch('http://auth/v1/auth/me', { ...asking, signal }))
  if (status === 401) throw new AppError('token_invalid')
  if (status !== 200) throw new AppError('unavailable')
}

/** The body, which may take as long to arrive as an answer. @throws AppError `request_timeout`, `payload_too_large` */
async function bodyOf(request: Request): Promise<Uint8Array | undefined> {
  try {
    return await withTimeout(timeouts.request, () => boundedBody(request))
  } catch (error) {
    throw AppError.is(error, 'timeout') ? new AppError('request_timeout') : error
  }
}

function keysOf(env: GatewayEnv): KeyCache {
  const load = async () => {
    const url = 'http://auth/v1/auth/.well-known/jwks.json'
    const response = await withTimeout(timeouts.keys, (signal) => env.AUTH.fetch(url, { signal }))
    if (!response.ok) throw new AppError('unavailable')
    return response.json<JSONWebKeySet>()
  }
  const cache = keyCaches.get(env.AUTH) ?? new KeyCache(load)
  keyCaches.set(env.AUTH, cache)
  return cache
}
