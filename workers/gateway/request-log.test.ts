import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { answering, bearer, claims, marketplace, send, sign } from './testing/fixtures'

/** The entries of the log that say "request". */
let entries: Record<string, unknown>[]
beforeEach(() => {
  entries = []
  vi.spyOn(console, 'info').mockImplementation((line: string) => void entries.push(JSON.parse(line)))
})
afterEach(() => void vi.restoreAllMocks())

describe('the log of requests', () => {
  it('has one line for each, with the request id of the answer and who asked', async () => {
    const payload = claims()
    const signedIn = await send('/v1/cart', bearer(await sign(payload)))
    const anonymous = await send('/v1/nothing', { method: 'DELETE' })
    expect(entries).toEqual([
      {
        level: 'info',
        message: 'request',
        method: 'GET',
        path: '/v1/cart',
        status: 200,
        ms: expect.any(Number),
        requestId: signedIn.headers.get('x-request-id'),
        userId: payload.sub,
      },
      expect.objectContaining({
        method: 'DELETE',
        path: '/v1/nothing',
        status: 404,
        requestId: anonymous.json.requestId,
        userId: '-',
      }),
    ])
  })

  it.each([
    '/v1/realtime?ticket=usr_01jd3g5x8zq4m6v9b2c7n1k0hr.Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4MTIzNA&last=7',
    '/v1/products?access_token=Zm9vYmFyYmF6&q=Zm9vYmFyYmF6',
    '/v1/auth/verify-email?code=Zm9vYmFyYmF6',
    '/v1/products?q=ada%40example.com&r=ada@example.com',
  ])('keeps no secret and no address of %s', async (path) => {
    await send(path)
    const [entry] = entries
    expect(String(entry?.path)).toMatch(/\[(redacted|token|email)\]/)
    expect(String(entry?.path).replace('q=Zm9vYmFyYmF6', '')).not.toMatch(/Zm9v|ada/)
  })

  it('has a line for a failure, an upgrade and a preflight too', async () => {
    const on = marketplace({ CART: answering(() => Promise.reject(new Error('broken'))) })
    vi.spyOn(console, 'error').mockImplementation(() => {})
    await send('/v1/cart', {}, on)
    await send('/v1/cart', { method: 'OPTIONS' })
    expect(entries.map(({ method, status }) => [method, status])).toEqual([
      ['GET', 503],
      ['OPTIONS', 204],
    ])
  })

  it('has no line for what is polled, unless it fails', async () => {
    const healthy = answering(() => Response.json({ ok: true }))
    await send('http://localhost/v1/dev/events')
    await send('http://localhost/v1/dev/sweep', { method: 'POST' }, marketplace({ DATA: healthy }))
    expect(entries).toEqual([])
    const down = answering(() => new Response('', { status: 500 }))
    await send('/health', {}, marketplace({ CART: down, DATA: healthy }))
    expect(entries).toEqual([expect.objectContaining({ path: '/health', status: 503 })])
  })
})
