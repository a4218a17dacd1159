import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../shared/contracts/ids'
import { receiveWebhook, refund } from './commands'
import { sign, signatureHeader, tolerance } from './signature'
import { sweep } from './sweep'
import {
  type AnOrder,
  anOrder,
  aPaidPayment,
  aPayment,
  aWorld,
  balanceOf,
  confirm,
  providerIntent,
  type World,
} from './testing/fixtures'

const secret = env.SANDBOX_WEBHOOK_SECRET
const path = '/v1/payments/webhooks/sandbox'

let world: World
beforeEach(() => {
  world = aWorld()
})

describe('a confirmed payment', () => {
  it('succeeds by a signed webhook, and the order gets the event once', async () => {
    const order = await aPaidPayment(world)
    const { _id } = await world.payment(order.orderId)
    expect(world.sentTo(order.orderId)).toEqual(['payment.succeeded'])
    expect(world.sentOf('payment.succeeded', order.orderId)[0]).toMatchObject({
      subject: _id,
      data: { paymentId: _id, orderId: order.orderId, buyerId: order.buyer.userId, amount: { amount: 5_000, currency: 'USD' } },
    })
    expect(await balanceOf(world, order)).toEqual({ provider_clearing: 5_000, platform_payable: -5_000, transactions: 1 })
  })

  it('succeeds by a webhook that the sandbox sends to this Worker itself', async () => {
    const order = anOrder(world)
    await world.deliver(order.created)
    await confirm(world, order)
    await runDurableObjectAlarm(await world.stub(order.orderId))
    expect(await world.payment(order.orderId)).toMatchObject({
      status: 'succeeded',
      outbox: [],
      journal: [],
      outboxPending: false,
    })
    expect(await balanceOf(world, order)).toMatchObject({ transactions: 1 })
  })

  it('changes no more when the webhook comes again, one by one and all at once', async () => {
    const order = await aPaidPayment(world)
    const before = await world.payment(order.orderId)
    const [webhook] = world.posted
    const again = () => post(webhook?.body ?? '', webhook?.headers)
    expect((await again()).status).toBe(200)
    expect((await Promise.all([again(), again(), again()])).map(({ status }) => status)).toEqual([200, 200, 200])
    expect(await world.payment(order.orderId)).toEqual(before)
    expect(world.sentTo(order.orderId)).toEqual(['payment.succeeded'])
  })

  it('is not loaded again for a webhook that was received before', async () => {
    await aPaidPayment(world)
    const [webhook] = world.posted
    const bytes = new TextEncoder().encode(webhook?.body)
    world.store.calls = 0
    await receiveWebhook(world.deps, 'sandbox', bytes, new Headers(webhook?.headers))
    expect(world.store.calls).toBe(1)
  })

  it('is published once when the same webhook comes three times at once and under other event ids', async () => {
    const order = await processing(world)
    const body = await success(order)
    const bodies = [body, body, body, await success(order)]
    expect((await Promise.all(bodies.map((each) => signed(each)))).map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(world.sentTo(order.orderId)).toEqual(['payment.succeeded'])
    expect(await balanceOf(world, order)).toMatchObject({ transactions: 1 })
  })

  it('applies a webhook again when its receipt was not recorded, and nothing happens twice', async () => {
    const order = await processing(world)
    const body = await success(order)
    const headers = new Headers({ [signatureHeader]: await sign(body, secret, world.clock()) })
    const bytes = new TextEncoder().encode(body)
    const receipts = { ...world.deps.receipts, record: () => Promise.reject(new Error('the database went away')) }
    await expect(receiveWebhook({ ...world.deps, receipts }, 'sandbox', bytes, headers)).rejects.toThrow('went away')
    await receiveWebhook(world.deps, 'sandbox', bytes, headers)
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'succeeded' })
    expect(world.sentTo(order.orderId)).toEqual(['payment.succeeded'])
  })

  it('is not undone by a failure that was overtaken by the success', async () => {
    const order = await aPaidPayment(world)
    const late = { ...(await providerIntent(world, order)), status: 'requires_payment_method', declineCode: 'generic_decline' }
    expect((await signed(webhookOf('payment_intent.payment_failed', late))).status).toBe(200)
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'succeeded', declineCode: null })
    expect(world.sentTo(order.orderId)).toEqual(['payment.succeeded'])
  })

  it('keeps its event while the queue is down, and the sweep sends it once', async () => {
    world.down = true
    const order = await aPaidPayment(world)
    expect(world.sentTo(order.orderId)).toEqual([])
    expect(await world.payment(order.orderId)).toMatchObject({ outboxPending: true, outbox: [{ type: 'payment.succeeded' }] })
    world.down = false
    await sweep(world.deps)
    await sweep(world.deps)
    expect(world.sentTo(order.orderId)).toEqual(['payment.succeeded'])
    expect(await world.payment(order.orderId)).toMatchObject({ outboxPending: false, outbox: [], journal: [] })
    expect(await balanceOf(world, order)).toMatchObject({ transactions: 1 })
  })
})

