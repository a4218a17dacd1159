import { AppError } from '../../shared/contracts/errors'

type Origins = Pick<GatewayEnv, 'CORS_ORIGINS' | 'ENVIRONMENT'>

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']
const requestHeaders = ['authorization', 'content-type', 'idempotency-key', 'if-match', 'credenza-session', 'traceparent']
const exposed = ['etag', 'location', 'retry-after', 'age', 'allow', 'x-request-id', 'idempotency-replayed']
/** Seconds: the most that a browser keeps a preflight. */
const maxAge = 7_200

const localOrigin = /^https?:\/\/(localhost|127\.0\.0\.1)(:\d{1,5})?$/

/** Whether pages of an origin may read answers: those of CORS_ORIGINS, and in local runs every origin of this machine. */
const isAllowed = (origin: string, { CORS_ORIGINS, ENVIRONMENT }: Origins): boolean =>
  (origin !== '' && CORS_ORIGINS.split(',').some((allowed) => allowed.trim() === origin)) ||
  (ENVIRONMENT === 'local' && localOrigin.test(origin))

/** The headers that let a page read the answer; none when its origin is not allowed or the request has no origin. */
export function corsHeaders({ headers }: Request, env: Origins): Record<string, string> {
  const origin = headers.get('origin')
  if (origin === null || !isAllowed(origin, env)) return {}
  return {
    'access-control-allow-origin': origin,
    // The refresh token may travel in a cookie.
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': exposed.join(', '),
  }
}

/** The answer to a preflight: it allows the actual request only when its method and headers are supported. */
export function preflight(request: Request, env: Origins): Response {
  const wantedMethod = request.headers.get('access-control-request-method')
  const wantedHeaders = (request.headers.get('access-control-request-headers') ?? '').split(',').map((name) => name.trim())
  const fits =
    wantedMethod !== null &&
    methods.includes(wantedMethod) &&
    wantedHeaders.every((name) => name === '' || requestHeaders.includes(name.toLowerCase())) &&
    'access-control-allow-origin' in corsHeaders(request, env)
  if (!fits) return new Response(null, { status: 204 })
  const headers = {
    'access-control-allow-methods': methods.join(', '),
    'access-control-allow-headers': requestHeaders.join(', '),
    'access-control-max-age': String(maxAge),
  }
  return new Response(null, { status: 204, headers })
}

/**
 * Refuses a change that a page of another site makes with a user's cookie. Our cookies are SameSite=Strict and need a header that such a
 * page cannot set; this check holds if a browser, or a future endpoint, does not. @throws AppError `forbidden`
 * Source: https://www.w3.org/TR/fetch-metadata/
 */
export function rejectCrossSite(request: Request, env: Origins): void {
  const { headers, method } = request
  if (!headers.has('cookie') || method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return
  const origin = headers.get('origin')
  const site = headers.get('sec-fetch-site')
  const isOurs =
    origin === null
      ? site === null || site === 'same-origin' || site === 'none'
      : origin === new URL(request.url).origin || isAllowed(origin, env)
  if (!isOurs) throw new AppError('forbidden', 'A page of another site may not do this')
}
