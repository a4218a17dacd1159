import type { JSONWebKeySet } from 'jose'
import { requestIdHeader } from '../../shared/contracts/actor'
import { AppError } from '../../shared/contracts/errors'
import { newId } from '../../shared/contracts/ids'
import { logger } from '../../shared/http/logger'
import { problemResponse, toAppError } from '../../shared/http/problem'
import { continueTrace } from '../../shared/http/trace'
import { within } from '../../shared/http/within'
import { bearerOf, KeyCache } from './identity'
import { boundedBody, countedAs, limitRate } from './limits'
import { patience } from './patience'
import { clientHeaders, forward, type Passport } from './proxy'
import { app } from './routes'
import { backendOf } from './routing'

/** One per auth binding, that is one per isolate. */
const keyCaches = new WeakMap<Fetcher, KeyCache>()

/** The way of every request: name it, know who sends it, count it, bound it, hand it to whoever answers, dress the answer. */
export async function handle(request: Request, env: GatewayEnv, context: ExecutionContext): Promise<Response> {
  const { pathname } = new URL(request.url)
  const passport: Passport = {
    requestId: newId('req'),
    traceparent: continueTrace(request.headers.get('traceparent') ?? undefined),
    address: countedAs(request.headers.get('cf-connecting-ip') ?? '127.0.0.1'),
  }
  try {
    if (request.method === 'OPTIONS') return dress(new Response(null, { status: 204 }), passport)
    await identify(env, request, passport)
    await limitRate(env, pathname, passport.address, passport.actor)
    const backend = backendOf(pathname, env.ENVIRONMENT === 'local')
    if (backend) return dress(await forward(env, backend, request, await boundedBody(request), passport), passport)
    const headers = clientHeaders(request.headers)
    headers.set(requestIdHeader, passport.requestId)
    return dress(await app.fetch(new Request(request, { headers }), env, context), passport)
  } catch (thrown) {
    const error = toAppError(thrown)
    if (error.status >= 500) logger.error('request failed', { requestId: passport.requestId, path: pathname, error: thrown })
    return dress(problemResponse(error, pathname, passport.requestId), passport)
  }
}

/**
 * Reads the token once for all Workers. A bad one is no reason to refuse a public route, such as refresh: the Worker is told
 * why there is no actor, and says it when its route wants one.
 */
async function identify(env: GatewayEnv, request: Request, passport: Passport): Promise<void> {
  try {
    const token = bearerOf(request.headers.get('authorization'))
    if (token !== undefined) passport.actor = await keysOf(env).actor(token)
  } catch (error) {
    const known = AppError.from(error)
    if (known?.status !== 401) throw error
    passport.tokenProblem = known.code
  }
}

function keysOf(env: GatewayEnv): KeyCache {
  const load = async () => {
    const url = 'http://auth/v1/auth/.well-known/jwks.json'
    const response = await within(patience.keys, (signal) => env.AUTH.fetch(url, { signal }))
    if (!response.ok) throw new AppError('unavailable')
    return response.json<JSONWebKeySet>()
  }
  const cache = keyCaches.get(env.AUTH) ?? new KeyCache(load)
  keyCaches.set(env.AUTH, cache)
  return cache
}

const cors = {
  // Tokens travel in a header, never in a cookie, so any origin may call.
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE, OPTIONS',
  'access-control-allow-headers': 'authorization, content-type, idempotency-key, if-match, traceparent',
  'access-control-expose-headers': 'etag, retry-after, x-request-id, allow',
  'access-control-max-age': '86400',
}

/** Adds what every answer carries. A WebSocket upgrade goes out as it is: rebuilding it would lose the socket. */
function dress(response: Response, { requestId, traceparent }: Passport): Response {
  if (response.status === 101) return response
  const headers = new Headers(response.headers)
  for (const [name, value] of Object.entries(cors)) headers.set(name, value)
  headers.set('x-request-id', requestId)
  headers.set('traceparent', traceparent)
  headers.set('x-content-type-options', 'nosniff')
  headers.set('referrer-policy', 'no-referrer')
  return new Response(response.body, { status: response.status, headers })
}
