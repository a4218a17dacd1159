import { createRoute, type RouteConfig, z } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import { AppError } from '../contracts/errors'
import { type Access, authorise } from './authorise'
import { ProblemSchema } from './problem'
import { clip, pathOfBrokenText } from './text'

/** The extension in which the OpenAPI document names who may call a route. */
export const accessExtension = 'x-credenza-access'

type Spec<P extends string> = Omit<RouteConfig, 'path' | 'middleware' | 'security'> & { path: P }

/**
 * A route and who may call it. The schema is the documentation: body, query and params are checked against it before the
 * handler runs, after `access` is. Every error is a problem+json.
 */
export function defineRoute<P extends string, R extends Spec<P>>(access: Access, spec: R) {
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
  }
  return createRoute(route as unknown as R)
}

/** Refuses a body that does not say it is JSON, which the validator would silently take for an empty one. */
const requireJson: MiddlewareHandler = async (c, next) => {
  const type = c.req.header('content-type') ?? ''
  if (!/^application\/([a-z0-9.+-]+\+)?json\s*(;|$)/i.test(type)) throw new AppError('unsupported_media_type')
  await next()
}

/** Refuses a body with text that no store would take, wherever it is, so that nothing is half done before a store says so. */
const requireText: MiddlewareHandler = async (c, next) => {
  const path = pathOfBrokenText(await c.req.text())
  if (path !== undefined) {
    const message = 'is not valid Unicode text'
    throw new AppError('validation_failed', `${clip(path)}: ${message}`, { errors: [{ path: clip(path), message }] })
  }
  await next()
}

/** The answer of a route, as `responses` wants it. */
export const answers = <S>(description: string, schema: S) => ({ description, content: { 'application/json': { schema } } })

/** A required JSON body. */
export const jsonBody = <S>(schema: S) => ({ required: true as const, content: { 'application/json': { schema } } })
