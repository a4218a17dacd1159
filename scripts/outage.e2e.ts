import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { outsideClient, type Person } from '../shared/testing/e2e/client'
import { startConstellation } from '../shared/testing/e2e/harness'
import type { Answer } from '../shared/testing/http'
import { type Ferret, startFerret } from './support/ferretdb.ts'
import { freePort } from './support/ports.ts'
import { run } from './support/run.ts'

const binary = process.env.FERRETDB_BINARY
const stock = 40
const shoppers = 4
const headers = { 'content-type': 'application/json' }

/** What may be said to a shopper while the database is gone: the truth, or that it is not known. */
const refusals = new Set(['out_of_stock', 'cart_empty', 'cart_changed', 'idempotency_in_progress', 'busy', 'conflict'])

type Seen = Answer & { what: string }

describe.skipIf(!binary)('an outage of the database in mid-load', () => {
  let ferret: Ferret
  let constellation: Awaited<ReturnType<typeof startConstellation>>
  let client: ReturnType<typeof outsideClient>

  beforeAll(async () => {
    ferret = await startFerret(binary ?? '')
    const { code, output } = await run('bun', ['scripts/indexes.ts'], { MONGODB_URI: ferret.uri })
    expect(code, output).toBe(0)
    constellation = await startConstellation({ vars: { data: { MONGODB_URI: ferret.uri, MONGODB_POOLS: '1' } } })
    client = outsideClient(constellation.url)
    await client.eventually(null, '/health', ({ status }) => status === 200)
  })
  afterAll(async () => {
    await constellation?.close()
    await ferret?.remove()
  })

  it('gives 503s with Retry-After and no wrong answer, carts go on, and it ends by itself', { timeout: 180_000 }, async () => {
    const seller = await client.register('seller')
    const { productId, variantId } = await client.list(seller, stock)
    const crowd = await Promise.all(Array.from({ length: shoppers }, () => client.guest()))
    for (const shopper of crowd) await client.addToCart(shopper, variantId, 1)
    const seen: Seen[] = []
    const carts: Seen[] = []
    const placed: { shopper: Person; id: string }[] = []
    let round = 0

    /** What one shopper does once: looks around, changes the cart, orders. */
    async function shop(shopper: Person): Promise<void> {
      const ask = async (into: Seen[], method: string, path: string, body?: unknown) => {
        const answer = await client.send(shopper, method, path, body === undefined ? {} : { body })
        into.push({ ...answer, what: `${method} ${path}` })
        return answer
      }
      await ask(seen, 'GET', '/v1/products?limit=5')
      await ask(seen, 'GET', `/v1/products/${productId}`)
      await ask(carts, 'GET', '/v1/cart')
      const order = await client.place(shopper, `order-${round}-${shopper.id}`, { email: 'guest@example.com' })
      seen.push({ ...order, what: 'POST /v1/orders' })
      if (order.status !== 201) return
      placed.push({ shopper, id: order.json.id })
      await ask(seen, 'POST', '/v1/cart/items', { variantId, quantity: 1 })
    }
    const shopAll = async (rounds: number) => {
      for (let count = 0; count < rounds; count++) {
        round += 1
        await Promise.all(crowd.map(shop))
      }
    }

    await shopAll(2)
    expect(placed.length).toBeGreaterThan(0)
    // In the middle of a round.
    const during = shopAll(2)
    await ferret.kill('SIGKILL')
    await during
    const before = seen.length
    await shopAll(2)
    expect(seen.slice(before).filter(({ status }) => status === 503).length).toBeGreaterThan(0)

    const [shopper] = crowd as [Person]
    // Whatever the cart holds by now, it can be looked at and emptied, and its lines changed.
    const cart = await client.expecting(200, shopper, 'GET', '/v1/cart')
    for (const { variantId: line } of cart.items)
      await client.expecting(200, shopper, 'PATCH', `/v1/cart/items/${line}`, { body: { quantity: 2 } })
    const emptied = await client.send(shopper, 'DELETE', '/v1/cart')
    expect([200, 204]).toContain(emptied.status)

    await ferret.restart()
    await client.eventually(seller, `/v1/inventory/${variantId}`, ({ status }) => status === 200)
    await client.addToCart(shopper, variantId, 1)
    // Each Worker finds out by itself that the database is back, at the end of its breaker's pause.
    const after = await vi.waitFor(
      async () => {
        const answer = await client.place(shopper, 'after-the-outage', { email: 'guest@example.com' })
        expect(answer.status).not.toBe(503)
        return answer
      },
      { timeout: 30_000, interval: 500 },
    )
    expect([after.status, after.json.code]).toEqual([201, undefined])
    placed.push({ shopper, id: after.json.id })

    for (const { what, status, json, headers } of seen) {
      if (status < 300) continue
      const described = `${what}: ${status} ${JSON.stringify(json)}`
      expect(status === 503 || refusals.has(json.code), described).toBe(true)
      if (status === 503) expect(headers.get('retry-after'), described).toMatch(/^[1-9]\d*$/)
    }
    for (const { what, status } of carts) expect([what, status]).toEqual([what, 200])
    for (const { shopper: buyer, id } of placed) await client.expecting(200, buyer, 'GET', `/v1/orders/${id}`)
    // Of an order that was cut off, the hold may be left, which expires; nothing is sold twice and nothing is lost.
    const level = await client.expecting(200, seller, 'GET', `/v1/inventory/${variantId}`)
    expect(level).toMatchObject({ onHand: stock })
    expect(level.available + level.held).toBe(stock)
    expect(level.held).toBeGreaterThanOrEqual(placed.length)
  })
})

describe('a database that is not there', () => {
  it.each(['refuses', 'is silent'])('and %s gives 503s with Retry-After within 5 s, however many ask', async (how) => {
    const port = await freePort()
    const silence = createServer(() => {})
    if (how === 'is silent') await new Promise<void>((resolve) => silence.listen(port, '127.0.0.1', resolve))
    const uri = `mongodb://127.0.0.1:${port}/`
    const constellation = await startConstellation({ vars: { data: { MONGODB_URI: uri, MONGODB_POOLS: '2' } } })
    try {
      const ask = async () => {
        const began = performance.now()
        const response = await constellation.fetch('/v1/auth/guest', { method: 'POST', body: '{}', headers })
        const { code } = (await response.json()) as { code: string }
        const isSoon = performance.now() - began < 5_000
        return { status: response.status, code, isSoon, retries: Number(response.headers.get('retry-after')) > 0 }
      }
      const refused = { status: 503, code: 'unavailable', isSoon: true, retries: true }
      expect(await ask()).toEqual(refused)
      // The first of these find out once more; the others must not wait for each other.
      expect(await Promise.all(Array.from({ length: 30 }, ask))).toEqual(Array.from({ length: 30 }, () => refused))
    } finally {
      await constellation.close()
      silence.close()
    }
  })
})

describe.skipIf(binary)('an outage of the database', () => {
  it('is not tried', (context) => context.skip('FERRETDB_BINARY names no database that could be killed'))
})
