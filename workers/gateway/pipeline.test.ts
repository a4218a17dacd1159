import { createExecutionContext } from 'cloudflare:test'
import type { JSONWebKeySet } from 'jose'
import { describe, expect, it, vi } from 'vitest'
import { decodeActor } from '../../shared/contracts/actor'
import { aClock } from '../../shared/testing/factories'
import { KeyCache } from './identity'
import { handle } from './pipeline'
import { answering, auth, bearer, claims, marketplace, send, sign } from './testing/fixtures'
import { timeouts } from './timeouts'

describe('routing', () => {
  it.each([
    ['/v1/products?q=desk', 'product'],
    ['/v1/products/prd_1', 'product'],
    ['/v1/products/prd_1/watch', 'notification'],
    ['/v1/inventory/var_1/movements', 'inventory'],
    ['/v1/seller/orders', 'order'],
    ['/v1/payments/webhooks/sandbox', 'payment'],
    ['/v1/auth/me', 'auth'],
    ['/v1/realtime/tickets', 'notification'],
  ])('%s goes to %s, path and query unchanged', async (path, worker) => {
    const { json } = await send(path)
    expect(json.url).toBe(`http://${worker}${path}`)
  })

  it.each(['/v1/nothing', '/internal/sweep', '/v1/productsx', '/openapi.json', '/v1/data/action/find'])(
    'answers 404 at %s, which has no route',
    async (path) => {
      const { status, json } = await send(path)
      expect([status, json.code]).toEqual([404, 'not_found'])
    },
  )

  it.each([
    '/v1/products/../../internal/sweep',
    '/v1/products/%2e%2e/%2E%2e/internal/sweep',
    '/v1/products\\..\\..\\internal\\sweep',
  ])('does not reach an internal path by %s', async (path) => expect((await send(path)).json.code).toBe('not_found'))

  it.each(['/v1/products/..%2f..%2finternal%2fsweep', '//v1/../internal/sweep', '/v1/products;/../../internal/sweep'])(
    'forwards nothing to an internal path for %s',
    async (path) => expect((await send(path)).json.url ?? '').not.toMatch(/^http:\/\/[a-z]+\/internal/),
  )

  it('answers 405 with Allow for a method that a path of its own does not take', async () => {
    const { status, headers, json } = await send('/health', { method: 'DELETE' })
    expect([status, json.code, headers.get('allow')]).toEqual([405, 'method_not_allowed', 'GET'])
  })

  it('forwards a body byte for byte', async () => {
    const { json } = await send('/v1/payments/webhooks/sandbox', { method: 'POST', body: '{ "a" :\n1}' })
    expect(json.body).toBe('{ "a" :\n1}')
  })

  it('drops the body of a GET request', async () => {
    const request = new Request('https://api.credenza.test/v1/cart', { method: 'POST', body: '{}' })
    // Clients may send such a request, though no Request can be made of it.
    const get = new Proxy(request, { get: (of, key) => (key === 'method' ? 'GET' : Reflect.get(of, key, of)) })
    const response = await handle(get, marketplace(), createExecutionContext())
    expect([response.status, await response.json()]).toEqual([200, expect.objectContaining({ method: 'GET', body: '' })])
  })

  it('answers 503 without internal details when a Worker throws', async () => {
    const broken = answering(() => {
      throw new Error('secret stack')
    })
    const { status, json, text, headers } = await send('/v1/cart', {}, marketplace({ CART: broken }))
    expect([status, json.code, headers.get('retry-after')]).toEqual([503, 'unavailable', '2'])
    expect(text).not.toContain('secret')
  })

  it('answers 504 when a Worker hangs, and aborts the call', async () => {
    vi.useFakeTimers()
    try {
      let given: AbortSignal | null | undefined
      const hangs = {
        fetch: (_url: string, init?: RequestInit) => {
          given = init?.signal
          return new Promise<Response>(() => {})
        },
      } as unknown as Fetcher
      const answer = send('/v1/cart', {}, marketplace({ CART: hangs }))
      await vi.advanceTimersByTimeAsync(timeouts.request)
      const { status, json } = await answer
      expect([status, json.code]).toEqual([504, 'timeout'])
      expect(given?.aborted).toBe(true)
    } finally {
      vi.useRealTimers()
    }
  })

  it('does not abort an answer that began in time', async () => {
    vi.useFakeTimers()
    try {
      let given: AbortSignal | null | undefined
      const prompt = {
        fetch: async (_url: string, init?: RequestInit) => {
          given = init?.signal
          return new Response('begun')
        },
      } as unknown as Fetcher
      expect((await send('/v1/cart', {}, marketplace({ CART: prompt }))).status).toBe(200)
      await vi.advanceTimersByTimeAsync(2 * timeouts.request)
      expect(given?.aborted).toBe(false)
    } finally {
      vi.useRealTimers()
    }
  })

  it('passes a WebSocket upgrade through with its socket', async () => {
    const upgraded = answering(() => new Response(null, { status: 101, webSocket: new WebSocketPair()[0] }))
    const request = new Request('https://api.credenza.test/v1/realtime?ticket=x', { headers: { upgrade: 'websocket' } })
    const response = await handle(request, marketplace({ NOTIFICATION: upgraded }), createExecutionContext())
    expect(response.status).toBe(101)
    expect(response.webSocket).toBeTruthy()
    response.webSocket?.accept()
    response.webSocket?.close()
  })
})

