import { AppError } from '../../shared/contracts/errors'

type Origins = Pick<GatewayEnv, 'CORS_ORIGINS' | 'ENVIRONMENT'>

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']
const requestHeaders = ['authorization', 'content-type', 'idempotency-key', 'if-match', 'credenza-session', 'traceparent']
const exposed = ['etag', 'location', 'retry-after', 'age', 'allow', 'x-request-id', 'idempotency-replayed']
/** Seconds: the most that a browser keeps a preflight. */
const maxAge = 7_200

const localOrigin = /^https?:\/\/(localhost|127\.0\.0\.1)(:\d{1,5})?$/

/** Whether pages of an origin may read our answers: those of the list, and in local runs all of this machine. */
const isAllowed = (origin: string, { CORS_ORIGINS, ENVIRONMENT }: Origins): boolean =>
  (origin !== '' && CORS_ORIGINS.split(',').some((allowed) => allowed.trim() === origin)) ||
  (ENVIRONMENT === 'local' && localOrigin.test(origin))

/** The headers that let the page behind a request read the answer; none for a page that may not, and for what is no page. */
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

/** What a preflight is told: the browser goes on only when method and headers of the request to come are among ours. */
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
 * Refuses a change that the page of a stranger makes with somebody's cookie. Cookies of ours are SameSite=Strict and count only beside
 * a header that no such page can set; this holds where a browser, or a door to come, does not. @throws AppError `forbidden`
 * Source: https://www.w3.org/TR/fetch-metadata/
 */
export function refuseForgery(request: Request, env: Origins): void {
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
