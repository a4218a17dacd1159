import { runDurableObjectAlarm } from 'cloudflare:test'
import { beforeEach, describe, expect, it } from 'vitest'
import { iso, newId } from '../../shared/contracts/ids'
import { money } from '../../shared/contracts/money'
import { routeBattery } from '../../shared/testing/battery'
import { anActor } from '../../shared/testing/factories'
import { confirm as confirmPayment } from './commands'
import { app } from './routes'
import { anOrder, aPaidPayment, aPayment, aWorld, balanceOf, confirm, providerIntent, type World } from './testing/fixtures'

let world: World
beforeEach(() => {
  world = aWorld()
})

const ghost = newId('ord')
const foreign =
  (role: 'buyer' | 'admin', suffix = '') =>
  async () => {
    const { orderId } = await aPayment(world)
    // An admin sees every existing payment.
    return { path: `/v1/payments/${role === 'admin' ? newId('ord') : orderId}${suffix}`, actor: anActor(role) }
  }

routeBattery(app, (request) => world.endpoint(request), [
  { route: 'GET /v1/payments/{orderId}', access: 'signed-in', path: `/v1/payments/${ghost}`, foreign: foreign('buyer') },
  {
    route: 'POST /v1/payments/{orderId}/confirm',
    access: 'signed-in',
    path: `/v1/payments/${ghost}/confirm`,
    body: { paymentMethod: 'pm_card_visa' },
    foreign: foreign('buyer', '/confirm'),
    works: async () => {
      const { orderId, buyer } = await aPayment(world)
      return { path: `/v1/payments/${orderId}/confirm`, actor: buyer, other: { paymentMethod: 'pm_card_mastercard' } }
    },
  },
  {
    route: 'POST /v1/payments/{orderId}/refunds',
    access: ['admin'],
    path: `/v1/payments/${ghost}/refunds`,
    headers: { 'idempotency-key': 'battery' },
    body: { amount: money(1, 'USD'), reason: 'broken' },
    foreign: foreign('admin', '/refunds'),
    works: async () => ({ path: `/v1/payments/${(await aPaidPayment(world)).orderId}/refunds`, other: {} }),
  },
  {
    route: 'POST /v1/payments/webhooks/{provider}',
    access: 'public',
    path: '/v1/payments/webhooks/sandbox',
    shared: 'providers sign what they send',
  },
])

describe('GET a payment', () => {
  it('shows it only to its buyer and to an admin', async () => {
    const order = await aPayment(world)
    const path = `/v1/payments/${order.orderId}`
    const { _id, createdAt, updatedAt } = await world.payment(order.orderId)
    const { status, json } = await world.call('GET', path, { actor: order.buyer })
    expect(status).toBe(200)
    expect(json).toEqual({
      id: _id,
      orderId: order.orderId,
      status: 'requires_payment_method',
      amount: money(5_000, 'USD'),
      refunded: money(0, 'USD'),
      provider: 'sandbox',
      createdAt: iso(createdAt),
      updatedAt: iso(updatedAt),
    })
    expect((await world.call('GET', path, { actor: anActor('admin') })).json.id).toBe(_id)
    for (const role of ['guest', 'buyer', 'seller'] as const)
      expect((await world.call('GET', path, { actor: anActor(role) })).status).toBe(404)
  })

  it('answers 404 until order.created comes', async () => {
    const order = anOrder(world)
    expect((await world.call('GET', `/v1/payments/${order.orderId}`, { actor: order.buyer })).status).toBe(404)
    await world.deliver(order.created)
    expect((await world.call('GET', `/v1/payments/${order.orderId}`, { actor: order.buyer })).status).toBe(200)
  })
})