describe('identity', () => {
  it('forwards the actor of a valid token, and not the token', async () => {
    const payload = claims()
    const { json } = await send('/v1/cart', bearer(await sign(payload)))
    const actor = decodeActor(json.headers['x-credenza-actor'])
    expect(actor).toEqual({ userId: payload.sub, sessionId: payload.sid, role: 'buyer', name: 'Ada Löwe' })
    expect(json.headers.authorization).toBeUndefined()
  })

  it('strips inbound headers that only the gateway may set', async () => {
    const forged = { 'x-credenza-actor': 'e30', 'X-Credenza-Address': '1.1.1.1', 'x-credenza-anything': '1', 'x-other': 'kept' }
    const { json } = await send('/v1/cart', { headers: forged })
    expect(json.headers).toMatchObject({ 'x-other': 'kept', 'x-credenza-address': '127.0.0.1' })
    expect(json.headers['x-credenza-actor']).toBeUndefined()
    expect(json.headers['x-credenza-anything']).toBeUndefined()
    const own = await send('/v1/nothing', { headers: { 'x-credenza-request-id': 'forged' } })
    expect(own.json.requestId).toBe(own.headers.get('x-request-id'))
  })

  it('fetches the keys once for many requests, also when forged tokens name unknown keys', async () => {
    const count = { jwks: 0 }
    const on = marketplace({ AUTH: auth(count) })
    for (let i = 0; i < 5; i++) await send('/v1/cart', bearer(await sign(claims())), on)
    for (let i = 0; i < 5; i++) await send('/v1/cart', bearer(await sign(claims(), { head: { kid: `unknown-${i}` } })), on)
    expect(count.jwks).toBe(1)
  })

  it('keeps its cached keys while auth is down, and does not ask auth on every request', async () => {
    let asked = 0
    const keys: JSONWebKeySet = { keys: [] }
    const clock = aClock()
    const cache = new KeyCache(async () => {
      if (asked++ > 0) throw new Error('auth does not answer')
      return keys
    }, clock)
    const first = await cache.keys()
    clock.advance(10 * 60_000)
    expect([await cache.keys(), await cache.keys(), await cache.keys()]).toEqual([first, first, first])
    expect(asked).toBe(2)
  })

  it('verifies a signature once a minute, and never accepts a token after it expires', async () => {
    const clock = aClock(Date.now())
    let asked = 0
    const cache = new KeyCache(async () => {
      asked += 1
      return asked === 1 ? (await auth().fetch('http://auth/v1/auth/.well-known/jwks.json')).json<JSONWebKeySet>() : { keys: [] }
    }, clock)
    const payload = claims()
    const [long, short] = [await sign(payload), await sign(payload, { expires: '30s' })]
    await cache.actor(long)
    await cache.actor(short)
    // From here on auth has withdrawn the key.
    clock.advance(31_000)
    await cache.keys(0)
    expect((await cache.actor(long)).userId).toBe(payload.sub)
    await expect(cache.actor(short)).rejects.toMatchObject({ status: 401 })
    clock.advance(30_000)
    await expect(cache.actor(long)).rejects.toMatchObject({ code: 'token_invalid' })
  })

  it('does not treat a failure of auth as a bad token', async () => {
    const down = answering(() => new Response('down', { status: 500 }))
    const { status, json } = await send('/v1/cart', bearer(await sign(claims())), marketplace({ AUTH: down }))
    expect([status, json.code]).toEqual([503, 'unavailable'])
  })
})

describe('every answer', () => {
  it('has a request id and continues the trace of the caller', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const { headers, json } = await send('/v1/cart', { headers: { traceparent } })
    expect(headers.get('x-request-id')).toBe(json.headers['x-credenza-request-id'])
    expect(json.headers.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/)
    expect(json.headers.traceparent).not.toBe(traceparent)
  })

  it('starts a new trace when the inbound one is malformed', async () => {
    const { json } = await send('/v1/cart', { headers: { traceparent: 'nonsense' } })
    expect(json.headers.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  })
})
