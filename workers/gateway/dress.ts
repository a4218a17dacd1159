import { getPath } from 'hono/utils/url'
import { internalPrefix } from '../../shared/contracts/actor'
import { corsHeaders } from './cors'
import type { Passport } from './proxy'
import { isCookieDoor } from './routing'

/** What a page may use of the device. Source: https://www.w3.org/TR/permissions-policy/ */
const permissions = ['camera', 'geolocation', 'microphone', 'payment', 'usb', 'browsing-topics']
  .map((name) => `${name}=()`)
  .join(', ')

/** Answers that are for one reader, or for this moment, alone. */
const isPrivate = ({ method, headers }: Request, pathname: string, status: number): boolean =>
  status >= 400 ||
  (method !== 'GET' && method !== 'HEAD') ||
  headers.has('authorization') ||
  headers.has('cookie') ||
  pathname === '/health' ||
  pathname.startsWith('/v1/dev/') ||
  // The public keys are under the same prefix, and the same for all.
  (pathname.startsWith('/v1/auth/') && !pathname.startsWith('/v1/auth/.well-known/'))

/** Adds what every answer carries. A WebSocket upgrade goes out as it is: rebuilding it would lose the socket. */
export function dress(response: Response, request: Request, env: GatewayEnv, { requestId, traceparent }: Passport): Response {
  if (response.status === 101) return response
  const pathname = getPath(request)
  const { protocol } = new URL(request.url)
  const headers = new Headers(response.headers)
  const isPage = headers.get('content-type')?.startsWith('text/html') ?? false
  if (!isCookieDoor(pathname)) headers.delete('set-cookie')
  for (const name of response.headers.keys()) if (name.startsWith(internalPrefix)) headers.delete(name)
  // Whoever may not read an answer must not be given one that was kept for somebody who may.
  headers.append('vary', 'Origin')
  for (const [name, value] of Object.entries(corsHeaders(request, env))) headers.set(name, value)
  headers.set('x-request-id', requestId)
  headers.set('traceparent', traceparent)
  headers.set('x-content-type-options', 'nosniff')
  headers.set('referrer-policy', 'no-referrer')
  if (!headers.has('cross-origin-resource-policy')) headers.set('cross-origin-resource-policy', 'same-origin')
  if (isPrivate(request, pathname, response.status)) headers.set('cache-control', 'no-store')
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
