import { describe, expect, it } from 'vitest'
import { answering, bearer, claims, marketplace, send, sign } from './fixtures'

const shop = 'https://shop.example'
const production = (overrides: Partial<GatewayEnv> = {}) => {
  const free = { limit: async () => ({ success: true }) } as RateLimit
  const vars = { ENVIRONMENT: 'production', CORS_ORIGINS: `${shop}, https://admin.example` }
  return marketplace({ RATE_LIMIT: free, RATE_LIMIT_AUTH: free, ...vars, ...overrides } as Partial<GatewayEnv>)
}
const corsOf = (headers: Headers) => [...headers.keys()].filter((name) => name.startsWith('access-control-'))

describe('pages of other origins', () => {
  it('of the list may read answers, with credentials, by their exact origin', async () => {
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
  ])('that are not on the list get no CORS headers: %s', async (origin) => {
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

  it('are none when the list is empty', async () => {
    for (const origin of ['', 'https://a.example'])
      expect(corsOf((await send('/v1/cart', { headers: { origin } }, production({ CORS_ORIGINS: '' }))).headers)).toEqual([])
  })

  it.each(['http://localhost:5173', 'http://127.0.0.1:3000', 'https://localhost'])(
    'of this machine may call a local run: %s',
    async (origin) => {
      expect((await send('/v1/cart', { headers: { origin } })).headers.get('access-control-allow-origin')).toBe(origin)
    },
  )

  it.each(['http://localhost.evil.example', 'http://127.0.0.1.evil.example', 'http://evil.example/?http://localhost'])(
    'that only look like this machine may not: %s',
    async (origin) => expect(corsOf((await send('/v1/cart', { headers: { origin } })).headers)).toEqual([]),
  )

  it('are told by a preflight what they may send, when it is among what is allowed', async () => {
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

  it('get to the doors of auth and to no other', async () => {
    expect((await echoed('/v1/auth/me')).cookie).toBe('__Host-credenza_refresh=a')
    for (const path of ['/v1/cart', '/v1/products', '/v1/notifications', '/v1/authentic'])
      expect((await echoed(path))?.cookie, path).toBeUndefined()
  })

  it('are set by the doors of auth and by no other, each as it was set', async () => {
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
    ['from a page of a stranger', { origin: 'https://evil.example' }],
    ['from a page without an origin', { origin: 'null' }],
    ['from another site that does not say which', { 'sec-fetch-site': 'cross-site' }],
    ['from a sibling that does not say which', { 'sec-fetch-site': 'same-site' }],
    ['from a stranger that claims to be us', { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }],
  ])('carry no change %s', async (_where, headers: Record<string, string>) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const { status, json } = await send('/v1/auth/refresh', { method, headers: { ...headers, cookie } }, production())
      expect([status, json.code]).toEqual([403, 'forbidden'])
    }
    // A read changes nothing, and without a cookie there is nobody whose name could be used.
    expect((await send('/v1/auth/me', { headers: { ...headers, cookie } }, production())).status).toBe(200)
    expect((await send('/v1/auth/refresh', { method: 'POST', headers }, production())).status).toBe(200)
  })

  it.each([
    ['from our own pages', { origin: 'https://api.credenza.test', 'sec-fetch-site': 'same-origin' }],
    ['from a page of the list', { origin: shop, 'sec-fetch-site': 'cross-site' }],
    ['from what is no browser', {}],
  ])('carry a change %s', async (_where, headers: Record<string, string>) => {
    expect((await send('/v1/auth/refresh', { method: 'POST', headers: { ...headers, cookie } }, production())).status).toBe(200)
  })
})

describe('headers', () => {
  it('keep a browser on https, in production', async () => {
    const { headers } = await send('/v1/cart', {}, production())
    expect(headers.get('strict-transport-security')).toBe('max-age=63072000; includeSubDomains')
    expect((await send('/v1/cart')).headers.get('strict-transport-security')).toBeNull()
  })

  it('are on every answer, problems included', async () => {
    for (const path of ['/v1/cart', '/v1/nothing', '/docs', '/problems/not_found', '/docs/standalone.js']) {
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

  it.each(['/docs', '/problems/not_found'])('let the page %s run no script but ours', async (path) => {
    const { headers } = await send(path)
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy.match(/script-src[^;]*/)?.[0] ?? 'script-src').toMatch(/^script-src( 'self')?$/)
    expect(policy).toMatch(/base-uri 'none'; form-action 'none'/)
    expect([headers.get('cross-origin-opener-policy'), headers.get('permissions-policy')]).toEqual([
      'same-origin',
      expect.stringContaining('camera=()'),
    ])
  })

  it.each([
    ['somebody signed in reads', '/v1/products', 'reader'],
    ['somebody reads with a token that is refused', '/v1/products', 'stranger'],
    ['auth says', '/v1/auth/me', undefined],
    ['is a problem', '/v1/nothing', undefined],
    ['is the health of now', '/health', undefined],
    ['only local runs have', '/v1/dev/mailbox', undefined],
  ])('keep what %s out of every cache', async (_what, path, who) => {
    const headers = who === undefined ? {} : who === 'reader' ? bearer(await sign(claims())).headers : bearer('garbage').headers
    expect((await send(path, { headers })).headers.get('cache-control')).toBe('no-store')
  })

  it('keep the answer to a change out of every cache', async () =>
    expect((await send('/v1/products', { method: 'POST', body: '{}' })).headers.get('cache-control')).toBe('no-store'))

  it('leave to caches what is the same for everyone', async () => {
    const cacheable = () => answering(() => new Response('{}', { headers: { 'cache-control': 'public, max-age=300' } }))
    const on = marketplace({ AUTH: cacheable(), PRODUCT: cacheable() })
    for (const path of ['/v1/products', '/v1/auth/.well-known/jwks.json'])
      expect((await send(path, {}, on)).headers.get('cache-control')).toBe('public, max-age=300')
    expect((await send('/v1/auth/me', {}, on)).headers.get('cache-control')).toBe('no-store')
  })
})
