import { runDurableObjectAlarm } from 'cloudflare:test'
import { beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../../shared/contracts/errors'
import { maxCalls } from '../../shared/testing/data'
import { begin, cancel } from './commands'
import { type AnOrder, anOrder, aPaidPayment, aPayment, aWorld, balanceOf, confirm, theirs, type World } from './testing/fixtures'

let world: World
beforeEach(() => {
  world = aWorld()
})

it('takes in a batch of orders, and gives back the money of one, within the calls that the platform allows', async () => {
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
    expect(await theirs(world, order)).toMatchObject({
      id: first.intentId,
      amount: first.amount,
      status: 'requires_payment_method',
    })
  })

  it('makes one payment and one intent when it is delivered twice at once', async () => {
    const order = anOrder(world)
    expect((await world.deliver(order.created, order.created)).acked).toEqual(['m0', 'm1'])
    expect(await world.storedPayments(order.orderId)).toHaveLength(1)
    // Written once as created, and once more with the intent.
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'requires_payment_method', version: 2 })
  })

  it('is retried while the provider is down, and then goes on with the same payment', async () => {
    const order = anOrder(world)
    const down = world.depsWith({ createIntent: unavailable })
    await expect(begin(down, factsOf(order))).rejects.toThrow(AppError)
    const before = await world.payment(order.orderId)
    expect(before).toMatchObject({ status: 'created', intentId: null })
    await world.deliver(order.created)
    expect(await world.payment(order.orderId)).toMatchObject({ _id: before._id, status: 'requires_payment_method' })
  })

  it('reaches the same intent again when the first answer of the provider was lost', async () => {
    const order = anOrder(world)
    const made: string[] = []
    const losing = world.depsWith({
      createIntent: async (wish) => {
        made.push((await world.deps.providers.sandbox.createIntent(wish)).id)
        throw new AppError('timeout')
      },
    })
    await expect(begin(losing, factsOf(order))).rejects.toThrow(AppError)
    await world.deliver(order.created)
    expect([(await world.payment(order.orderId)).intentId]).toEqual(made)
  })
})

describe('order.canceled', () => {
  it('voids what nobody has paid and cancels the intent', async () => {
    const order = await aPayment(world)
    await world.deliver(order.canceled('expired'))
    expect(await world.payment(order.orderId)).toMatchObject({
      status: 'voided',
      canceled: 'expired',
      intentClosed: true,
      dueAt: null,
    })
    expect(await theirs(world, order)).toMatchObject({ status: 'canceled' })
    expect(world.sentTo(order.orderId)).toEqual([])
  })

  it('that comes before order.created leaves a voided payment, of which no intent is made', async () => {
    const order = anOrder(world)
    await world.deliver(order.canceled())
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'voided', intentId: null, buyerId: order.buyer.userId })
    await world.deliver(order.created, order.canceled())
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'voided', intentId: null, dueAt: null })
  })

  it('that comes before order.created is remembered in one write: no crash leaves a payment that could be begun', async () => {
    const order = anOrder(world)
    const save = () => Promise.reject(new Error('the database went away'))
    const payments = { ...world.deps.payments, publishing: () => ({ load: world.deps.payments.load, save }) }
    await cancel({ ...world.deps, payments }, { ...factsOf(order), reason: 'buyer' })
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'voided', dueAt: null })
  })

  it('that comes together with order.created leaves no intent that could be paid', async () => {
    const order = anOrder(world)
    expect((await world.deliver(order.created, order.canceled())).acked).toEqual(['m0', 'm1'])
    const { status, intentId } = await world.payment(order.orderId)
    expect(status).toBe('voided')
    if (intentId) expect(await theirs(world, order)).toMatchObject({ status: 'canceled' })
  })

  it('that comes while the intent is being made still ends it', async () => {
    const order = anOrder(world)
    const overtaken = world.depsWith({
      createIntent: async (wish) => {
        await world.deliver(order.canceled())
        return world.deps.providers.sandbox.createIntent(wish)
      },
    })
    await begin(overtaken, factsOf(order))
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'voided', intentClosed: true })
    expect(await theirs(world, order)).toMatchObject({ status: 'canceled' })
  })

  it('gives collected money back in full, once, whatever the redeliveries', async () => {
    const order = await aPaidPayment(world)
    await world.deliver(order.canceled('seller'), order.canceled('seller'))
    await world.deliver(order.canceled('seller'))
    const payment = await world.payment(order.orderId)
    expect(payment).toMatchObject({
      status: 'refunded',
      refunds: [{ amount: 5_000, status: 'succeeded', reason: 'seller' }],
      dueAt: null,
    })
    expect((await theirs(world, order))?.refunds).toEqual([{ idempotencyKey: payment.refunds[0]?.id, amount: 5_000 }])
    expect(world.sentTo(order.orderId)).toEqual(['payment.succeeded', 'payment.refunded'])
    expect(world.sentOf('payment.refunded', order.orderId)[0]?.data).toMatchObject({
      refundId: payment.refunds[0]?.id,
      refundedTotal: { amount: 5_000, currency: 'USD' },
      reason: 'seller',
    })
    expect(await balanceOf(world, order)).toEqual({ provider_clearing: 0, platform_payable: 0, transactions: 2 })
  })

  it('gives back only what a partial refund has left', async () => {
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

  it('of a declined payment leaves it failed and ends its intent', async () => {
    const order = await aPayment(world)
    await confirm(world, order, 'pm_card_chargeDeclined')
    await runDurableObjectAlarm(await world.stub(order.orderId))
    await world.deliver(order.canceled('payment_failed'))
    expect(await world.payment(order.orderId)).toMatchObject({
      status: 'failed',
      declineCode: 'generic_decline',
      intentClosed: true,
    })
    expect(await theirs(world, order)).toMatchObject({ status: 'canceled' })
    expect(world.sentTo(order.orderId)).toEqual(['payment.failed'])
  })

  it('is retried while the provider is down: the payment is voided already, the intent follows', async () => {
    const order = await aPayment(world)
    await expect(cancel(world.depsWith({ cancelIntent: unavailable }), { ...factsOf(order), reason: 'buyer' })).rejects.toThrow(
      AppError,
    )
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'voided', intentClosed: false })
    await world.deliver(order.canceled())
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'voided', intentClosed: true })
  })
})

