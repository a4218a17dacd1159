import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { AppError, type ProblemCode } from '../../../shared/contracts/errors'
import { clip } from '../../../shared/http/text'
import { logger } from '../../../shared/runtime/logger'

/** An error of the Atlas Data API; `link`, which led to a log of Atlas, is never set. */
export const ErrorSchema = z
  .object({ error: z.string(), error_code: z.string(), link: z.string().optional() })
  .openapi('Error', { example: { error: 'invalid session: error finding user for endpoint', error_code: 'InvalidSession' } })

type Answer = { status: 400 | 401 | 404 | 409 | 413 | 429 | 500 | 503; errorCode: string }

/** Atlas documents `InvalidParameter`, `MissingParameter` and `InvalidSession`; the others are named in the same style. */
const answers: Partial<Record<ProblemCode, Answer>> = {
  malformed_json: { status: 400, errorCode: 'InvalidParameter' },
  bad_request: { status: 400, errorCode: 'InvalidParameter' },
  unsupported_media_type: { status: 400, errorCode: 'InvalidParameter' },
  validation_failed: { status: 400, errorCode: 'InvalidParameter' },
  data_invalid: { status: 400, errorCode: 'InvalidParameter' },
  data_unsupported: { status: 400, errorCode: 'NotSupported' },
  unauthenticated: { status: 401, errorCode: 'MissingParameter' },
  invalid_credentials: { status: 401, errorCode: 'InvalidSession' },
  not_found: { status: 404, errorCode: 'NotFound' },
  duplicate_key: { status: 409, errorCode: 'DuplicateKey' },
  payload_too_large: { status: 413, errorCode: 'PayloadTooLarge' },
  too_many_requests: { status: 429, errorCode: 'TooManyRequests' },
  unavailable: { status: 503, errorCode: 'ServiceUnavailable' },
  timeout: { status: 503, errorCode: 'ServiceUnavailable' },
}
const internal: Answer = { status: 500, errorCode: 'InternalServerError' }

/** An error as an answer. From 500 on it reveals nothing about the cause. */
export function refuse(thrown: Error, c: Context): Response {
  const error = AppError.from(thrown) ?? tooLarge(thrown) ?? new AppError('internal')
  const { status, errorCode } = answers[error.code] ?? internal
  if (status >= 500) logger.error('data api request failed', { path: c.req.path, error: thrown })
  const headers = new Headers()
  const retryAfter = error.meta.retryAfter ?? (status === 503 || status === 429 ? 1 : undefined)
  if (retryAfter !== undefined) headers.set('retry-after', String(Math.max(1, Math.ceil(retryAfter))))
  return Response.json({ error: messageOf(error, status), error_code: errorCode }, { status, headers })
}

/** A call of a Durable Object has a size limit; the runtime reports it by a message without a code. */
function tooLarge({ message }: Error): AppError | undefined {
  if (!/^Serialized RPC arguments or return values are limited to/.test(message)) return undefined
  return new AppError('payload_too_large', 'More than 32 MiB in one go: ask for fewer documents or fields, or send fewer')
}

function messageOf({ message, meta }: AppError, status: number): string {
  if (status === 503) return 'the database does not answer, or has too much to do'
  if (status >= 500) return 'something went wrong inside'
  // An insertMany that was refused half-way: the documents before stay.
  return meta.done === undefined ? message : `${message}; ${meta.done} were inserted`
}

/** An answer names at most so many issues: a small body can have very many. */
const maxIssues = 10

type Issue = { path: PropertyKey[]; message: string; keys?: string[] }

/** What is wrong with a body, in one line. */
export function invalidBody(issues: readonly Issue[]): AppError {
  const wrong = issues.flatMap(({ path, message, keys }) =>
    (
      keys?.slice(0, maxIssues).map((key) => ({ path: [...path, key], message: 'is not a known field' })) ?? [{ path, message }]
    ).map((each) => `${clip(each.path.map(String).join('.')) || 'the body'}: ${each.message}`),
  )
  return new AppError('validation_failed', wrong.slice(0, maxIssues).join('; '))
}
