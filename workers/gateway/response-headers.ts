import { getPath } from 'hono/utils/url'
import { internalPrefix } from '../../shared/contracts/actor'
import { corsHeaders } from './cors'
import type { RequestContext } from './proxy'
import { isCookieEndpoint, isDevEndpoint } from './routing'

/** What a page may use of the device. Source: https://www.w3.org/TR/permissions-policy/ */
const permissions = ['camera', 'geolocation', 'microphone', 'payment', 'usb', 'browsing-topics']
  .map((name) => `${name}=()`)
  .join(', ')

/** Answers for one reader, or for this moment only. */
const isUncacheable = ({ method, headers }: Request, pathname: string, status: number): boolean =>
  status >= 400 ||
  (method !== 'GET' && method !== 'HEAD') ||
  headers.has('authorization') ||
  headers.has('cookie') ||
  pathname === '/health' ||
  isDevEndpoint(pathname) ||
  // The public keys have the same prefix, and are the same for everyone.
  (pathname.startsWith('/v1/auth/') && !pathname.startsWith('/v1/auth/.well-known/'))

/** Adds the headers that every answer carries. A WebSocket upgrade stays as it is: rebuilding it would lose the socket. */
export function withResponseHeaders(
  response: Response,
  request: Request,
  env: GatewayEnv,
  { requestId, traceparent }: RequestContext,
): Response {
  if (response.status === 101) return response
  const pathname = getPath(request)
  const { protocol } = new URL(request.url)
  const headers = new Headers(response.headers)
  const isPage = headers.get('content-type')?.startsWith('text/html') ?? false
  if (!isCookieEndpoint(pathname)) headers.delete('set-cookie')
  for (const name of response.headers.keys()) if (name.startsWith(internalPrefix)) headers.delete(name)
  // A cache must not serve an answer to an origin that may not read it.
  headers.append('vary', 'Origin')
  for (const [name, value] of Object.entries(corsHeaders(request, env))) headers.set(name, value)
  headers.set('x-request-id', requestId)
  headers.set('traceparent', traceparent)
  headers.set('x-content-type-options', 'nosniff')
  headers.set('referrer-policy', 'no-referrer')
  if (!headers.has('cross-origin-resource-policy')) headers.set('cross-origin-resource-policy', 'same-origin')
  if (isUncacheable(request, pathname, response.status)) headers.set('cache-control', 'no-store')
  if (!headers.has('content-security-policy'))
    headers.set('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
  if (isPage) {
    headers.set('cross-origin-opener-policy', 'same-origin')
    headers.set('permissions-policy', permissions)
  }
  if (env.ENVIRONMENT !== 'local' && protocol === 'https:') {
    headers.set('strict-transport-security', 'max-age=63072000; includeSubDomains')
  }
  return new Response(response.body, { status: response.status, headers })
}
