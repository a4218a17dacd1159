import { describe, expect, it, vi } from 'vitest'
import { aClock } from '../../shared/testing/factories'
import { maxJsonDepth, maxJsonMembers } from './json-shape'
import { maxBodyBytes, maximum, memoryLimit } from './limits'
import { bearer, claims, marketplace, send, sign } from './testing/fixtures'
import { timeouts } from './timeouts'

describe('limits', () => {
  const counting = (limit: number): RateLimit => {
    const counts = new Map<string, number>()
    return {
      limit: async ({ key: counted }: { key: string }) => {
        counts.set(counted, (counts.get(counted) ?? 0) + 1)
        return { success: (counts.get(counted) ?? 0) <= limit }
      },
    } as RateLimit
  }
  const production = () =>
    marketplace({ ENVIRONMENT: 'production', RATE_LIMIT: counting(3), RATE_LIMIT_AUTH: counting(1) } as Partial<GatewayEnv>)

  it('counts anonymous requests by address and answers 429 with Retry-After', async () => {
    const on = production()
    const from = (address: string) => send('/v1/products', { headers: { 'cf-connecting-ip': address } }, on)
    for (let i = 0; i < 3; i++) expect((await from('192.0.2.1')).status).toBe(200)
    const refused = await from('192.0.2.1')
    expect([refused.status, refused.json.code, refused.headers.get('retry-after')]).toEqual([429, 'too_many_requests', '10'])
    expect((await from('192.0.2.2')).status).toBe(200)
  })

  it('counts signed-in users by user id, whatever their address', async () => {
    const on = production()
    const token = await sign(claims())
    const statuses = []
    for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4']) {
      statuses.push((await send('/v1/cart', { headers: { ...bearer(token).headers, 'cf-connecting-ip': address } }, on)).status)
    }
    expect(statuses).toEqual([200, 200, 200, 429])
  })

  it('counts guests by address, so that a new guest session is not a new allowance', async () => {
    const on = production()
    const statuses = []
    for (let i = 0; i < 4; i++) {
      const { headers } = bearer(await sign({ ...claims(), role: 'guest' }))
      statuses.push((await send('/v1/cart', { headers: { ...headers, 'cf-connecting-ip': '192.0.2.1' } }, on)).status)
    }
    expect(statuses).toEqual([200, 200, 200, 429])
  })

  it('counts an IPv6 client by its /64 network, and passes that network on to Workers', async () => {
    const on = production()
    const answers = []
    for (const host of ['::1', '0:0:0:2', 'aaaa:bbbb:cccc:dddd', '1::3']) {
      const address = host === '::1' ? '2001:db8:0:7::1' : `2001:0DB8:0000:0007:${host}`
      answers.push(await send('/v1/products', { headers: { 'cf-connecting-ip': address } }, on))
    }
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429])
    expect(answers[0]?.json.headers['x-credenza-address']).toBe('2001:db8:0:7::/64')
    expect((await send('/v1/products', { headers: { 'cf-connecting-ip': '2001:db8:0:8::1' } }, on)).status).toBe(200)
  })

  it('counts in memory in a local run, and starts again in each period', async () => {
    const clock = aClock(0)
    const limit = memoryLimit(2, 10, clock)
    const allowed = async (key: string) => (await limit.limit({ key })).success
    expect([await allowed('a'), await allowed('a'), await allowed('a'), await allowed('b')]).toEqual([true, true, false, true])
    clock.advance(10_000)
    expect(await allowed('a')).toBe(true)
  })

  it('has a lower limit for credential endpoints', async () => {
    const on = production()
    const login = () => send('/v1/auth/login', { method: 'POST', body: '{}' }, on)
    expect((await login()).status).toBe(200)
    const refused = await login()
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60'])
    expect((await send('/v1/auth/me', {}, on)).status).toBe(200)
  })

  it.each(['register', 'login', 'refresh', 'guest', 'verify-email', 'password/forgot', 'password/reset'])(
    'applies the credential limit to %s under any spelling of its path',
    async (endpoint) => {
      const spellings = [endpoint, endpoint.replace(/.$/, (last) => `%${last.charCodeAt(0).toString(16)}`), `${endpoint}?again=1`]
      const on = production()
      const statuses: number[] = []
      for (const spelling of spellings)
        statuses.push((await send(`/v1/auth/${spelling}`, { method: 'POST', body: '{}' }, on)).status)
      expect(statuses).toEqual([200, 429, 429])
    },
  )

  it('answers 408 when a body does not arrive within the time limit of an answer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const sending = send('/v1/cart/items', { method: 'POST', body: new ReadableStream() })
      await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1), { interval: 1 })
      vi.advanceTimersByTime(timeouts.request)
      const { status, json } = await sending
      expect([status, json.code]).toEqual([408, 'request_timeout'])
    } finally {
      vi.useRealTimers()
    }
  })

  it('accepts a body of 256 KB and refuses one more byte, with or without Content-Length', async () => {
    const exact = await send('/v1/cart/items', { method: 'POST', body: 'x'.repeat(maxBodyBytes) })
    expect(exact.status).toBe(200)
    const announced = await send('/v1/cart/items', { method: 'POST', body: 'x'.repeat(maxBodyBytes + 1) })
    expect([announced.status, announced.json.code]).toEqual([413, 'payload_too_large'])
    const stream = new ReadableStream({
      start: (controller) => {
        for (let i = 0; i <= 256; i++) controller.enqueue(new Uint8Array(1024))
        controller.close()
      },
    })
    const unannounced = await send('/v1/cart/items', { method: 'POST', body: stream })
    expect([unannounced.status, unannounced.json.code]).toEqual([413, 'payload_too_large'])
  })

  it('accepts a URL, a query and headers of the maximum size, and refuses larger ones', async () => {
    const address = (length: number) => `/v1/products?q=${'x'.repeat(length - 'https://api.credenza.test/v1/products?q='.length)}`
    const query = (fields: number) => `/v1/products?${Array.from({ length: fields }, (_, at) => `f${at}=1`).join('&')}`
    const headers = (count: number, length: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`x-f${String(at).padStart(3, '0')}`, 'x'.repeat(length)]))
    const status = async (path: string, given = {}) => (await send(path, { headers: given })).status
    expect([await status(address(maximum.url)), await status(address(maximum.url + 1))]).toEqual([200, 400])
    expect([await status(query(maximum.queryFields)), await status(query(maximum.queryFields + 1))]).toEqual([200, 400])
    expect([await status('/v1/cart', headers(100, 1)), await status('/v1/cart', headers(101, 1))]).toEqual([200, 400])
    expect([await status('/v1/cart', headers(1, 8_192)), await status('/v1/cart', headers(1, 8_193))]).toEqual([200, 400])
    expect([await status('/v1/cart', headers(3, 5_000)), await status('/v1/cart', headers(4, 5_000))]).toEqual([200, 400])
  })

  const post = (body: string, type = 'application/json') =>
    send('/v1/cart/items', { method: 'POST', body, headers: { 'content-type': type } })

  it.each([
    ['arrays', '[', ']'],
    ['objects', '{"a":', '}'],
    ['both', '[{"a":', '}]'],
  ])('accepts JSON of %s nested 32 levels deep, and refuses deeper JSON', async (_what, open, close) => {
    const levels = open === '[{"a":' ? 2 : 1
    const nested = (depth: number) => `${open.repeat(depth / levels)}1${close.repeat(depth / levels)}`
    expect((await post(nested(maxJsonDepth))).status).toBe(200)
    const deeper = await post(nested(maxJsonDepth + levels))
    expect([deeper.status, deeper.json.code]).toEqual([413, 'payload_too_large'])
    expect((await post(open.repeat(20_000), 'application/vnd.api+json; charset=utf-8')).status).toBe(413)
  })

  it('does not count brackets and commas inside strings, escapes included', async () => {
    for (const text of ['['.repeat(100), '\\"[[['.repeat(100), `\\\\`, '{,'.repeat(20_000)])
      expect((await post(`{"a":"${text}"}`)).status).toBe(200)
    expect((await post(`{"a":"\\\\","b":${'['.repeat(40)}`)).status).toBe(413)
  })

  it('accepts JSON of 10,000 members and refuses more', async () => {
    const list = (length: number) => `[${Array.from({ length }, () => '1').join(',')}]`
    expect([(await post(list(maxJsonMembers))).status, (await post(list(maxJsonMembers + 1))).status]).toEqual([200, 413])
    expect((await post('{},'.repeat(maxJsonMembers / 2 + 1))).status).toBe(413)
  })
})
