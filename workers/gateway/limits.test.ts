import { describe, expect, it, vi } from 'vitest'
import { aClock } from '../../shared/testing/factories'
import { bearer, claims, marketplace, send, sign } from './fixtures'
import { mostDepth, mostMembers } from './json-shape'
import { maxBodyBytes, memoryLimit, most } from './limits'
import { patience } from './patience'

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

  it('counts strangers by address and answers 429 with Retry-After', async () => {
    const on = production()
    const from = (address: string) => send('/v1/products', { headers: { 'cf-connecting-ip': address } }, on)
    for (let i = 0; i < 3; i++) expect((await from('192.0.2.1')).status).toBe(200)
    const refused = await from('192.0.2.1')
    expect([refused.status, refused.json.code, refused.headers.get('retry-after')]).toEqual([429, 'too_many_requests', '10'])
    expect((await from('192.0.2.2')).status).toBe(200)
  })

  it('counts who is signed in by user, wherever they are', async () => {
    const on = production()
    const token = await sign(claims())
    const statuses = []
    for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4']) {
      statuses.push((await send('/v1/cart', { headers: { ...bearer(token).headers, 'cf-connecting-ip': address } }, on)).status)
    }
    expect(statuses).toEqual([200, 200, 200, 429])
  })

  it('gives a guest no allowance beside that of the address, since guests can be had for the asking', async () => {
    const on = production()
    const statuses = []
    for (let i = 0; i < 4; i++) {
      const { headers } = bearer(await sign({ ...claims(), role: 'guest' }))
      statuses.push((await send('/v1/cart', { headers: { ...headers, 'cf-connecting-ip': '192.0.2.1' } }, on)).status)
    }
    expect(statuses).toEqual([200, 200, 200, 429])
  })

  it('counts an IPv6 client by its network, here and in what it passes on', async () => {
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

  it('counts a local run in memory, each period anew', async () => {
    const clock = aClock(0)
    const limit = memoryLimit(2, 10, clock)
    const allowed = async (key: string) => (await limit.limit({ key })).success
    expect([await allowed('a'), await allowed('a'), await allowed('a'), await allowed('b')]).toEqual([true, true, false, true])
    clock.advance(10_000)
    expect(await allowed('a')).toBe(true)
  })

  it('counts credential doors more strictly', async () => {
    const on = production()
    const login = () => send('/v1/auth/login', { method: 'POST', body: '{}' }, on)
    expect((await login()).status).toBe(200)
    const refused = await login()
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60'])
    expect((await send('/v1/auth/me', {}, on)).status).toBe(200)
  })

  it.each(['register', 'login', 'refresh', 'guest', 'verify-email', 'password/forgot', 'password/reset'])(
    'counts %s under any spelling of its path',
    async (door) => {
      const spellings = [door, door.replace(/.$/, (last) => `%${last.charCodeAt(0).toString(16)}`), `${door}?again=1`]
      const on = production()
      const statuses: number[] = []
      for (const spelling of spellings)
        statuses.push((await send(`/v1/auth/${spelling}`, { method: 'POST', body: '{}' }, on)).status)
      expect(statuses).toEqual([200, 429, 429])
    },
  )

  it('waits for a body no longer than for an answer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const sending = send('/v1/cart/items', { method: 'POST', body: new ReadableStream() })
      await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1), { interval: 1 })
      vi.advanceTimersByTime(patience.request)
      const { status, json } = await sending
      expect([status, json.code]).toEqual([408, 'request_timeout'])
    } finally {
      vi.useRealTimers()
    }
  })

  it('takes a body of 256 KB and refuses one byte more, announced or not', async () => {
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

  it('takes an address, a query and headers of the largest size, and nothing larger', async () => {
    const address = (length: number) => `/v1/products?q=${'x'.repeat(length - 'https://api.credenza.test/v1/products?q='.length)}`
    const query = (fields: number) => `/v1/products?${Array.from({ length: fields }, (_, at) => `f${at}=1`).join('&')}`
    const headers = (count: number, length: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`x-f${String(at).padStart(3, '0')}`, 'x'.repeat(length)]))
    const status = async (path: string, given = {}) => (await send(path, { headers: given })).status
    expect([await status(address(most.address)), await status(address(most.address + 1))]).toEqual([200, 400])
    expect([await status(query(most.fields)), await status(query(most.fields + 1))]).toEqual([200, 400])
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
  ])('takes JSON of %s that is nested 32 levels deep, and none deeper', async (_what, open, close) => {
    const levels = open === '[{"a":' ? 2 : 1
    const nested = (depth: number) => `${open.repeat(depth / levels)}1${close.repeat(depth / levels)}`
    expect((await post(nested(mostDepth))).status).toBe(200)
    const deeper = await post(nested(mostDepth + levels))
    expect([deeper.status, deeper.json.code]).toEqual([413, 'payload_too_large'])
    expect((await post(open.repeat(20_000), 'application/vnd.api+json; charset=utf-8')).status).toBe(413)
  })

  it('counts what is in a text for nothing, whatever is escaped there', async () => {
    for (const text of ['['.repeat(100), '\\"[[['.repeat(100), `\\\\`, '{,'.repeat(20_000)])
      expect((await post(`{"a":"${text}"}`)).status).toBe(200)
    expect((await post(`{"a":"\\\\","b":${'['.repeat(40)}`)).status).toBe(413)
  })

  it('takes JSON of 10,000 members and none of more', async () => {
    const list = (length: number) => `[${Array.from({ length }, () => '1').join(',')}]`
    expect([(await post(list(mostMembers))).status, (await post(list(mostMembers + 1))).status]).toEqual([200, 413])
    expect((await post('{},'.repeat(mostMembers / 2 + 1))).status).toBe(413)
  })
})
