import { describe, expect, it } from 'vitest'
import { answering, backendBindings, marketplace, send } from './testing/fixtures'

describe('the routes of the gateway itself', () => {
  const healthy = answering(() => Response.json({ ok: true }))
  const all = { AUTH: healthy, PRODUCT: healthy, INVENTORY: healthy, CART: healthy, ORDER: healthy, PAYMENT: healthy }

  it('reports health as ok when every Worker is, and names a Worker that is down', async () => {
    const good = await send('/health', {}, marketplace({ ...all, NOTIFICATION: healthy, DATA: healthy }))
    expect([good.status, good.json.status]).toEqual([200, 'ok'])
    const down = answering(() => new Response('', { status: 500 }))
    const bad = await send('/health', {}, marketplace({ ...all, NOTIFICATION: down, DATA: healthy }))
    expect([bad.status, bad.json.status]).toEqual([503, 'degraded'])
    expect(bad.json.workers).toMatchObject({ notification: 'down', order: 'ok', gateway: 'ok' })
  })

  it('serves a page for each problem code, and 404 for other codes', async () => {
    const page = await send('/problems/out_of_stock')
    expect(page.status).toBe(200)
    expect(page.text).toContain('There is not enough stock')
    expect((await send('/problems/toString')).status).toBe(404)
  })

  it('serves the API reference and all that it loads from its own origin', async () => {
    const page = await send('/docs')
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; .*script-src 'self';/)
    const loaded = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path)
    expect(loaded).toEqual(['/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js', '/docs/reference.js'])
    const files = await Promise.all(loaded.map((path) => send(path)))
    expect(files.map(({ status, headers }) => [status, headers.get('content-type')])).toEqual([
      [200, 'text/css; charset=utf-8'],
      [200, 'text/javascript; charset=utf-8'],
      [200, 'text/javascript; charset=utf-8'],
    ])
    expect(files[1]?.text.length).toBeGreaterThan(1_000_000)
    expect(files[2]?.text).toContain('"/v1/openapi.json"')
    expect((await send('/docs/other.js')).status).toBe(404)
  })

  it('sweeps every Worker in local runs only', async () => {
    const paths: string[] = []
    const recording = (): Fetcher => {
      const fetch = async (url: string) => {
        paths.push(url)
        return Response.json({ ok: true })
      }
      return { fetch } as unknown as Fetcher
    }
    const recorded = Object.fromEntries(backendBindings.map((name) => [name, recording()])) as unknown as Partial<GatewayEnv>
    expect((await send('http://localhost/v1/dev/sweep', { method: 'POST' }, marketplace(recorded))).status).toBe(200)
    expect(paths).toContain('http://order/internal/sweep')
    const production = marketplace({ ...recorded, ENVIRONMENT: 'production' } as Partial<GatewayEnv>)
    expect((await send('/v1/dev/sweep', { method: 'POST' }, production)).status).toBe(404)
    expect((await send('/v1/dev/mailbox', {}, production)).status).toBe(404)
    expect((await send('/v1/dev/accounts', { method: 'POST' }, production)).status).toBe(404)
  })
})
