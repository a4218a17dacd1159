import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../shared/contracts/ids'
import { money } from '../../shared/contracts/money'
import type { IntentId, PaymentProvider } from './provider'
import { maxAttempts } from './sandbox-intent.do'
import { aPayment, aWorld, confirm, never, providerIntent, type World } from './testing/fixtures'

let world: World
let provider: PaymentProvider
beforeEach(() => {
  world = aWorld()
  provider = world.deps.providers.sandbox
})

const alarm = (id: IntentId) => runDurableObjectAlarm(env.SANDBOX.getByName(id))
const typesOf = ({ posted }: World) => posted.map(({ body }) => JSON.parse(body).type)

async function anIntent(): Promise<IntentId> {
  const orderId = newId('ord')
  const { id } = await provider.createIntent({ orderId, amount: money(1_000, 'USD'), idempotencyKey: orderId })
  await world.pace(id)
  world.receive = () => new Response(null, { status: 204 })
  return id
}

describe('an intent of the sandbox', () => {
  it('is made once per key; the same key with another amount is an error', async () => {
    const orderId = newId('ord')
    const request = { orderId, amount: money(1_000, 'USD'), idempotencyKey: orderId }
    const [one, two] = await Promise.all([provider.createIntent(request), provider.createIntent(request)])
    expect(two.id).toBe(one.id)
    await expect(provider.createIntent({ ...request, amount: money(1, 'USD') })).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    })
    expect((await provider.createIntent({ ...request, idempotencyKey: newId('ord') })).id).not.toBe(one.id)
  })

  it('that was never made is not found', async () => {
    expect(await provider.retrieve(newId('pi'))).toBeNull()
    await expect(provider.confirm(newId('pi'), 'pm_card_visa', 'k')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('is decided later, and a webhook reports the outcome', async () => {
    const id = await anIntent()
    expect(await provider.confirm(id, 'pm_card_visa', 'k')).toMatchObject({ status: 'processing' })
    expect(world.posted).toEqual([])
    expect(await alarm(id)).toBe(true)
    expect(await provider.retrieve(id)).toMatchObject({ status: 'succeeded' })
    expect(JSON.parse(world.posted[0]?.body ?? '')).toMatchObject({
      id: expect.stringMatching(/^whk_/),
      type: 'payment_intent.succeeded',
      created: Math.floor(world.clock() / 1000),
      data: { object: { id, status: 'succeeded', amount: money(1_000, 'USD') } },
    })
    expect(await alarm(id)).toBe(false)
  })

  it('is confirmed once per key, and can be tried again after a decline', async () => {
    const id = await anIntent()
    await Promise.all([provider.confirm(id, 'pm_card_chargeDeclined', 'k'), provider.confirm(id, 'pm_card_chargeDeclined', 'k')])
    await expect(provider.confirm(id, 'pm_card_visa', 'k')).rejects.toMatchObject({ code: 'idempotency_key_reused' })
    await expect(provider.confirm(id, 'pm_card_visa', 'k2')).rejects.toMatchObject({ code: 'invalid_state' })
    await alarm(id)
    expect(await provider.retrieve(id)).toMatchObject({ status: 'requires_payment_method', declineCode: 'generic_decline' })
    expect(await provider.confirm(id, 'pm_card_chargeDeclined', 'k')).toMatchObject({ declineCode: 'generic_decline' })
    await provider.confirm(id, 'pm_card_visa', 'k2')
    await alarm(id)
    expect(typesOf(world)).toEqual(['payment_intent.payment_failed', 'payment_intent.succeeded'])
  })

  it('that is canceled while it is processed never succeeds; one that succeeded is not canceled', async () => {
    const [early, late] = [await anIntent(), await anIntent()]
    await provider.confirm(early, 'pm_card_visa', 'k')
    expect(await provider.cancelIntent(early)).toMatchObject({ status: 'canceled' })
    await alarm(early)
    expect(await provider.retrieve(early)).toMatchObject({ status: 'canceled' })
    await provider.confirm(late, 'pm_card_visa', 'k')
    await alarm(late)
    expect(await provider.cancelIntent(late)).toMatchObject({ status: 'succeeded' })
    expect(typesOf(world)).toEqual(['payment_intent.canceled', 'payment_intent.succeeded'])
  })

  it('refunds once per key and never more than it captured', async () => {
    const id = await anIntent()
    const refund = (amount: number, idempotencyKey: string) => provider.refund({ intentId: id, amount, idempotencyKey })
    await expect(refund(1, 'early')).rejects.toMatchObject({ code: 'invalid_state' })
    await provider.confirm(id, 'pm_card_visa', 'k')
    await alarm(id)
    await Promise.all([refund(600, 'a'), refund(600, 'a')])
    await expect(refund(500, 'a')).rejects.toMatchObject({ code: 'idempotency_key_reused' })
    await expect(refund(401, 'b')).rejects.toMatchObject({ code: 'invalid_state' })
    expect((await refund(400, 'b')).refunds).toEqual([
      { idempotencyKey: 'a', amount: 600 },
      { idempotencyKey: 'b', amount: 400 },
    ])
    await alarm(id)
    expect(typesOf(world)).toEqual(['payment_intent.succeeded', 'charge.refunded', 'charge.refunded'])
  })
})

describe('a webhook of the sandbox', () => {
  it('is sent again after a 500 and after no answer until it is accepted', async () => {
    const order = await aPayment(world)
    await confirm(world, order)
    const id = await world.intentId(order.orderId)
    world.receive = () => new Response(null, { status: 500 })
    await alarm(id)
    world.receive = () => Promise.reject(new Error('connection lost'))
    await alarm(id)
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'processing' })
    world.receive = world.endpoint
    expect(await alarm(id)).toBe(true)
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'succeeded' })
    expect(new Set(world.posted.map(({ body }) => body)).size).toBe(1)
    expect(await alarm(id)).toBe(false)
  })

  it('waits longer after each attempt and is given up in the end', async () => {
    const id = await anIntent()
    await provider.confirm(id, 'pm_card_visa', 'k')
    world.receive = () => new Response(null, { status: 503 })
    const failures: number[] = []
    while (await alarm(id)) {
      const next = await runInDurableObject(env.SANDBOX.getByName(id), (_sandbox, state) => state.storage.getAlarm())
      if (next !== null) failures.push(next - world.clock() - never)
    }
    expect(failures).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(world.posted).toHaveLength(maxAttempts)
    const waits = await runInDurableObject(env.SANDBOX.getByName(newId('pi')), ({ surroundings }) =>
      failures.map(surroundings.retryAfter),
    )
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
  })

  it('does not hold up later webhooks', async () => {
    const id = await anIntent()
    await provider.confirm(id, 'pm_card_chargeDeclined', 'k')
    world.receive = () => new Response(null, { status: 500 })
    await alarm(id)
    await provider.cancelIntent(id)
    world.receive = async (request) => new Response(null, { status: (await request.text()).includes('canceled') ? 200 : 500 })
    await alarm(id)
    world.posted.length = 0
    await alarm(id)
    expect(typesOf(world)).toEqual(['payment_intent.payment_failed'])
  })
})

describe('an evicted sandbox intent', () => {
  it('continues between confirmation and decision and between decision and delivery', async () => {
    const order = await aPayment(world)
    await confirm(world, order)
    const id = await world.intentId(order.orderId)
    await evictDurableObject(env.SANDBOX.getByName(id))
    await world.pace(id)
    world.receive = () => new Response(null, { status: 500 })
    expect(await alarm(id)).toBe(true)
    await evictDurableObject(env.SANDBOX.getByName(id))
    await world.pace(id)
    world.receive = world.endpoint
    expect(await providerIntent(world, order)).toMatchObject({ status: 'succeeded' })
    await alarm(id)
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'succeeded' })
    expect(world.sentTo(order.orderId)).toEqual(['payment.succeeded'])
  })

  it('still knows its idempotency keys', async () => {
    const id = await anIntent()
    await provider.confirm(id, 'pm_card_visa', 'k')
    await alarm(id)
    await provider.refund({ intentId: id, amount: 700, idempotencyKey: 'a' })
    await evictDurableObject(env.SANDBOX.getByName(id))
    await world.pace(id)
    expect((await provider.refund({ intentId: id, amount: 700, idempotencyKey: 'a' })).refunds).toHaveLength(1)
  })
})
