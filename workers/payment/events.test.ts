import { runDurableObjectAlarm } from 'cloudflare:test'
import { beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../../shared/contracts/errors'
import { maxCalls } from '../../shared/testing/data'
import { begin, cancel } from './commands'
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

let world: World
beforeEach(() => {
  world = aWorld()
})

it('begins and refunds a batch of orders within the calls that the platform allows', async () => {
  // As many as `max_batch_size` in wrangler/payment.jsonc.
  const orders = Array.from({ length: 4 }, () => anOrder(world))
  world.store.calls = 0
  expect((await world.deliver(...orders.map(({ created }) => created))).acked.length).toBe(4)
  expect(world.store.calls).toBeLessThanOrEqual(maxCalls)
  const paid = await Promise.all(orders.map(() => aPaidPayment(world)))
  world.store.calls = 0
  expect((await world.deliver(...paid.map(({ canceled }) => canceled()))).acked.length).toBe(4)
  expect(world.store.calls).toBeLessThanOrEqual(maxCalls)
})

it('costs two calls of the store to begin, two to confirm, and four when the provider reports', async () => {
  const order = anOrder(world)
  const counts: number[] = []
  const counting = async (work: () => Promise<unknown>) => {
    world.store.calls = 0
    await work()
    counts.push(world.store.calls)
  }
  await counting(() => world.deliver(order.created))
  await world.pace(await world.intentId(order.orderId))
  const stub = await world.stub(order.orderId)
  await counting(() => confirm(world, order))
  await counting(() => runDurableObjectAlarm(stub))
  expect(counts).toEqual([2, 2, 4])
  expect(await world.payment(order.orderId)).toMatchObject({ status: 'succeeded', outbox: [], journal: [] })
})

describe('order.created', () => {
  it('makes one payment and one intent, however often it is delivered', async () => {
    const order = anOrder(world)
    await world.deliver(order.created)
    const first = await world.payment(order.orderId)
    expect(first).toMatchObject({ status: 'requires_payment_method', amount: { amount: 5_000, currency: 'USD' }, dueAt: null })
    expect((await world.deliver(order.created)).acked).toEqual(['m0'])
    expect(await world.payment(order.orderId)).toEqual(first)
    expect(await providerIntent(world, order)).toMatchObject({
      id: first.intentId,
      amount: first.amount,
      status: 'requires_payment_method',
    })
  })

  it('makes one payment and one intent when it is delivered twice at once', async () => {
    const order = anOrder(world)
    expect((await world.deliver(order.created, order.created)).acked).toEqual(['m0', 'm1'])
    expect(await world.storedPayments(order.orderId)).toHaveLength(1)
    // The first write creates it, the second adds the intent.
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'requires_payment_method', version: 2 })
  })

  it('is retried while the provider is down, and then continues with the same payment', async () => {
    const order = anOrder(world)
    const down = world.depsWith({ createIntent: unavailable })
    await expect(begin(down, factsOf(order))).rejects.toThrow(AppError)
    const before = await world.payment(order.orderId)
    expect(before).toMatchObject({ status: 'created', intentId: null })
    await world.deliver(order.created)
    expect(await world.payment(order.orderId)).toMatchObject({ _id: before._id, status: 'requires_payment_method' })
  })

  it('finds the same intent again when the first answer of the provider was lost', async () => {
    const order = anOrder(world)
    const made: string[] = []
    const losing = world.depsWith({
      createIntent: async (request) => {
        made.push((await world.deps.providers.sandbox.createIntent(request)).id)
        throw new AppError('timeout')
      },
    })
    await expect(begin(losing, factsOf(order))).rejects.toThrow(AppError)
    await world.deliver(order.created)
    expect([(await world.payment(order.orderId)).intentId]).toEqual(made)
  })
})

