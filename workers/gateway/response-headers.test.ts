import { describe, expect, it } from 'vitest'
import { answering, bearer, claims, marketplace, send, sign } from './testing/fixtures'

const shop = 'https://shop.example'
const production = (overrides: Partial<GatewayEnv> = {}) => {
  const free = { limit: async () => ({ success: true }) } as RateLimit
  const vars = { ENVIRONMENT: 'production', CORS_ORIGINS: `${shop}, https://admin.example` }
  return marketplace({ RATE_LIMIT: free, RATE_LIMIT_AUTH: free, ...vars, ...overrides } as Partial<GatewayEnv>)
}
const corsOf = (headers: Headers) => [...headers.keys()].filter((name) => name.startsWith('access-control-'))

describe('CORS', () => {
  it('lets pages of a listed origin read answers, with credentials', async () => {
    const { headers } = await send('/v1/cart', { headers: { origin: shop } }, production())
    expect(headers.get('access-control-allow-origin')).toBe(shop)
    expect(headers.get('access-control-allow-credentials')).toBe('true')
    expect(headers.get('access-control-expose-headers')).toMatch(/x-request-id, idempotency-replayed/)
  })

  it.each([
    'https://evil.example',
    'https://shop.example.evil.example',
    'http://shop.example',
    'https://shop.example:8443',
    'null',
    '',
    'http://localhost:3000',
  ])('sends no CORS headers to an origin that is not listed: %s', async (origin) => {
    const wish = { origin, 'access-control-request-method': 'POST' }
    for (const answer of [
      await send('/v1/cart', { headers: { origin } }, production()),
      await send('/v1/nothing', { headers: { origin } }, production()),
      await send('/v1/cart', { method: 'OPTIONS', headers: wish }, production()),
    ]) {
      expect(corsOf(answer.headers)).toEqual([])
      expect(answer.headers.get('vary')).toMatch(/origin/i)
    }
  })

  it('sends no CORS headers when the list is empty', async () => {
    for (const origin of ['', 'https://a.example'])
      expect(corsOf((await send('/v1/cart', { headers: { origin } }, production({ CORS_ORIGINS: '' }))).headers)).toEqual([])
  })

  it.each(['http://localhost:5173', 'http://127.0.0.1:3000', 'https://localhost'])(
    'lets pages of this machine call a local run: %s',
    async (origin) => {
      expect((await send('/v1/cart', { headers: { origin } })).headers.get('access-control-allow-origin')).toBe(origin)
    },
  )

  it.each(['http://localhost.evil.example', 'http://127.0.0.1.evil.example', 'http://evil.example/?http://localhost'])(
    'does not take a similar name for this machine: %s',
    async (origin) => expect(corsOf((await send('/v1/cart', { headers: { origin } })).headers)).toEqual([]),
  )

  it('answers a preflight with what is allowed when method and headers are supported', async () => {
    const ask = (method: string, headers: string) =>
      send(
        '/v1/orders',
        {
          method: 'OPTIONS',
          headers: { origin: shop, 'access-control-request-method': method, 'access-control-request-headers': headers },
        },
        production(),
      )
    const good = await ask('POST', 'authorization, Idempotency-Key, if-match, Credenza-Session,content-type')
    expect([good.status, good.headers.get('access-control-allow-methods')]).toEqual([204, 'GET, HEAD, POST, PUT, PATCH, DELETE'])
    expect(good.headers.get('access-control-allow-headers')).toMatch(/idempotency-key, if-match, credenza-session/)
    for (const [method, headers] of [
      ['PURGE', ''],
      ['POST', 'x-credenza-actor'],
      ['POST', 'authorization, cookie'],
    ] as const) {
      const bad = await ask(method, headers)
      expect([bad.status, bad.headers.get('access-control-allow-methods')]).toEqual([204, null])
    }
  })
})

