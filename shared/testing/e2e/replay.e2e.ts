import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Envelope } from '../../contracts/events'
import { type Id, newId } from '../../contracts/ids'
import type { StoreBindings } from '../../storage/store'
import { documentsOf } from '../../worker/base-deps'
import { aCanceledOrder, anEvent } from '../factories'
import { seeded } from '../interleaving'
import { freshEmail, outsideClient, type Person, usd } from './client'
import { startConstellation } from './harness'

type Product = { _id: Id<'prd'>; stock: Record<string, { availability: string; version: number }> }
type Inboxes = Record<string, { sendBatch(messages: { body: unknown; contentType: 'json' }[]): Promise<void> }>

const productCount = 6
const variantsEach = 5
const changesEach = 14
let constellation: Awaited<ReturnType<typeof startConstellation>>
let client: ReturnType<typeof outsideClient>
let operator: Person

beforeAll(async () => {
  constellation = await startConstellation()
  client = outsideClient(constellation.url)
  await client.eventually(null, '/health', ({ status }) => status === 200)
  const account = { email: freshEmail('operator'), password: 'correct horse battery staple' }
  await client.expecting(201, null, 'POST', '/v1/dev/accounts', { body: { ...account, name: 'Operator', role: 'admin' } })
  const { user, accessToken, refreshToken } = await client.expecting(200, null, 'POST', '/v1/auth/login', { body: account })
  operator = { id: user.id, token: accessToken, refreshToken, email: account.email }
})
afterAll(() => constellation.close())

const send = async (worker: string, events: readonly unknown[]) => {
  const inboxes = (await constellation.worker('audit').getEnv()) as Inboxes
  for (let at = 0; at < events.length; at += 100) {
    const messages = events.slice(at, at + 100).map((body) => ({ body, contentType: 'json' as const }))
    await inboxes[`QUEUE_${worker.toUpperCase()}`]?.sendBatch(messages)
  }
}

/** Every event of a type that the log has, oldest first. */
async function logged(type: string): Promise<Envelope[]> {
  const events: Envelope[] = []
  let cursor = ''
  for (;;) {
    const { items, nextCursor } = await client.expecting(200, operator, 'GET', `/v1/audit?type=${type}&limit=100${cursor}`)
    events.push(...items.map(({ event }: { event: Envelope }) => event))
    if (nextCursor === null) return events.reverse()
    cursor = `&cursor=${nextCursor}`
  }
}

describe('a read model that is made anew by replay', () => {
  const openedAs: Product[] = []
  let texts: string[] = []
  let live = ''
  const products = async () =>
    documentsOf('product', (await constellation.worker('product').getEnv()) as StoreBindings).collection<Product>({
      name: 'products',
    })
  const stored = async () => (await products()).find({ _id: { $in: openedAs.map(({ _id }) => _id) } }, { sort: { _id: 1 } })
  /** What availability product has noted of all variants, byte for byte. */
  const bytes = async () => JSON.stringify((await stored()).map(({ _id, stock }) => ({ _id, stock })))
  const shown = () => Promise.all(openedAs.map(async ({ _id }) => (await constellation.fetch(`/v1/products/${_id}`)).text()))

  /** Takes back all that events have made of the read model: it is as it was when the products were listed. */
  async function wipe(): Promise<void> {
    const collection = await products()
    for (const { _id, stock } of openedAs)
      await collection.updateOne({ _id }, { $set: { stock }, $unset: { stockRecordedAt: true } })
    expect(await bytes()).not.toBe(live)
  }

  const untilEqual = () => vi.waitFor(async () => expect(await bytes()).toBe(live), { timeout: 60_000, interval: 200 })

  beforeAll(async () => {
    const seller = await client.register('seller')
    const variantIds: string[] = []
    for (let product = 0; product < productCount; product++) {
      const variants = Array.from({ length: variantsEach }, (_, each) => ({
        sku: `R-${product}-${each}`,
        price: usd(100),
        stock: 50,
      }))
      const body = { title: `Replayed ${product}`, description: 'A thing.', category: 'things', status: 'active', variants }
      const made = await client.expecting(201, seller, 'POST', '/v1/products', { body })
      openedAs.push({ _id: made.id, stock: {} })
      variantIds.push(...made.variants.map(({ id }: { id: string }) => id))
    }
    openedAs.splice(0, openedAs.length, ...(await stored()))
    await Promise.all(
      variantIds.map(async (variantId, index) => {
        // Each count differs from the one before in what it says of availability: in, low or out.
        for (let change = 0; change < changesEach + (index % 3); change++) {
          const onHand = [0, 3, 40][change % 3]
          await client.expecting(200, seller, 'PUT', `/v1/inventory/${variantId}`, { body: { onHand } })
        }
      }),
    )
    const expected = variantIds.reduce((sum, _id, index) => sum + changesEach + (index % 3), 0)
    const events = await vi.waitFor(
      async () => {
        const all = await logged('stock.changed')
        expect(all).toHaveLength(expected)
        return all as Envelope<'stock.changed'>[]
      },
      { timeout: 60_000, interval: 300 },
    )
    const newest = new Map<string, number>()
    for (const { data } of events) newest.set(data.variantId, Math.max(newest.get(data.variantId) ?? 0, data.version))
    await vi.waitFor(
      async () => {
        for (const { stock } of await stored())
          for (const [variantId, { version }] of Object.entries(stock)) expect(version).toBe(newest.get(variantId))
      },
      { timeout: 60_000, interval: 200 },
    )
    live = await bytes()
    texts = await shown()
  }, 180_000)

  it('equals the live one byte for byte', { timeout: 120_000 }, async () => {
    await wipe()
    const span = { from: new Date(Date.now() - 3_600_000).toISOString(), until: new Date(Date.now() + 1_000).toISOString() }
    const replay = await client.expecting(202, operator, 'POST', '/v1/events/replay', {
      body: { to: 'product', ...span },
      headers: { 'idempotency-key': newId('req') },
    })
    // More than one request sends: cron goes on with it, which does not fire here.
    expect(replay).toMatchObject({ status: 'running', sent: 400, types: ['stock.changed'] })
    await client.eventually(operator, `/v1/events/replays/${replay.id}`, ({ json }) => {
      void constellation.worker('audit').scheduled({ cron: '* * * * *' })
      return json.status === 'done' && json.sent === productCount * variantsEach * (changesEach + 1)
    })
    await untilEqual()
    expect(await shown()).toEqual(texts)
    const [record] = await logged('events.replayed')
    expect(record).toMatchObject({ subject: replay.id, data: { to: 'product', by: operator.id } })
  })

  it('equals the live one though its events come in any order, and twice', { timeout: 120_000 }, async () => {
    const events = (await logged('stock.changed')).map((event) => ({ ...event, replay: newId('rpl') }))
    for (const seed of [1, 2]) {
      await wipe()
      const random = seeded(seed)
      const shuffled = [...events, ...events]
        .map((event) => ({ event, at: random() }))
        .sort((a, b) => a.at - b.at)
        .map(({ event }) => event)
      await send('product', shuffled)
      await untilEqual()
      expect(await shown()).toEqual(texts)
    }
  })
})

