import {
  type Actor,
  actorHeader,
  addressHeader,
  encodeActor,
  requestIdHeader,
  tokenProblemHeader,
} from '../../shared/contracts/actor'
import { AppError, type ProblemCode } from '../../shared/contracts/errors'
import { logger } from '../../shared/http/logger'
import type { Backend } from './routing'

/** What the gateway knows of a request and passes on. */
export type Passport = {
  requestId: string
  traceparent: string
  address: string
  actor?: Actor
  /** Why the token was refused; the Worker says so when its route wants an actor. */
  tokenProblem?: ProblemCode
}

export const bindingOf = (env: GatewayEnv, backend: Backend): Fetcher => {
  const bindings: Record<Backend, Fetcher> = {
    auth: env.AUTH,
    product: env.PRODUCT,
    inventory: env.INVENTORY,
    cart: env.CART,
    order: env.ORDER,
    payment: env.PAYMENT,
    notification: env.NOTIFICATION,
    data: env.DATA,
  }
  return bindings[backend]
}

/** The headers a Worker gets: the client's without those that only we may set, and ours. */
function passportHeaders(inbound: Headers, passport: Passport): Headers {
  const headers = new Headers()
  for (const [name, value] of inbound) if (!name.startsWith('x-credenza-')) headers.set(name, value)
  headers.delete('authorization')
  headers.set(requestIdHeader, passport.requestId)
  headers.set(addressHeader, passport.address)
  headers.set('traceparent', passport.traceparent)
  if (passport.actor) headers.set(actorHeader, encodeActor(passport.actor))
  if (passport.tokenProblem) headers.set(tokenProblemHeader, passport.tokenProblem)
  return headers
}

/** Passes a request on to a Worker. @throws AppError `unavailable` when it does not answer */
export async function forward(
  env: GatewayEnv,
  backend: Backend,
  request: Request,
  body: Uint8Array | undefined,
  passport: Passport,
): Promise<Response> {
  const { pathname, search } = new URL(request.url)
  try {
    return await bindingOf(env, backend).fetch(`http://${backend}${pathname}${search}`, {
      method: request.method,
      headers: passportHeaders(request.headers, passport),
      redirect: 'manual',
      ...(body ? { body } : {}),
    })
  } catch (error) {
    logger.error('a Worker did not answer', { backend, requestId: passport.requestId, error })
    throw new AppError('unavailable')
  }
}