describe('a forged webhook', () => {
  const forgeries: Record<string, (body: string) => Promise<{ body: string; header: string | null }>> = {
    'has no signature': async (body) => ({ body, header: null }),
    'has an empty signature': async (body) => ({ body, header: '' }),
    'names an unknown scheme': async (body) => ({
      body,
      header: (await sign(body, secret, world.clock())).replace('v1=', 'v0='),
    }),
    'is signed by another secret': async (body) => ({ body, header: await sign(body, `${secret}x`, world.clock()) }),
    'was altered by one byte': async (body) => ({
      body: `${body.slice(0, -1)} }`,
      header: await sign(body, secret, world.clock()),
    }),
    'has another timestamp than was signed': async (body) => ({
      body,
      header: (await sign(body, secret, world.clock())).replace(/t=\d+/, `t=${Math.floor(world.clock() / 1000) - 1}`),
    }),
    'is stale': async (body) => ({ body, header: await sign(body, secret, world.clock() - tolerance - 2_000) }),
    'comes from the future': async (body) => ({ body, header: await sign(body, secret, world.clock() + tolerance + 60_000) }),
    'is not even JSON': async () => ({ body: '{"id":', header: `t=${Math.floor(world.clock() / 1000)},v1=${'0'.repeat(64)}` }),
  }
  it.each(Object.keys(forgeries))('is refused and changes nothing: it %s', async (name) => {
    const order = await processing(world)
    const before = await world.payment(order.orderId)
    const { body, header } = (await forgeries[name]?.(await success(order))) ?? { body: '', header: null }
    const { status, json } = await post(body, header === null ? {} : { [signatureHeader]: header })
    expect([status, json.code]).toEqual([400, 'signature_invalid'])
    expect(await world.payment(order.orderId)).toEqual(before)
  })
})

describe('a signed webhook', () => {
  it('for an unknown intent is refused, so that it is sent again until the payment exists', async () => {
    const order = anOrder(world)
    const made = { orderId: order.orderId, amount: { amount: 5_000, currency: 'USD' as const }, idempotencyKey: order.orderId }
    const intent = { ...(await world.deps.providers.sandbox.createIntent(made)), status: 'succeeded' }
    const body = webhookOf('payment_intent.succeeded', intent)
    const early = await signed(body)
    expect([early.status, early.json.code]).toEqual([404, 'not_found'])
    await world.deliver(order.created)
    expect((await signed(body)).status).toBe(200)
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'succeeded' })
  })

  it('of an unknown type is accepted and ignored, whatever it carries', async () => {
    expect((await signed(webhookOf('customer.created', { surprise: true }))).status).toBe(200)
    expect((await signed(webhookOf('toString', null))).status).toBe(200)
  })

  it('that is malformed is a bad request', async () => {
    const answers = [await signed('{"id":'), await signed('{}'), await signed(webhookOf('payment_intent.succeeded', { id: 1 }))]
    expect(answers.map(({ status, json }) => `${status} ${json.code}`)).toEqual([
      '400 malformed_json',
      '400 bad_request',
      '400 bad_request',
    ])
  })

  it('of excessive size is refused unread', async () => {
    expect((await signed(JSON.stringify('x'.repeat(300_000)))).status).toBe(413)
  })

  it('is not accepted for an unknown provider', async () => {
    expect((await world.call('POST', '/v1/payments/webhooks/stripe', { raw: '{}' })).status).toBe(404)
  })

  it('completes a refund whose answer from the provider was lost', async () => {
    const order = await aPaidPayment(world)
    const lost = world.depsWith({ refund: async () => Promise.reject(new Error('no answer')) })

    const asked = await refund(lost, order.orderId, { refundId: newId('ref'), amount: null, reason: 'test', by: newId('usr') })
    expect(asked.status).toBe('pending')
    const intent = { ...(await providerIntent(world, order)), refunds: [{ idempotencyKey: asked.id, amount: 5_000 }] }
    expect((await signed(webhookOf('charge.refunded', intent))).status).toBe(200)
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'refunded' })
    expect(world.sentTo(order.orderId)).toEqual(['payment.succeeded', 'payment.refunded'])
  })
})

const post = (body: string, headers: Record<string, string> = {}) => world.call('POST', path, { raw: body, headers })
const signed = async (body: string) => post(body, { [signatureHeader]: await sign(body, secret, world.clock()) })

const webhookOf = (type: string, object: unknown) =>
  JSON.stringify({ id: newId('whk'), type, created: Math.floor(world.clock() / 1000), data: { object } })
/** What the sandbox would send if the intent had succeeded just now. */
const success = async (order: AnOrder) =>
  webhookOf('payment_intent.succeeded', { ...(await providerIntent(world, order)), status: 'succeeded', declineCode: null })

async function processing(world: World): Promise<AnOrder> {
  const order = await aPayment(world)
  await confirm(world, order)
  expect(await world.payment(order.orderId)).toMatchObject({ status: 'processing' })
  return order
}