describe('confirming a payment', () => {
  it('answers processing, and the outcome follows', async () => {
    const order = await aPayment(world)
    const { status, json } = await confirm(world, order)
    expect([status, json]).toEqual([202, { status: 'processing' }])
    await runDurableObjectAlarm(await world.stub(order.orderId))
    expect((await confirm(world, order)).json).toEqual({ status: 'succeeded' })
    expect(world.sentTo(order.orderId)).toEqual(['payment.succeeded'])
  })

  it('does not wait for order.created, which then finds the same payment and intent', async () => {
    const order = anOrder(world)
    expect((await confirm(world, order, 'pm_card_nonsense')).status).toBe(422)
    expect(await world.deps.payments.byOrder(order.orderId)).toBeNull()
    expect((await confirm(world, order)).json).toEqual({ status: 'processing' })
    const payment = await world.payment(order.orderId)
    await world.deliver(order.created)
    expect(await world.payment(order.orderId)).toMatchObject({
      _id: payment._id,
      intentId: payment.intentId,
      status: 'processing',
    })
  })

  it('makes no payment for an order that has ended', async () => {
    const order = anOrder(world)
    const known = world.orders.get(order.orderId)
    if (known) world.orders.set(order.orderId, { ...known, status: 'canceled' })
    expect((await confirm(world, order)).json).toMatchObject({ status: 409, code: 'invalid_state' })
    expect(await world.deps.payments.byOrder(order.orderId)).toBeNull()
  })

  it('calls the provider once when it is requested several times at once', async () => {
    const order = await aPayment(world)
    const methodsSent: string[] = []
    const deps = world.depsWith({
      confirm: async (intentId, method, key) => {
        methodsSent.push(method)
        return world.deps.providers.sandbox.confirm(intentId, method, key)
      },
    })
    const methods = ['pm_card_visa', 'pm_card_chargeDeclined', 'pm_card_amex', 'pm_card_mastercard']
    const statuses = await Promise.all(methods.map((method) => confirmPayment(deps, order.buyer.userId, order.orderId, method)))
    expect(statuses).toEqual(['processing', 'processing', 'processing', 'processing'])
    expect(methodsSent).toHaveLength(1)
    expect((await world.payment(order.orderId)).confirmation?.paymentMethod).toBe(methodsSent[0])
  })

  it.each([
    ['pm_card_chargeDeclined', 'generic_decline'],
    ['pm_card_chargeDeclinedInsufficientFunds', 'insufficient_funds'],
    ['pm_card_chargeDeclinedLostCard', 'lost_card'],
    ['pm_card_chargeDeclinedStolenCard', 'stolen_card'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card'],
    ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc'],
    ['pm_card_chargeDeclinedProcessingError', 'processing_error'],
  ])('with %s fails the payment for good', async (method, declineCode) => {
    const order = await aPayment(world)
    expect((await confirm(world, order, method)).json).toEqual({ status: 'processing' })
    await runDurableObjectAlarm(await world.stub(order.orderId))
    expect(world.sentOf('payment.failed', order.orderId).map(({ data }) => data.declineCode)).toEqual([declineCode])
    const { json } = await world.call('GET', `/v1/payments/${order.orderId}`, { actor: order.buyer })
    expect(json).toMatchObject({ status: 'failed', declineCode })
    expect((await confirm(world, order)).json.code).toBe('invalid_state')
    expect(world.sentTo(order.orderId)).toEqual(['payment.failed'])
  })

  it.each(['pm_card_visa', 'pm_card_mastercard', 'pm_card_amex', 'pm_card_discover'])('with %s succeeds', async (method) => {
    const order = await aPayment(world)
    await confirm(world, order, method)
    await runDurableObjectAlarm(await world.stub(order.orderId))
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'succeeded' })
  })

  it.each(['pm_card_nonsense', 'toString', '__proto__', '4242424242424242'])(
    'refuses %s and leaves the payment open',
    async (method) => {
      const order = await aPayment(world)
      const before = await world.payment(order.orderId)
      const { status, json } = await confirm(world, order, method)
      expect([status, json.errors[0].path]).toEqual([422, 'paymentMethod'])
      expect(await world.payment(order.orderId)).toEqual(before)
    },
  )

  it('is refused once the order cannot be paid any more', async () => {
    const order = await aPayment(world)
    const payable = world.orders.get(order.orderId)
    if (!payable) throw new Error('there is no such order')
    const answers: string[] = []
    const attempt = async (change: Partial<typeof payable>) => {
      world.orders.set(order.orderId, { ...payable, ...change })
      const { status, json } = await confirm(world, order)
      answers.push(`${status} ${json.code}`)
    }
    await attempt({ status: 'canceled' })
    await attempt({ payBefore: world.clock() })
    await attempt({ buyerId: newId('usr') })
    world.orders.delete(order.orderId)
    const { status, json } = await confirm(world, order)
    expect([...answers, `${status} ${json.code}`]).toEqual([
      '409 invalid_state',
      '409 invalid_state',
      '404 not_found',
      '404 not_found',
    ])
    expect(await providerIntent(world, order)).toMatchObject({ status: 'requires_payment_method' })
    world.orders.set(order.orderId, { ...payable, payBefore: world.clock() + 60_000 })
    expect((await confirm(world, order)).status).toBe(202)
  })

  it('is refused for a voided payment although the order Worker still answers that it can be paid', async () => {
    const order = await aPayment(world)
    await world.deliver(order.canceled())
    expect((await confirm(world, order)).json).toMatchObject({ status: 409, code: 'invalid_state' })
  })
})

