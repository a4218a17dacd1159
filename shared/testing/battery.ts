import type { OpenAPIHono } from '@hono/zod-openapi'
import { describe, expect, it } from 'vitest'
import type { Actor, Role } from '../contracts/actor'
import { roles } from '../contracts/actor'
import { type Access, accessExtension } from '../http/authorise'
import { type Idempotency, idempotencyExtension } from '../http/idempotency-route'
import { anActor } from './factories'
import { call, type Endpoint } from './http'
import { attackKeys, type Working } from './idempotency-battery'

/** What the battery must know of a route to attack it. */
export type RouteCase = {
  /** `POST /v1/orders/{id}/cancel`, as the route declares it. */
  route: string
  access: Access
  /** A path with well-formed ids, such as `/v1/orders/ord_…/cancel`. */
  path: string
  headers?: Record<string, string>
  /** A body that the route accepts; the battery breaks it in every way. Absent for routes that take none. */
  body?: Record<string, unknown>
  /**
   * Makes something that belongs to somebody else and gives the path to it, and who gets 404 for it. Required for every
   * route with an id in its path, unless `shared` says why everyone may see it.
   */
  foreign?: () => Promise<{ path: string; actor: Actor }>
  shared?: string
  /** Makes a request that succeeds. Required for every route that heeds an Idempotency-Key. */
  works?: () => Promise<Working>
}

type Documented = { openAPIRegistry: OpenAPIHono['openAPIRegistry'] }

type Declared = { access: Access; idempotency: Idempotency }

/** `METHOD /path` of every route an app declares, with its access and what it makes of an Idempotency-Key. */
function declaredRoutes(app: Documented): Map<string, Declared> {
  const found = new Map<string, Declared>()
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type !== 'route') continue
    const { method, path, ...route } = definition.route as {
      method: string
      path: string
      [accessExtension]?: Access
      [idempotencyExtension]?: Idempotency
    }
    const { [accessExtension]: access = 'public', [idempotencyExtension]: idempotency = 'none' } = route
    found.set(`${method.toUpperCase()} ${path}`, { access, idempotency })
  }
  return found
}

/** Hostile inputs every route must refuse with a 4xx problem+json. Fails when the app has a route that is not in `cases`. */
export function routeBattery(app: Documented, endpoint: Endpoint, cases: readonly RouteCase[]): void {
  const routes = declaredRoutes(app)
  describe('every route', () => {
    it('is in the battery, under the access it declares', () => {
      const declared = Object.fromEntries([...routes].map(([route, { access }]) => [route, access] as const).sort())
      const covered = Object.fromEntries(cases.map(({ route, access }) => [route, access] as const).sort())
      expect(covered).toEqual(declared)
      for (const { route, foreign, shared } of cases) {
        if (route.includes('{'))
          expect(foreign ?? shared, `${route} needs a foreign case, or a reason why it is shared`).toBeDefined()
      }
    })
    for (const each of cases) {
      const { idempotency = 'none' } = routes.get(each.route) ?? {}
      describe(each.route, () => {
        attack(endpoint, each)
        if (idempotency !== 'none') attackKeys(endpoint, { ...each, idempotency })
      })
    }
  })
}