describe('order.canceled', () => {
  it('voids an unpaid payment and cancels its intent', async () => {
    const order = await aPayment(world)
    await world.deliver(order.canceled('expired'))
    expect(await world.payment(order.orderId)).toMatchObject({
      status: 'voided',
      canceled: 'expired',
      intentClosed: true,
      dueAt: null,
    })
    expect(await providerIntent(world, order)).toMatchObject({ status: 'canceled' })
    expect(world.sentTo(order.orderId)).toEqual([])
  })

  it('leaves a voided payment without an intent when it comes before order.created', async () => {
    const order = anOrder(world)
    await world.deliver(order.canceled())
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'voided', intentId: null, buyerId: order.buyer.userId })
    await world.deliver(order.created, order.canceled())
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'voided', intentId: null, dueAt: null })
  })

  it('writes that voided payment at once, so that no crash leaves a payment that could be begun', async () => {
    const order = anOrder(world)
    const save = () => Promise.reject(new Error('the database went away'))
    const payments = { ...world.deps.payments, publishing: () => ({ load: world.deps.payments.load, save }) }
    await cancel({ ...world.deps, payments }, { ...factsOf(order), reason: 'buyer' })
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'voided', dueAt: null })
  })

  it('leaves no intent that could be paid when it comes together with order.created', async () => {
    const order = anOrder(world)
    expect((await world.deliver(order.created, order.canceled())).acked).toEqual(['m0', 'm1'])
    const { status, intentId } = await world.payment(order.orderId)
    expect(status).toBe('voided')
    if (intentId) expect(await providerIntent(world, order)).toMatchObject({ status: 'canceled' })
  })

  it('ends an intent that is being made', async () => {
    const order = anOrder(world)
    const overtaken = world.depsWith({
      createIntent: async (request) => {
        await world.deliver(order.canceled())
        return world.deps.providers.sandbox.createIntent(request)
      },
    })
    await begin(overtaken, factsOf(order))
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'voided', intentClosed: true })
    expect(await providerIntent(world, order)).toMatchObject({ status: 'canceled' })
  })

  it('refunds collected money in full, once, however often it is delivered', async () => {
    const order = await aPaidPayment(world)
    await world.deliver(order.canceled('seller'), order.canceled('seller'))
    await world.deliver(order.canceled('seller'))
    const payment = await world.payment(order.orderId)
    expect(payment).toMatchObject({
      status: 'refunded',
      refunds: [{ amount: 5_000, status: 'succeeded', reason: 'seller' }],
      dueAt: null,
    })
    expect((await providerIntent(world, order))?.refunds).toEqual([{ idempotencyKey: payment.refunds[0]?.id, amount: 5_000 }])
    expect(world.sentTo(order.orderId)).toEqual(['payment.succeeded', 'payment.refunded'])
    expect(world.sentOf('payment.refunded', order.orderId)[0]?.data).toMatchObject({
      refundId: payment.refunds[0]?.id,
      refundedTotal: { amount: 5_000, currency: 'USD' },
      reason: 'seller',
    })
    expect(await balanceOf(world, order)).toEqual({ provider_clearing: 0, platform_payable: 0, transactions: 2 })
  })

  it('refunds only what a partial refund has left', async () => {
    const order = await aPaidPayment(world)
    const { _id } = await world.payment(order.orderId)
    await world.refund(order.orderId, 1_200)
    await world.deliver(order.canceled())
    expect(await world.payment(order.orderId)).toMatchObject({
      _id,
      status: 'refunded',
      refunds: [{ amount: 1_200 }, { amount: 3_800 }],
    })
    expect(world.sentOf('payment.refunded', order.orderId).map(({ data }) => data.refundedTotal.amount)).toEqual([1_200, 5_000])
  })

  it('leaves a declined payment failed and cancels its intent', async () => {
    const order = await aPayment(world)
    await confirm(world, order, 'pm_card_chargeDeclined')
    await runDurableObjectAlarm(await world.stub(order.orderId))
    await world.deliver(order.canceled('payment_failed'))
    expect(await world.payment(order.orderId)).toMatchObject({
      status: 'failed',
      declineCode: 'generic_decline',
      intentClosed: true,
    })
    expect(await providerIntent(world, order)).toMatchObject({ status: 'canceled' })
    expect(world.sentTo(order.orderId)).toEqual(['payment.failed'])
  })

  it('is retried while the provider is down: it voids the payment at once and cancels the intent later', async () => {
    const order = await aPayment(world)
    await expect(cancel(world.depsWith({ cancelIntent: unavailable }), { ...factsOf(order), reason: 'buyer' })).rejects.toThrow(
      AppError,
    )
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'voided', intentClosed: false })
    await world.deliver(order.canceled())
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'voided', intentClosed: true })
  })
})

describe('an order that is canceled while its payment succeeds', () => {
  it('is refunded when the provider has the money already but its webhook is lost', async () => {
    const order = await aPayment(world)
    await confirm(world, order)
    world.receive = () => new Response(null, { status: 503 })
    await runDurableObjectAlarm(await world.stub(order.orderId))
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'processing' })
    await world.deliver(order.canceled())
    await expectReturned(world, order)
  })

  it('is refunded when the success follows a cancellation that did not reach the provider', async () => {
    const order = await aPayment(world)
    await confirm(world, order)
    await expect(cancel(world.depsWith({ cancelIntent: unavailable }), { ...factsOf(order), reason: 'expired' })).rejects.toThrow(
      AppError,
    )
    await runDurableObjectAlarm(await world.stub(order.orderId))
    await expectReturned(world, order)
    expect(world.sentOf('payment.refunded', order.orderId)[0]?.data.reason).toBe('expired')
  })

  it.each(['cancellation first', 'success first'])('never leaves money without an order: %s, both at once', async (first) => {
    const order = await aPayment(world)
    await confirm(world, order)
    const stub = await world.stub(order.orderId)
    const happen = [() => world.deliver(order.canceled()), () => runDurableObjectAlarm(stub)]
    await Promise.all((first === 'success first' ? happen.reverse() : happen).map((it) => it()))
    const [payment, intent] = [await world.payment(order.orderId), await providerIntent(world, order)]
    expect([`${payment.status} ${intent?.status}`]).toEqual([expect.stringMatching(/^(voided canceled|refunded succeeded)$/)])
    const returned = intent?.refunds.reduce((sum, { amount }) => sum + amount, 0)
    expect(returned).toBe(intent?.status === 'succeeded' ? 5_000 : 0)
  })

  it('stops a confirmation that is under way', async () => {
    const order = await aPayment(world)
    await Promise.all([confirm(world, order), world.deliver(order.canceled())])
    await runDurableObjectAlarm(await world.stub(order.orderId))
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'voided', captured: false })
    expect(await providerIntent(world, order)).toMatchObject({ status: 'canceled' })
  })
})

/** Expects that the shopper has all money back, and that payment.succeeded was never published. */
async function expectReturned(world: World, order: AnOrder) {
  expect(await world.payment(order.orderId)).toMatchObject({ status: 'refunded', captured: true, dueAt: null })
  expect((await providerIntent(world, order))?.refunds.map(({ amount }) => amount)).toEqual([5_000])
  expect(world.sentTo(order.orderId)).toEqual(['payment.refunded'])
  expect(await balanceOf(world, order)).toEqual({ provider_clearing: 0, platform_payable: 0, transactions: 2 })
}

const factsOf = ({ orderId, buyer }: AnOrder) => ({
  orderId,
  buyerId: buyer.userId,
  grand: { amount: 5_000, currency: 'USD' as const },
})
const unavailable = async (): Promise<never> => {
  throw new AppError('unavailable')
}
