import { getPath } from 'hono/utils/url'
import type { JSONWebKeySet } from 'jose'
import { type Actor, actorHeader, encodeActor, requestIdHeader } from '../../shared/contracts/actor'
import { AppError } from '../../shared/contracts/errors'
import { newId } from '../../shared/contracts/ids'
import { problemResponse, toAppError } from '../../shared/http/problem'
import { logger } from '../../shared/runtime/logger'
import { continueTrace } from '../../shared/runtime/trace'
import { withTimeout } from '../../shared/runtime/with-timeout'
import { preflight, refuseForgery } from './cors'
import { dress } from './dress'
import { bearerOf, KeyCache } from './identity'
import { boundedBody, countedAs, limitRate, requireModestHead } from './limits'
import { patience } from './patience'
import { clientHeaders, forward, type Passport } from './proxy'
import { app } from './routes'
import { backendOf } from './routing'
import { countView, viewOf } from './views'

/** One per auth binding, that is one per isolate. */
const keyCaches = new WeakMap<Fetcher, KeyCache>()

/** The way of every request: name it, know who sends it, count it, bound it, hand it to whoever answers, dress the answer. */
export async function handle(request: Request, env: GatewayEnv, context: ExecutionContext): Promise<Response> {
  const passport: Passport = {
    requestId: newId('req'),
    traceparent: continueTrace(request.headers.get('traceparent') ?? undefined),
    address: countedAs(request.headers.get('cf-connecting-ip') ?? '127.0.0.1'),
  }
  const response = await answer(request, env, context, passport)
  const view = viewOf(request, response, passport)
  if (view) context.waitUntil(countView(env, view, passport, Date.now()))
  return dress(response, request, env, passport)
}

async function answer(request: Request, env: GatewayEnv, context: ExecutionContext, passport: Passport): Promise<Response> {
  // As the Workers' router reads it, which decodes: another spelling of a path is no other door.
  const pathname = getPath(request)
  try {
    if (request.method === 'OPTIONS') return preflight(request, env)
    requireModestHead(request)
    refuseForgery(request, env)
    await identify(env, request, passport)
    await limitRate(env, pathname, passport.address, passport.actor)
    const backend = backendOf(pathname, env.ENVIRONMENT === 'local')
    if (backend) return await forward(env, backend, request, await bodyOf(request), passport)
    const headers = clientHeaders(request.headers, pathname)
    headers.set(requestIdHeader, passport.requestId)
    return await app.fetch(new Request(request, { headers }), env, context)
  } catch (thrown) {
    const error = toAppError(thrown)
    if (error.status >= 500) logger.error('request failed', { requestId: passport.requestId, path: pathname, error: thrown })
    return problemResponse(error, pathname, passport.requestId)
  }
}

/**
 * Reads the token once for all Workers. A bad one is no reason to refuse a public route, such as refresh: the Worker is told
 * why there is no actor, and says it when its route wants one.
 */
async function identify(env: GatewayEnv, request: Request, passport: Passport): Promise<void> {
  try {
    const token = bearerOf(request.headers.get('authorization'))
    if (token === undefined) return
    const actor = await keysOf(env).actor(token)
    if (actor.role === 'admin') await requirePresent(env, actor)
    passport.actor = actor
  } catch (error) {
    const known = AppError.from(error)
    if (known?.status !== 401) throw error
    passport.tokenProblem = known.code
  }
}

/**
 * An access token is good until its time is over, whatever becomes of its session. Of operators that would be too long: of each of their
 * requests auth is asked whether they still are what their token says. @throws AppError `token_invalid` when they are not, `unavailable`
 */
async function requirePresent(env: GatewayEnv, actor: Actor): Promise<void> {
  const asking = { headers: { [actorHeader]: encodeActor(actor) } }
  const { status } = await withTimeout(patience.keys, (signal) => env.AUTH.fetch('http://auth/v1/auth/me', { ...asking, signal }))
  if (status === 401) throw new AppError('token_invalid')
  if (status !== 200) throw new AppError('unavailable')
}

/** The body, which is waited for no longer than an answer is. @throws AppError `request_timeout`, `payload_too_large` */
async function bodyOf(request: Request): Promise<Uint8Array | undefined> {
  try {
    return await withTimeout(patience.request, () => boundedBody(request))
  } catch (error) {
    throw AppError.is(error, 'timeout') ? new AppError('request_timeout') : error
  }
}

function keysOf(env: GatewayEnv): KeyCache {
  const load = async () => {
    const url = 'http://auth/v1/auth/.well-known/jwks.json'
    const response = await withTimeout(patience.keys, (signal) => env.AUTH.fetch(url, { signal }))
    if (!response.ok) throw new AppError('unavailable')
    return response.json<JSONWebKeySet>()
  }
  const cache = keyCaches.get(env.AUTH) ?? new KeyCache(load)
  keyCaches.set(env.AUTH, cache)
  return cache
}