function attack(endpoint: Endpoint, { route, access, path, headers = {}, body, foreign }: RouteCase): void {
  const method = route.split(' ')[0] ?? 'GET'
  const allowed: readonly Role[] = access === 'public' || access === 'signed-in' ? roles : access
  const actor = access === 'public' ? undefined : anActor(allowed.at(-1) ?? 'buyer')
  const send = (options: Parameters<typeof call>[3]) =>
    call(endpoint, method, path, { ...(actor ? { actor } : {}), ...options, headers: { ...headers, ...options?.headers } })
  const refused = async (options: Parameters<typeof call>[3], status: number, code?: string) => {
    const { status: got, headers: answered, json } = await send(options)
    expect(got).toBe(status)
    expect(answered.get('content-type')).toBe('application/problem+json')
    expect(json).toMatchObject({
      status,
      type: `/problems/${json.code}`,
      title: expect.any(String),
      requestId: expect.any(String),
    })
    if (code) expect(json.code).toBe(code)
  }

  // A public route without a body or an id can be attacked by nothing else.
  if (access === 'public' && !body && !route.includes('{')) {
    it('takes no other method', async () => {
      const { status, headers: answered } = await call(endpoint, 'PURGE', path, { headers })
      expect([status, answered.get('allow')]).toEqual([405, expect.stringContaining(method)])
    })
  }
  if (access !== 'public') {
    it('asks a stranger to sign in', async () => {
      const { status, json } = await call(endpoint, method, path, { ...(body ? { body } : {}), headers })
      expect([status, json.code]).toEqual([401, 'unauthenticated'])
    })
    it('takes no forged actor header', async () => {
      const { status } = await call(endpoint, method, path, {
        ...(body ? { body } : {}),
        headers: { ...headers, 'x-credenza-actor': 'e30' },
      })
      expect(status).toBe(401)
    })
  }
  for (const role of roles.filter((candidate) => !allowed.includes(candidate))) {
    it(`is closed to a ${role}`, () => refused({ actor: anActor(role), ...(body ? { body } : {}) }, 403, 'forbidden'))
  }
  it('refuses an unknown query field and names it', async () => {
    const surprising = `${path}${path.includes('?') ? '&' : '?'}surprise=1`
    const options = { ...(actor ? { actor } : {}), ...(body ? { body } : {}), headers }
    const { status, json } = await call(endpoint, method, surprising, options)
    expect([status, json.code]).toEqual([422, 'validation_failed'])
    expect(json.errors).toContainEqual({ path: 'surprise', message: 'is not a known field' })
  })
  if (body) {
    it('refuses a body that is no JSON', () => refused({ raw: '{"a":' }, 400, 'malformed_json'))
    it('refuses another content type', () => refused({ raw: 'a=1', headers: { 'content-type': 'text/plain' } }, 415))
    it('refuses a body that is no object', () => refused({ body: [1] }, 422, 'validation_failed'))
    it('refuses unknown fields and names them', async () => {
      const { status, json } = await send({ body: { ...body, surprise: 1 } })
      expect([status, json.code]).toEqual([422, 'validation_failed'])
      expect(json.errors).toContainEqual({ path: 'surprise', message: 'is not a known field' })
    })
    for (const at of textsIn(body)) {
      it(`refuses half a character in ${at.join('.')}`, async () => {
        const { status, json } = await send({ body: withText(body, at, 'half \ud800') })
        expect([status, json.code, json.errors[0].path]).toEqual([422, 'validation_failed', at.join('.')])
      })
    }
    for (const field of Object.keys(body)) {
      it(`refuses a wrong type in ${field}`, async () => {
        const wrong = typeof body[field] === 'object' ? 7 : { not: 'this' }
        const { status, json } = await send({ body: { ...body, [field]: wrong } })
        expect([status, json.code]).toEqual([422, 'validation_failed'])
        expect(json.errors.some((error: { path: string }) => error.path.startsWith(field))).toBe(true)
      })
    }
  }
  if (path !== (route.split(' ')[1] ?? '') && route.includes('{')) {
    it('answers 404 to an id that cannot be one', async () => {
      const nonsense = (route.split(' ')[1] ?? '').replace(/\{[^}]+\}/, 'nonsense')
      const { status } = await call(endpoint, method, nonsense, {
        ...(actor ? { actor } : {}),
        ...(body ? { body } : {}),
        headers,
      })
      expect(status).toBe(404)
    })
  }
  if (foreign) {
    it("hides what is somebody else's behind a 404", async () => {
      const target = await foreign()
      const { status, json } = await call(endpoint, method, target.path, {
        actor: target.actor,
        ...(body ? { body } : {}),
        headers,
      })
      expect([status, json.code]).toEqual([404, 'not_found'])
    })
  }
}

/** The paths of all strings in a body. */
function textsIn(value: unknown): string[][] {
  if (typeof value === 'string') return [[]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => textsIn(item).map((path) => [key, ...path]))
}

/** A body with another text at a path. */
function withText(value: unknown, [key, ...rest]: string[], text: string): unknown {
  if (key === undefined) return text
  if (Array.isArray(value)) return value.map((item, index) => (String(index) === key ? withText(item, rest, text) : item))
  const members = value as Record<string, unknown>
  return { ...members, [key]: withText(members[key], rest, text) }
}