describe('refunds', () => {
  it('return parts up to what was captured, once per key', async () => {
    const order = await aPaidPayment(world)
    const first = await world.refund(order.orderId, 2_000, 'one')
    expect([first.status, first.json]).toEqual([
      201,
      { id: expect.stringMatching(/^ref_/), status: 'succeeded', amount: money(2_000, 'USD') },
    ])
    expect((await world.refund(order.orderId, 2_000, 'one')).json).toEqual(first.json)
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'succeeded' })
    expect((await world.refund(order.orderId, 3_001)).json).toMatchObject({ status: 409, code: 'invalid_state' })
    expect((await world.refund(order.orderId)).json.amount).toEqual(money(3_000, 'USD'))
    expect((await world.refund(order.orderId)).status).toBe(409)
    const { json } = await world.call('GET', `/v1/payments/${order.orderId}`, { actor: order.buyer })
    expect(json).toMatchObject({ status: 'refunded', refunded: money(5_000, 'USD') })
    expect(world.sentTo(order.orderId)).toEqual(['payment.succeeded', 'payment.refunded', 'payment.refunded'])
    const requests = world.recordedOf('refund.requested', order.orderId).map(({ data }) => [data.refund.amount, data.by])
    expect(requests).toEqual([
      [2_000, world.operator.userId],
      [3_000, world.operator.userId],
    ])
    expect(await balanceOf(world, order)).toEqual({ provider_clearing: 0, platform_payable: 0, transactions: 3 })
  })

  it('never exceed what was captured when they come at once', async () => {
    const order = await aPaidPayment(world)
    const answers = await Promise.all(Array.from({ length: 8 }, () => world.refund(order.orderId, 1_500)))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 409, 409, 409, 409, 409])
    expect((await providerIntent(world, order))?.refunds.map(({ amount }) => amount)).toEqual([1_500, 1_500, 1_500])
    expect(await balanceOf(world, order)).toEqual({ provider_clearing: 500, platform_payable: -500, transactions: 4 })
  })

  it('are refused under a key of another amount; the same key on another order is another key', async () => {
    const [order, another] = [await aPaidPayment(world), await aPaidPayment(world)]
    await world.refund(order.orderId, 1_000, 'reused')
    const again = await world.refund(order.orderId, 1_001, 'reused')
    expect([again.status, again.json.code]).toEqual([422, 'idempotency_key_reused'])
    expect((await world.refund(another.orderId, 1_000, 'reused')).status).toBe(201)
    for (const each of [order, another])
      expect((await providerIntent(world, each))?.refunds.map(({ amount }) => amount)).toEqual([1_000])
  })

  it('happen once when a hundred requests bring one key at once', async () => {
    const order = await aPaidPayment(world)
    const answers = await Promise.all(Array.from({ length: 100 }, () => world.refund(order.orderId, 1_000, 'the-key')))
    const [made] = (await providerIntent(world, order))?.refunds ?? []
    for (const { status, json } of answers) {
      if (status === 201) expect(json.id).toBe(made?.idempotencyKey)
      else expect([status, json.code]).toEqual([409, 'idempotency_in_progress'])
    }
    expect((await providerIntent(world, order))?.refunds).toHaveLength(1)
  })

  it('require a key and a captured payment in the same currency', async () => {
    const order = await aPayment(world)
    const path = `/v1/payments/${order.orderId}/refunds`
    const actor = anActor('admin')
    expect((await world.call('POST', path, { actor, body: {} })).json.code).toBe('idempotency_key_required')
    expect((await world.refund(order.orderId)).json.code).toBe('invalid_state')
    const paid = await aPaidPayment(world, { grand: money(700, 'JPY') })
    expect((await world.refund(paid.orderId, 100)).json).toMatchObject({
      code: 'validation_failed',
      errors: [{ path: 'amount.currency' }],
    })
    expect((await world.refund(paid.orderId, 0)).status).toBe(422)
    expect((await world.refund(paid.orderId)).json.amount).toEqual(money(700, 'JPY'))
  })

  it('that the provider refuses are answered with invalid_state and leave the money where it is', async () => {
    const order = await aPaidPayment(world)
    // The money was refunded in the provider's own console.
    await world.deps.providers.sandbox.refund({
      intentId: await world.intentId(order.orderId),
      amount: 5_000,
      idempotencyKey: 'console',
    })
    expect((await world.refund(order.orderId, 1_000)).json).toMatchObject({ status: 409, code: 'invalid_state' })
    expect(await world.payment(order.orderId)).toMatchObject({
      status: 'succeeded',
      refunds: [{ status: 'failed' }],
      dueAt: null,
    })
  })
})
