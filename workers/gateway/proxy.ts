import { getPath } from 'hono/utils/url'
import {
  type Actor,
  actorHeader,
  addressHeader,
  encodeActor,
  internalPrefix,
  requestIdHeader,
  tokenProblemHeader,
} from '../../shared/contracts/actor'
import { AppError, type ProblemCode } from '../../shared/contracts/errors'
import { bindingName } from '../../shared/contracts/workers'
import { logger } from '../../shared/runtime/logger'
import { withTimeout } from '../../shared/runtime/with-timeout'
import { type Backend, isCookieEndpoint } from './routing'
import { timeouts } from './timeouts'

/** What the gateway knows about a request and passes on. */
export type RequestContext = {
  requestId: string
  traceparent: string
  address: string
  actor?: Actor
  /** Why the token was refused; the Worker answers with it when its route needs an actor. */
  tokenProblem?: ProblemCode
}

export const bindingOf = (env: GatewayEnv, backend: Backend): Fetcher => env[bindingName(backend)]

/** The client's headers without those that only the gateway may set, and without cookies on paths that read none. */
export function clientHeaders(inbound: Headers, path: string): Headers {
  const headers = new Headers(inbound)
  if (!isCookieEndpoint(path)) headers.delete('cookie')
  for (const name of inbound.keys()) if (name.startsWith(internalPrefix)) headers.delete(name)
  return headers
}

/** The headers that a Worker gets: the client's and the gateway's. */
function forwardedHeaders(request: Request, context: RequestContext): Headers {
  const headers = clientHeaders(request.headers, getPath(request))
  headers.delete('authorization')
  headers.set(requestIdHeader, context.requestId)
  headers.set(addressHeader, context.address)
  headers.set('traceparent', context.traceparent)
  if (context.actor) headers.set(actorHeader, encodeActor(context.actor))
  if (context.tokenProblem) headers.set(tokenProblemHeader, context.tokenProblem)
  return headers
}

/** Passes a request on to a Worker. @throws AppError `timeout` when the answer does not begin in time, `unavailable` when the Worker fails */
export async function forward(
  env: GatewayEnv,
  backend: Backend,
  request: Request,
  body: Uint8Array | undefined,
  context: RequestContext,
): Promise<Response> {
  // Path and query byte for byte, without parsing them again.
  const target = request.url.slice(request.url.indexOf('/', request.url.indexOf('://') + 3))
  const init = {
    method: request.method,
    headers: forwardedHeaders(request, context),
    redirect: 'manual' as const,
    ...(body ? { body } : {}),
  }
  try {
    return await withTimeout(timeouts.request, (signal) =>
      bindingOf(env, backend).fetch(`http://${backend}${target}`, { ...init, signal }),
    )
  } catch (error) {
    logger.error('a Worker did not answer', { backend, requestId: context.requestId, error })
    throw AppError.is(error, 'timeout') ? error : new AppError('unavailable')
  }
}