describe('an order canceled at the moment of success', () => {
  it('gives the money back when the provider had it already, though its webhook is lost', async () => {
    const order = await aPayment(world)
    await confirm(world, order)
    world.receive = () => new Response(null, { status: 503 })
    await runDurableObjectAlarm(await world.stub(order.orderId))
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'processing' })
    await world.deliver(order.canceled())
    await expectReturned(world, order)
  })

  it('gives the money back when the success comes after the cancellation that could not reach the provider', async () => {
    const order = await aPayment(world)
    await confirm(world, order)
    await expect(cancel(world.depsWith({ cancelIntent: unavailable }), { ...factsOf(order), reason: 'expired' })).rejects.toThrow(
      AppError,
    )
    await runDurableObjectAlarm(await world.stub(order.orderId))
    await expectReturned(world, order)
    expect(world.sentOf('payment.refunded', order.orderId)[0]?.data.reason).toBe('expired')
  })

  it.each(['cancellation first', 'success first'])('never keeps money without an order: %s, both at once', async (first) => {
    const order = await aPayment(world)
    await confirm(world, order)
    const stub = await world.stub(order.orderId)
    const happen = [() => world.deliver(order.canceled()), () => runDurableObjectAlarm(stub)]
    await Promise.all((first === 'success first' ? happen.reverse() : happen).map((it) => it()))
    const [payment, intent] = [await world.payment(order.orderId), await theirs(world, order)]
    expect([`${payment.status} ${intent?.status}`]).toEqual([expect.stringMatching(/^(voided canceled|refunded succeeded)$/)])
    const returned = intent?.refunds.reduce((sum, { amount }) => sum + amount, 0)
    expect(returned).toBe(intent?.status === 'succeeded' ? 5_000 : 0)
  })

  it('lets no confirmation through that was under way', async () => {
    const order = await aPayment(world)
    await Promise.all([confirm(world, order), world.deliver(order.canceled())])
    await runDurableObjectAlarm(await world.stub(order.orderId))
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'voided', captured: false })
    expect(await theirs(world, order)).toMatchObject({ status: 'canceled' })
  })
})

/** The shopper has everything back, and the order was never told that it is paid. */
async function expectReturned(world: World, order: AnOrder) {
  expect(await world.payment(order.orderId)).toMatchObject({ status: 'refunded', captured: true, dueAt: null })
  expect((await theirs(world, order))?.refunds.map(({ amount }) => amount)).toEqual([5_000])
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
