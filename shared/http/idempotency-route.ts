import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context, Env, Handler } from 'hono'
import { getCookie } from 'hono/cookie'
import type { StatusCode } from 'hono/utils/http-status'
import { addressHeader } from '../contracts/actor'
import { sessionCookie, sessionHeader } from '../contracts/auth'
import { AppError } from '../contracts/errors'
import { type Access, accessExtension, requireActor } from './authorise'
import { type Answer, type Attempt, type IdempotencyDeps, runOnce } from './idempotency'

/**
 * How a mutating route treats an Idempotency-Key: `optional` (the default) uses one, `required` refuses requests without,
 * `none` ignores it.
 */
export type Idempotency = 'optional' | 'required' | 'none'

/** The extension in which the OpenAPI document says how a route treats an Idempotency-Key. */
export const idempotencyExtension = 'x-credenza-idempotency'

const keyHeader = 'idempotency-key'
/** On a public route the key alone keeps the answers of two people behind one address apart. */
const shortestPublicKey = 16
const longestKey = 200

export const isMutating = (method: string): boolean => !/^(get|head|options)$/i.test(method)

/** The header as the OpenAPI document has it. */
export const keyParameter = (idempotency: Idempotency, access: Access) => ({
  name: 'Idempotency-Key',
  in: 'header' as const,
  required: idempotency === 'required',
  schema: {
    type: 'string' as const,
    minLength: access === 'public' ? shortestPublicKey : 1,
    maxLength: longestKey,
    pattern: '^[\\x21-\\x7e]+$',
  },
  description:
    'Any text of your making, such as a UUID. For 24 hours a repeat with the same key gets the first answer again, with `Idempotency-Replayed: true`; the same key on another request is a 422.',
})

type Declared = { [idempotencyExtension]?: Idempotency; [accessExtension]?: Access }
type Rules = { idempotency: Idempotency; access: Access }

/** Makes every route that is declared from now on use idempotency keys as its definition says. */
export function withIdempotency<E extends Env>(app: OpenAPIHono<E>): void {
  const declare = app.openapi as (route: object, handler: Handler, ...hook: unknown[]) => unknown
  const withKey = (route: object, handler: Handler, ...hook: unknown[]) => {
    const { [idempotencyExtension]: idempotency = 'none', [accessExtension]: access = 'public' } = route as Declared
    return declare(route, idempotency === 'none' ? handler : onceOnly({ idempotency, access }, handler), ...hook)
  }
  app.openapi = withKey as typeof app.openapi
}

/** A handler that runs once per key, after all validation; without a key it asks no store. */
const onceOnly =
  ({ idempotency, access }: Rules, handler: Handler): Handler =>
  async (c, next) => {
    const key = keyOf(c, { idempotency, access })
    if (key === undefined) return handler(c, next)
    const asked = { principal: principalOf(c, access), route: `${c.req.method} ${c.req.path}`, key, request: await requestOf(c) }
    let response: Response | undefined
    const { answer, replayed } = await runOnce((c.var as { deps: IdempotencyDeps }).deps, asked, async (attempt) => {
      c.set('attempt', attempt)
      response = (await handler(c, next)) as Response
      return answerOf(response)
    })
    return replayed || !response ? replay(c, answer) : response
  }

/** The attempt of a handler whose route requires a key. @throws TypeError on any other */
export function attemptOf({ req, var: { attempt } }: { req: { path: string }; var: { attempt?: Attempt } }): Attempt {
  if (!attempt) throw new TypeError(`${req.path} does not require an Idempotency-Key`)
  return attempt
}

/** @throws AppError `idempotency_key_required`, `bad_request` when it is unusable */
function keyOf(c: Context, { idempotency, access }: Rules): string | undefined {
  const key = c.req.header(keyHeader)
  if (key === undefined || key === '') {
    if (idempotency === 'required') throw new AppError('idempotency_key_required')
    return undefined
  }
  const shortest = access === 'public' ? shortestPublicKey : 1
  if (key.length < shortest || key.length > longestKey || !/^[\x21-\x7e]+$/.test(key))
    throw new AppError('bad_request', `Idempotency-Key: ${shortest} to ${longestKey} printable characters, no spaces`)
  return key
}

/** Who may have an answer again: keys of different principals are different keys. */
const principalOf = (c: Context, access: Access): string =>
  access === 'public' ? `address:${c.req.header(addressHeader) ?? 'unknown'}` : requireActor(c).userId

/** What distinguishes requests: the parsed body, the query, and the headers that change what is done. */
async function requestOf(c: Context): Promise<unknown> {
  const body = c.req.valid('json' as never) ?? (await c.req.text())
  const session = c.req.header(sessionHeader)
  return {
    body,
    query: new URL(c.req.url).search,
    ifMatch: c.req.header('if-match'),
    // The session cookie counts only where the client says so: there it is part of the request.
    ...(session === undefined ? {} : { session, cookie: getCookie(c, sessionCookie) }),
  }
}

/** The headers that belong to an answer; all others belong to its transport. */
const replayedHeaders = ['content-type', 'etag', 'location', 'cache-control', 'set-cookie']

async function answerOf(response: Response): Promise<Answer> {
  const { status, headers } = response
  const kept = replayedHeaders.flatMap((name) => {
    const value = headers.get(name)
    return value === null ? [] : [[name, value]]
  })
  return { status, headers: Object.fromEntries(kept), body: await response.clone().text() }
}

const replay = (c: Context, { status, headers, body }: Answer): Response =>
  c.newResponse(body === '' ? null : body, status as StatusCode, { ...headers, 'idempotency-replayed': 'true' })
