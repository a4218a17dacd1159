import { z } from '@hono/zod-openapi'
import { idSchema } from '../../shared/contracts/ids'
import type { App } from '../../shared/http/app'
import { requireActor } from '../../shared/http/authorise'
import { CursorSchema, decodeCursor, LimitSchema, PageSchema, page } from '../../shared/http/cursor'
import { answers, defineRoute, jsonBody } from '../../shared/http/route'
import type { Deps } from './deps'
import { RefreshSchema, SessionDto, TokensDto, toSessionDto } from './dto'
import { listSessions, refresh, revokeOwn, signOut } from './session-commands'
import { clearCookie, cookieOf, deliverTokens, refreshTokenOf, refuse, sessionHeaders } from './session-cookie'

const refreshRoute = defineRoute('public', {
  method: 'post',
  path: '/v1/auth/refresh',
  tags: ['auth'],
  summary: 'Exchange a refresh token for the next pair; each works once',
  description: 'With `Credenza-Session: cookie` the token comes from the cookie, and the body is `{}`.',
  // A kept answer would hide the second use of a token. A lost answer is repeated during the grace period.
  idempotency: 'none',
  request: { headers: sessionHeaders, body: jsonBody(RefreshSchema) },
  responses: { 200: answers('The next pair', TokensDto) },
})

const logoutRoute = defineRoute('signed-in', {
  method: 'post',
  path: '/v1/auth/logout',
  tags: ['auth'],
  summary: 'End this session',
  request: { headers: sessionHeaders },
  responses: { 204: { description: 'The session has ended' } },
})

const listRoute = defineRoute('signed-in', {
  method: 'get',
  path: '/v1/auth/sessions',
  tags: ['auth'],
  summary: 'Where you are signed in, newest first',
  request: { query: z.strictObject({ limit: LimitSchema, cursor: CursorSchema.optional() }) },
  responses: { 200: answers('A page of sessions', PageSchema(SessionDto)) },
})

const revokeRoute = defineRoute('signed-in', {
  method: 'delete',
  path: '/v1/auth/sessions/{id}',
  tags: ['auth'],
  summary: 'End a session of yours',
  request: { params: z.object({ id: idSchema('ses') }) },
  responses: { 204: { description: 'The session has ended' } },
})

const KeySetDto = z
  .object({
    keys: z.array(
      z.object({ kty: z.string(), crv: z.string(), x: z.string(), kid: z.string(), alg: z.string(), use: z.string() }),
    ),
  })
  .openapi('JsonWebKeySet')

const keysRoute = defineRoute('public', {
  method: 'get',
  path: '/v1/auth/.well-known/jwks.json',
  tags: ['auth'],
  summary: 'The public keys that access tokens verify with (RFC 7517)',
  responses: { 200: answers('The key set', KeySetDto) },
})

/** Refresh, sign out, sessions, keys. */
export function sessionRoutes(app: App<AuthEnv, Deps>): void {
  app.openapi(refreshRoute, async (c) => {
    try {
      const token = refreshTokenOf(c, c.req.valid('json').refreshToken)
      return c.json(deliverTokens(c, await refresh(c.var.deps, token)), 200)
    } catch (error) {
      return refuse(c, error) as never
    }
  })

  app.openapi(logoutRoute, async (c) => {
    await signOut(c.var.deps, requireActor(c), cookieOf(c))
    clearCookie(c)
    return c.body(null, 204)
  })

  app.openapi(listRoute, async (c) => {
    const actor = requireActor(c)
    const { limit, cursor } = c.req.valid('query')
    const [after] = decodeCursor(cursor, z.tuple([idSchema('ses')])) ?? []
    const found = await listSessions(c.var.deps, actor, after, limit + 1)
    return c.json(
      page(
        found,
        limit,
        (session) => toSessionDto(session, actor.sessionId),
        ({ _id }) => [_id],
      ),
      200,
    )
  })

  app.openapi(revokeRoute, async (c) => {
    await revokeOwn(c.var.deps, requireActor(c), c.req.valid('param').id)
    return c.body(null, 204)
  })

  app.openapi(keysRoute, (c) => {
    // Short enough that a new key is known everywhere soon after it is added behind the one that signs.
    c.header('cache-control', 'public, max-age=300')
    return c.json(c.var.deps.accessTokens.keySet(), 200)
  })
}
