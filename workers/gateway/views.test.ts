import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { Envelope } from '../../shared/contracts/events'
import { idSchema, newId, type ProductId, type UserId } from '../../shared/contracts/ids'
import { handle } from './pipeline'
import { bearer, claims, marketplace, sign } from './testing/fixtures'
import { viewWindow } from './views'

// Thousands of requests are made here, and each writes a line.
beforeAll(() => void vi.spyOn(console, 'info').mockImplementation(() => {}))

// Ever the same: with the secret they decide which views are in the sample.
const [productId, sellerId]: [ProductId, UserId] = ['prd_01jd3g5x8zq4m6v9b2c7n1k0hr', 'usr_01jd3g5x8zq4m6v9b2c7n1k0hr']
let looks = 0

type Shown = { status?: number; viewed?: string | null; body?: string | null }

/** A gateway with queues that record or fail, in front of a product Worker that shows a product of `sellerId`. */
function aShop({ status = 200, viewed = sellerId, body = '{}' }: Shown = {}, views = '1') {
  const published: Envelope<'product.viewed'>[] = []
  const queue = { down: false, asked: 0 }
  const inbox = {
    sendBatch: async (messages: { body: Envelope<'product.viewed'> }[]) => {
      queue.asked++
      if (queue.down) throw new Error('the queue is down')
      published.push(...messages.map((message) => message.body))
    },
  }
  const headers = { 'content-type': 'application/json', etag: '"1"', 'x-credenza-secret': 'within the house' }
  const answer = () => new Response(body, { status, headers: { ...headers, ...(viewed ? { 'x-credenza-viewed': viewed } : {}) } })
  const free = { limit: async () => ({ success: true }) }
  const env = marketplace({
    ...{ RATE_LIMIT: free as RateLimit, VIEWS_PER_SAMPLE: views, VIEWS_SECRET: 'the same in each run' },
    ...{ QUEUE_SELLER_DASHBOARD: inbox, QUEUE_AUDIT: { sendBatch: async () => undefined } },
    PRODUCT: { fetch: async () => answer() },
    AUTH: { fetch: async (input: RequestInfo) => authAnswer(input) },
  } as unknown as Partial<GatewayEnv>)
  const realAuth = marketplace().AUTH
  // Auth says of each operator that they are one.
  const authAnswer = (input: RequestInfo) =>
    new Request(input).url.endsWith('/me') ? Response.json({}) : realAuth.fetch(input as string)
  return {
    published,
    queue,
    look: async (init: RequestInit = {}, from?: string, path = `/v1/products/${productId}`) => {
      const context = createExecutionContext()
      const request = new Request(`https://api.credenza.test${path}`, init)
      request.headers.set('cf-connecting-ip', from ?? `10.${looks >> 16}.${(looks >> 8) % 256}.${looks++ % 256}`)
      const response = await handle(request, env, context)
      await waitOnExecutionContext(context)
      return response
    },
  }
}

const reader = async (overrides: object) => bearer(await sign({ ...claims(), ...overrides }))

describe('a view of a product on sale', () => {
  it('is published with its seller and its weight, and the header is removed from the answer', async () => {
    const shop = aShop()
    const response = await shop.look()
    expect([...response.headers.keys()].filter((name) => name.startsWith('x-credenza'))).toEqual([])
    expect(response.headers.get('etag')).toBe('"1"')
    expect(shop.published).toMatchObject([
      {
        ...{ type: 'product.viewed', source: '/workers/gateway', subject: productId },
        ...{ traceparent: response.headers.get('traceparent'), data: { version: 1, productId, sellerId, weight: 1 } },
      },
    ])
  })

  it('counts for guests, buyers and other sellers, also with status 304', async () => {
    for (const role of ['guest', 'buyer', 'seller']) {
      const shop = aShop()
      await shop.look(await reader({ role }))
      expect(shop.published).toHaveLength(1)
    }
    const unchanged = aShop({ status: 304, body: null })
    expect((await unchanged.look()).headers.has('x-credenza-viewed')).toBe(false)
    expect(unchanged.published).toHaveLength(1)
  })

  it('does not count for its seller or an operator, whose answers lose the header too', async () => {
    for (const who of [{ sub: sellerId, role: 'seller' }, { role: 'admin' }]) {
      const shop = aShop()
      const response = await shop.look(await reader(who))
      expect(response.status).toBe(200)
      expect(response.headers.has('x-credenza-viewed')).toBe(false)
      expect(shop.published).toEqual([])
    }
  })

  it('does not count for drafts, errors, other methods and other paths', async () => {
    const draft = aShop({ viewed: null })
    await draft.look()
    const refused = aShop({ status: 404 })
    await refused.look()
    const shown = aShop()
    await shown.look({ method: 'HEAD' })
    await shown.look({ method: 'PATCH', body: '{}' })
    await shown.look({}, undefined, '/v1/products/nonsense')
    expect([draft, refused, shown].flatMap(({ published }) => published)).toEqual([])
  })

  it('gets its answer while the queue is down', async () => {
    const shop = aShop()
    shop.queue.down = true
    const response = await shop.look()
    expect([response.status, await response.text(), shop.queue.asked]).toEqual([200, '{}', 1])
  })
})

describe('the sample of views', () => {
  it('publishes one in ten at random with weight ten, which estimates the number of views', async () => {
    const shop = aShop({}, '10')
    const views = 3_000
    for (let count = 0; count < views; count++) await shop.look()
    const estimate = shop.published.reduce((sum, { data }) => sum + data.weight, 0)
    // Three standard deviations of a binomial sample of one in ten.
    expect(Math.abs(estimate - views)).toBeLessThan(3 * 10 * Math.sqrt(views * 0.1 * 0.9))
    expect(new Set(shop.published.map(({ data }) => data.weight))).toEqual(new Set([10]))
  })

  it('is every view when the setting is not a sample size', async () => {
    for (const setting of ['1', '0', '', 'many', '-5']) {
      const shop = aShop({}, setting)
      await shop.look()
      expect(shop.published.map(({ data }) => data.weight)).toEqual([1])
    }
  })

  it('counts all looks of one reader at one product within half an hour once, in any isolate', async () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 0, 1, 12), toFake: ['Date'] })
    const [here, there] = [aShop(), aShop()]
    const asGuest = await reader({ role: 'guest' })
    const asOther = await reader({ role: 'guest', sub: newId('usr') })
    for (const shop of [here, there]) {
      await shop.look({}, '192.0.2.1')
      await shop.look({}, '192.0.2.1')
      await shop.look(asGuest, '192.0.2.1')
      await shop.look(asOther, '192.0.2.1')
    }
    expect([here.published.length, there.published.map(({ id }) => id)]).toEqual([1, here.published.map(({ id }) => id)])
    expect(idSchema('evt').safeParse(here.published[0]?.id).success).toBe(true)
    await here.look({}, '192.0.2.2')
    await here.look(await reader({ role: 'buyer' }), '192.0.2.1')
    vi.setSystemTime(Date.now() + viewWindow)
    await here.look({}, '192.0.2.1')
    expect(new Set(here.published.map(({ id }) => id)).size).toBe(4)
    vi.useRealTimers()
  })
})