describe('a replayed event', () => {
  const variantId = newId('var')
  const payment = {
    version: 1,
    paymentId: newId('pay'),
    orderId: newId('ord'),
    buyerId: newId('usr'),
    amount: { amount: 100, currency: 'USD' as const },
  }
  const stock = { version: 1, variantId, productId: newId('prd'), sellerId: newId('usr'), available: 1 }
  const refused: Record<string, () => Envelope> = {
    inventory: aCanceledOrder,
    payment: aCanceledOrder,
    notification: aCanceledOrder,
    order: () => anEvent('payment.succeeded', payment.paymentId, payment),
    cart: () => anEvent('stock.changed', variantId, { ...stock, availability: 'low', previous: 'in' }),
    audit: aCanceledOrder,
  }

  it.each(Object.entries(refused))('is parked by %s, whose handlers do more than keep state', async (worker, make) => {
    const event = { ...make(), replay: newId('rpl') }
    await send(worker, [event])
    const deadLetter = await client.eventually(
      operator,
      `/v1/dead-letters/${worker}:${event.id}`,
      ({ status, json }) => status === 200 && json,
    )
    const error = 'AppError: This Worker does not accept replayed events'
    expect(deadLetter).toMatchObject({
      worker,
      type: event.type,
      eventId: event.id,
      state: 'waiting',
      error,
      parked: 1,
      body: event,
    })
    const { items } = await client.expecting(200, operator, 'GET', `/v1/dead-letters?worker=${worker}&state=waiting`)
    expect(items.map(({ id }: { id: string }) => id)).toContain(deadLetter.id)

    // Redriven it fails once more, and waits once more.
    await client.expecting(200, operator, 'POST', `/v1/dead-letters/${deadLetter.id}/redrive`)
    await client.eventually(
      operator,
      `/v1/dead-letters/${deadLetter.id}`,
      ({ json }) => json.parked === 2 && json.state === 'waiting',
    )
    const given = await client.expecting(200, operator, 'POST', `/v1/dead-letters/${deadLetter.id}/discard`, {
      body: { reason: 'no use' },
    })
    expect(given).toMatchObject({ state: 'discarded', settled: { by: operator.id, reason: 'no use' } })
  })
})

it('is all in a log that holds', async () => {
  const verification = await client.expecting(200, operator, 'GET', '/v1/audit/verify')
  expect(verification).toMatchObject({ ok: true, days: 1, firstBroken: null, next: null })
  expect(verification.rows).toBeGreaterThan(productCount * variantsEach * changesEach)
  const types = new Set(
    (await client.expecting(200, operator, 'GET', '/v1/audit?limit=100')).items.map(({ type }: Envelope) => type),
  )
  for (const type of ['dead_letters.redriven', 'dead_letters.discarded']) expect(types).toContain(type)
})
