import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { requestIdHeader } from '../contracts/actor'
import { AppError, type ProblemCode, problems } from '../contracts/errors'
import { logger } from '../runtime/logger'

/** RFC 9457. */
export const ProblemSchema = z
  .object({
    type: z.string().openapi({ example: '/problems/not_found' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string(),
    code: z.enum(Object.keys(problems) as [ProblemCode, ...ProblemCode[]]),
    requestId: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .openapi('Problem')

/** Whatever was thrown, as the AppError a client may see: nothing from inside gets out above 499. */
export function toAppError(thrown: unknown): AppError {
  const known = AppError.from(thrown)
  if (known) return known.status >= 500 && problems[known.code].status === 500 ? new AppError('internal') : known
  // Hono throws these for a body that is not JSON, and for one that does not say it is in the way that Hono wants.
  if (thrown instanceof HTTPException && thrown.status === 400)
    return new AppError('malformed_json', 'The body is not valid JSON')
  if (thrown instanceof HTTPException && thrown.status === 415) return new AppError('unsupported_media_type')
  return new AppError('internal')
}

/** Seconds after which to try again what does not answer. */
const unavailableFor = 2

export function problemResponse(error: AppError, instance: string, requestId: string): Response {
  const { status, title } = problems[error.code]
  const body = {
    type: `/problems/${error.code}`,
    title,
    status,
    ...(error.message === title ? {} : { detail: error.message }),
    instance,
    code: error.code,
    requestId,
    ...(error.meta.errors ? { errors: error.meta.errors } : {}),
    ...error.meta.extra,
  }
  const headers = new Headers({ 'content-type': 'application/problem+json', 'x-request-id': requestId })
  // A client that may retry always learns when, even from an error that does not say: a part that is down is soon up again.
  const { retryAfter = status === 503 || status === 504 ? unavailableFor : undefined } = error.meta
  if (retryAfter !== undefined) headers.set('retry-after', String(Math.max(1, Math.ceil(retryAfter))))
  if (error.meta.allow) headers.set('allow', error.meta.allow.join(', '))
  return new Response(JSON.stringify(body), { status, headers })
}

/** The error handler of every app. */
export function onError(thrown: Error, c: Context): Response {
  const error = toAppError(thrown)
  const requestId = c.req.header(requestIdHeader) ?? 'req_unknown'
  if (error.status >= 500) logger.error('request failed', { requestId, path: c.req.path, error: thrown })
  return problemResponse(error, c.req.path, requestId)
}