describe('cookies', () => {
  const echoed = async (path: string) =>
    (await send(path, { headers: { cookie: '__Host-credenza_refresh=a', 'sec-fetch-site': 'none' } })).json.headers

  it('reach the endpoints of auth only', async () => {
    expect((await echoed('/v1/auth/me')).cookie).toBe('__Host-credenza_refresh=a')
    for (const path of ['/v1/cart', '/v1/products', '/v1/notifications', '/v1/authentic'])
      expect((await echoed(path))?.cookie, path).toBeUndefined()
  })

  it('are set by the endpoints of auth only, each unchanged', async () => {
    const setting = () =>
      answering(
        () =>
          new Response('{}', {
            headers: [
              ['set-cookie', 'a=1; Secure'],
              ['set-cookie', 'b=2; Secure'],
            ],
          }),
      )
    const on = marketplace({ AUTH: setting(), CART: setting() })
    expect((await send('/v1/auth/login', { method: 'POST' }, on)).headers.getSetCookie()).toEqual(['a=1; Secure', 'b=2; Secure'])
    expect((await send('/v1/cart', {}, on)).headers.getSetCookie()).toEqual([])
  })

  const cookie = 'a=1'
  it.each([
    ['from a page of an unknown origin', { origin: 'https://evil.example' }],
    ['from a page without an origin', { origin: 'null' }],
    ['from another site without Origin', { 'sec-fetch-site': 'cross-site' }],
    ['from a sibling site without Origin', { 'sec-fetch-site': 'same-site' }],
    ['from an unknown origin that claims to be same-origin', { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }],
  ])('do not allow a change %s', async (_where, headers: Record<string, string>) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const { status, json } = await send('/v1/auth/refresh', { method, headers: { ...headers, cookie } }, production())
      expect([status, json.code]).toEqual([403, 'forbidden'])
    }
    // A read changes nothing, and a request without a cookie acts for no user.
    expect((await send('/v1/auth/me', { headers: { ...headers, cookie } }, production())).status).toBe(200)
    expect((await send('/v1/auth/refresh', { method: 'POST', headers }, production())).status).toBe(200)
  })

  it.each([
    ['from our own pages', { origin: 'https://api.credenza.test', 'sec-fetch-site': 'same-origin' }],
    ['from a page of a listed origin', { origin: shop, 'sec-fetch-site': 'cross-site' }],
    ['from a client that is not a browser', {}],
  ])('allow a change %s', async (_where, headers: Record<string, string>) => {
    expect((await send('/v1/auth/refresh', { method: 'POST', headers: { ...headers, cookie } }, production())).status).toBe(200)
  })
})

describe('response headers', () => {
  it('keep a browser on https in production', async () => {
    const { headers } = await send('/v1/cart', {}, production())
    expect(headers.get('strict-transport-security')).toBe('max-age=63072000; includeSubDomains')
    expect((await send('/v1/cart')).headers.get('strict-transport-security')).toBeNull()
  })

  it('are on every answer, problems included', async () => {
    for (const path of ['/v1/cart', '/v1/nothing', '/docs', '/problems/not_found', '/docs/swagger-ui-bundle.js']) {
      const { headers } = await send(path, {}, production())
      expect(Object.fromEntries(headers), path).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
      })
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    }
  })

  it.each(['/', '/docs', '/problems/not_found'])('let the page %s run only scripts of ours', async (path) => {
    const { headers } = await send(path, { headers: { accept: 'text/html' } })
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy.match(/script-src[^;]*/)?.[0] ?? 'script-src').toMatch(/^script-src( 'self')?$/)
    expect(policy).toMatch(/base-uri 'none'; form-action 'none'/)
    expect([headers.get('cross-origin-opener-policy'), headers.get('permissions-policy')]).toEqual([
      'same-origin',
      expect.stringContaining('camera=()'),
    ])
  })

  it.each([
    ['the answer to a signed-in user', '/v1/products', 'reader'],
    ['the answer to a refused token', '/v1/products', 'stranger'],
    ['an answer of auth', '/v1/auth/me', undefined],
    ['a problem', '/v1/nothing', undefined],
    ['the health', '/health', undefined],
    ['an endpoint of local runs', '/v1/dev/mailbox', undefined],
  ])('keep %s out of every cache', async (_what, path, who) => {
    const headers = who === undefined ? {} : who === 'reader' ? bearer(await sign(claims())).headers : bearer('garbage').headers
    expect((await send(path, { headers })).headers.get('cache-control')).toBe('no-store')
  })

  it('keep the answer to a change out of every cache', async () =>
    expect((await send('/v1/products', { method: 'POST', body: '{}' })).headers.get('cache-control')).toBe('no-store'))

  it('let caches keep what is the same for everyone', async () => {
    const cacheable = () => answering(() => new Response('{}', { headers: { 'cache-control': 'public, max-age=300' } }))
    const on = marketplace({ AUTH: cacheable(), PRODUCT: cacheable() })
    for (const path of ['/v1/products', '/v1/auth/.well-known/jwks.json'])
      expect((await send(path, {}, on)).headers.get('cache-control')).toBe('public, max-age=300')
    expect((await send('/v1/auth/me', {}, on)).headers.get('cache-control')).toBe('no-store')
  })
})
