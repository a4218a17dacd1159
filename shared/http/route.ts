import { createRoute, type RouteConfig, z } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import { AppError } from '../contracts/errors'
import { type Access, accessExtension, authorise } from './authorise'
import { type Idempotency, idempotencyExtension, isMutating, keyParameter } from './idempotency-route'
import { ProblemSchema } from './problem'
import { findBroken } from './text'

type Spec<P extends string> = Omit<RouteConfig, 'path' | 'middleware' | 'security'> & { path: P; idempotency?: Idempotency }

/**
 * A route and who may call it. The schema is the documentation: body, query and params are checked against it before the
 * handler runs, after `access` is. Every error is a problem+json. A mutating route accepts an Idempotency-Key, unless its
 * `idempotency` says otherwise.
 */
export function defineRoute<P extends string, R extends Spec<P>>(access: Access, { idempotency = 'optional', ...spec }: R) {
  const route = {
    ...spec,
    // Unknown fields are refused in the query too, where a route takes none as elsewhere.
    request: { query: z.strictObject({}), ...spec.request },
    ...(access === 'public' ? {} : { security: [{ bearer: [] }] }),
    middleware: [authorise(access), ...(spec.request?.body ? [requireJson, requireText] : [])],
    responses: {
      ...spec.responses,
      default: { description: 'A problem', content: { 'application/problem+json': { schema: ProblemSchema } } },
    },
    [accessExtension]: access,
    ...(isMutating(spec.method) ? idempotencyMetadata(idempotency, access) : {}),
  }
  return createRoute(route as unknown as R)
}

const idempotencyMetadata = (idempotency: Idempotency, access: Access) => ({
  [idempotencyExtension]: idempotency,
  ...(idempotency === 'none' ? {} : { parameters: [keyParameter(idempotency, access)] }),
})

/** Refuses a body that does not say it is JSON, which the validator would silently take for an empty one. */
const requireJson: MiddlewareHandler = async (c, next) => {
  const type = c.req.header('content-type') ?? ''
  if (!/^application\/([a-z0-9.+-]+\+)?json\s*(;|$)/i.test(type)) throw new AppError('unsupported_media_type')
  await next()
}

/** Refuses a body with text or names that no store would take, wherever they are, so that nothing is half done before a store says so. */
const requireText: MiddlewareHandler = async (c, next) => {
  const broken = findBroken(await c.req.text())
  if (broken) throw new AppError('validation_failed', `${broken.path}: ${broken.message}`, { errors: [broken] })
  await next()
}

/** The answer of a route, as `responses` wants it. */
export const answers = <S>(description: string, schema: S) => ({ description, content: { 'application/json': { schema } } })

/** A required JSON body. */
export const jsonBody = <S>(schema: S) => ({ required: true as const, content: { 'application/json': { schema } } })
