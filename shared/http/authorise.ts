import type { Context, MiddlewareHandler } from 'hono'
import { type Actor, actorHeader, decodeActor, type Role, tokenProblemHeader } from '../contracts/actor'
import { AppError } from '../contracts/errors'

/** Who may call a route: anyone, anyone with a token (guests too), or these roles and no other. */
export type Access = 'public' | 'signed-in' | readonly Role[]

/** The extension in which the OpenAPI document names who may call a route. */
export const accessExtension = 'x-credenza-access'

/** Who calls, or undefined on a public route without a token. */
export const actorOf = (c: Context): Actor | undefined => decodeActor(c.req.header(actorHeader))

/** Who calls. @throws AppError `unauthenticated`, or `token_expired` and `token_invalid` when the gateway refused a token */
export function requireActor(c: Context): Actor {
  const actor = actorOf(c)
  if (actor) return actor
  const problem = c.req.header(tokenProblemHeader)
  throw new AppError(problem === 'token_expired' || problem === 'token_invalid' ? problem : 'unauthenticated')
}

/** Refuses everyone that `access` does not let in, before the body is read. */
export const authorise =
  (access: Access): MiddlewareHandler =>
  async (c, next) => {
    if (access !== 'public') {
      const actor = requireActor(c)
      if (access !== 'signed-in' && !access.includes(actor.role)) throw new AppError('forbidden')
    }
    await next()
  }

/** For endpoints of local runs alone: elsewhere they answer 404 before anything is read. */
export const localOnly: MiddlewareHandler<{ Bindings: { ENVIRONMENT: string } }> = async (c, next) => {
  if (c.env.ENVIRONMENT !== 'local') throw new AppError('not_found')
  await next()
}
