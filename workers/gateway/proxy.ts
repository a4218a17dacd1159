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
import { patience } from './patience'
import { type Backend, isCookieDoor } from './routing'

/** What the gateway knows of a request and passes on. */
export type Passport = {
  requestId: string
  traceparent: string
  address: string
  actor?: Actor
  /** Why the token was refused; the Worker says so when its route wants an actor. */
  tokenProblem?: ProblemCode
}

export const bindingOf = (env: GatewayEnv, backend: Backend): Fetcher => env[bindingName(backend)]

/** The client's headers without those that only we may set, and without cookies where nothing reads any. */
export function clientHeaders(inbound: Headers, path: string): Headers {
  const headers = new Headers(inbound)
  if (!isCookieDoor(path)) headers.delete('cookie')
  for (const name of inbound.keys()) if (name.startsWith(internalPrefix)) headers.delete(name)
  return headers
}

/** The headers a Worker gets: the client's, and ours. */
function passportHeaders(request: Request, passport: Passport): Headers {
  const headers = clientHeaders(request.headers, getPath(request))
  headers.delete('authorization')
  headers.set(requestIdHeader, passport.requestId)
  headers.set(addressHeader, passport.address)
  headers.set('traceparent', passport.traceparent)
  if (passport.actor) headers.set(actorHeader, encodeActor(passport.actor))
  if (passport.tokenProblem) headers.set(tokenProblemHeader, passport.tokenProblem)
  return headers
}

/** Passes a request on to a Worker. @throws AppError `timeout` when it does not begin to answer in time, `unavailable` when it breaks */
export async function forward(
  env: GatewayEnv,
  backend: Backend,
  request: Request,
  body: Uint8Array | undefined,
  passport: Passport,
): Promise<Response> {
  // The path and the query byte for byte, without the cost of parsing them again.
  const target = request.url.slice(request.url.indexOf('/', request.url.indexOf('://') + 3))
  const init = {
    method: request.method,
    headers: passportHeaders(request, passport),
    redirect: 'manual' as const,
    ...(body ? { body } : {}),
  }
  try {
    return await withTimeout(patience.request, (signal) =>
      bindingOf(env, backend).fetch(`http://${backend}${target}`, { ...init, signal }),
    )
  } catch (error) {
    logger.error('a Worker did not answer', { backend, requestId: passport.requestId, error })
    throw AppError.is(error, 'timeout') ? error : new AppError('unavailable')
  }
}
