import { describe, expect, it } from 'vitest'
import { marketplace, send } from './testing/fixtures'

const browser = { headers: { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' } }
const demo = { DEMO_ACCOUNTS: 'shopper@example.com, seller@example.com', DEMO_PASSWORD: 'demo password' }
const local = () => marketplace(demo as Partial<GatewayEnv>)
const production = () => marketplace({ ...demo, ENVIRONMENT: 'production' } as Partial<GatewayEnv>)

describe('the start page', () => {
  it('links what there is, and in a local run also mails, events and accounts', async () => {
    const { status, text, headers } = await send('http://localhost:8787/', browser, local())
    expect([status, headers.get('content-type'), headers.get('vary')]).toEqual([
      200,
      'text/html; charset=UTF-8',
      'Accept, Origin',
    ])
    for (const link of ['/docs', '/health', '/v1/openapi.json', '/v1/dev/mailbox', '/v1/dev/events'])
      expect(text).toContain(`href="${link}"`)
    for (const said of ['shopper@example.com', 'seller@example.com', 'demo password']) expect(text).toContain(said)
  })

  it.each([
    ['in production', 'http://localhost/', production],
    ['under a name that is not of this machine', 'http://rebound.example/', local],
    ['in a local run without demo data', 'http://localhost/', marketplace],
  ])('names no account %s', async (_where, url, on) => {
    const { text } = await send(url, browser, on())
    expect(text).toContain('href="/docs"')
    expect(text).not.toMatch(/example\.com|demo password/)
  })

  it('has no script and loads nothing', async () => {
    const { text, headers } = await send('http://localhost/', browser, local())
    expect(text).not.toMatch(/<script|<link|<img|src=|@import|url\(|https?:/)
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; .*; style-src 'unsafe-inline'$/)
  })

  it.each([undefined, '*/*', 'application/json', 'application/json, text/html;q=0.9', 'text/html;q=0, */*'])(
    'is JSON to a client that accepts %s',
    async (accept) => {
      const { status, json } = await send('/', accept === undefined ? {} : { headers: { accept } }, production())
      expect([status, json.name, json.links]).toEqual([
        200,
        'Credenza',
        { 'API reference': '/docs', 'OpenAPI document': '/v1/openapi.json', Health: '/health' },
      ])
    },
  )
})
