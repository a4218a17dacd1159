import { runDurableObjectAlarm } from 'cloudflare:test'
import { beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../../shared/contracts/errors'
import { newId } from '../../shared/contracts/ids'
import { maxCalls } from '../../shared/testing/data'
import { begin, cancel, confirm as confirmPayment, refund } from './commands'
import type { PaymentProvider } from './provider'
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

let world: World
beforeEach(() => {
  world = aWorld()
})

const minute = 60_000

describe('the reconciler', () => {
  it.each(['pm_card_visa', 'pm_card_chargeDeclined'])(
    'applies the outcome of a payment whose webhook was lost: %s',
    async (method) => {
      const order = await aPayment(world)
      await confirm(world, order, method)
      world.receive = () => new Response(null, { status: 500 })
      await runDurableObjectAlarm(await world.stub(order.orderId))
      await sweep(world.deps)
      expect(await world.payment(order.orderId)).toMatchObject({ status: 'processing' })
      world.clock.advance(2 * minute)
      await sweep(world.deps)
      const succeeded = method === 'pm_card_visa'
      expect(await world.payment(order.orderId)).toMatchObject({ status: succeeded ? 'succeeded' : 'failed', dueAt: null })
      expect(world.sentTo(order.orderId)).toEqual([succeeded ? 'payment.succeeded' : 'payment.failed'])
    },
  )

  it('applies the outcome once when the webhook comes at the same moment', async () => {
    const order = await aPayment(world)
    await confirm(world, order)
    world.receive = () => new Response(null, { status: 500 })
    await runDurableObjectAlarm(await world.stub(order.orderId))
    world.receive = world.endpoint
    world.clock.advance(2 * minute)
    await Promise.all([sweep(world.deps), runDurableObjectAlarm(await world.stub(order.orderId)), sweep(world.deps)])
    expect(world.sentTo(order.orderId)).toEqual(['payment.succeeded'])
    expect(await balanceOf(world, order)).toMatchObject({ transactions: 1 })
  })

  it('asks the provider once when two sweeps run at once', async () => {
    const order = await aPayment(world)
    await confirm(world, order)
    const asked: unknown[] = []
    const counting = world.depsWith({
      retrieve: (id) => {
        asked.push(id)
        return world.deps.providers.sandbox.retrieve(id)
      },
    })
    world.clock.advance(2 * minute)
    await Promise.all([sweep(counting), sweep(counting), sweep(counting)])
    expect(asked).toEqual([await world.intentId(order.orderId)])
  })

  it('makes the intent of a payment that a crash left without one', async () => {
    const order = anOrder(world)
    await expect(begin(world.depsWith({ createIntent: unavailable }), factsOf(order))).rejects.toThrow(AppError)
    await sweep(world.deps)
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'created' })
    world.clock.advance(2 * minute)
    await sweep(world.deps)
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'requires_payment_method', dueAt: null })
  })

  it('sends the payment method again when the first call never reached the provider', async () => {
    const order = await aPayment(world)
    const status = await confirmPayment(
      world.depsWith({ confirm: unavailable }),
      order.buyer.userId,
      order.orderId,
      'pm_card_visa',
    )
    expect(status).toBe('processing')
    expect(await providerIntent(world, order)).toMatchObject({ status: 'requires_payment_method' })
    world.clock.advance(2 * minute)
    await sweep(world.deps)
    expect(await providerIntent(world, order)).toMatchObject({ status: 'processing' })
    await runDurableObjectAlarm(await world.stub(order.orderId))
    expect(world.sentTo(order.orderId)).toEqual(['payment.succeeded'])
  })

  it('lets the shopper try again when the provider then refuses the payment method', async () => {
    const order = await aPayment(world)
    await confirmPayment(world.depsWith({ confirm: unavailable }), order.buyer.userId, order.orderId, 'pm_card_visa')
    world.clock.advance(2 * minute)
    await sweep(world.depsWith({ confirm: async () => Promise.reject(new AppError('validation_failed')) }))
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'requires_payment_method', dueAt: null })
    expect((await confirm(world, order)).status).toBe(202)
  })

  it('finishes a refund whose answer was lost without refunding twice', async () => {
    const order = await aPaidPayment(world)
    const losing: PaymentProvider['refund'] = async (request) => {
      await world.deps.providers.sandbox.refund(request)
      throw new AppError('timeout')
    }
    const asked = await refund(world.depsWith({ refund: losing }), order.orderId, {
      refundId: newId('ref'),
      amount: null,
      reason: 'test',
      by: newId('usr'),
    })
    expect(asked.status).toBe('pending')
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'refunding' })
    world.clock.advance(2 * minute)
    await sweep(world.deps)
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'refunded', dueAt: null })
    expect((await providerIntent(world, order))?.refunds).toEqual([{ idempotencyKey: asked.id, amount: 5_000 }])
    expect(await balanceOf(world, order)).toEqual({ provider_clearing: 0, platform_payable: 0, transactions: 2 })
  })

  it.each(['data_unsupported', 'busy', 'unavailable'] as const)(
    'does not take %s for a refusal: the refund stays to be done',
    async (code) => {
      const order = await aPaidPayment(world)
      const troubled = world.depsWith({ refund: () => Promise.reject(new AppError(code)) })
      expect(
        await refund(troubled, order.orderId, { refundId: newId('ref'), amount: null, reason: 'test', by: newId('usr') }),
      ).toMatchObject({
        status: 'pending',
      })
      expect(await world.payment(order.orderId)).toMatchObject({ status: 'refunding', dueAt: world.clock() + minute })
    },
  )

  it('does not take an error of our own for a refusal: a refund that happened stays', async () => {
    const order = await aPaidPayment(world)
    const { payments } = world.deps
    const failing: typeof payments.publishing = (publish) => {
      const { load, save } = payments.publishing(publish)
      const failingSave: typeof save = async (before, decision) => {
        if (decision.state.refunds?.some(({ status }) => status === 'succeeded')) throw new AppError('data_invalid')
        return save(before, decision)
      }
      return { load, save: failingSave }
    }
    const broken = { ...world.deps, payments: { ...payments, publishing: failing } }
    const asked = await refund(broken, order.orderId, { refundId: newId('ref'), amount: null, reason: 'test', by: newId('usr') })
    expect(asked.status).toBe('pending')
    world.clock.advance(2 * minute)
    await sweep(world.deps)
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'refunded', refunds: [{ status: 'succeeded' }] })
  })

  it('cancels the intent of a voided payment when the first cancellation did not get through', async () => {
    const order = await aPayment(world)
    const down = world.depsWith({ cancelIntent: unavailable })
    await expect(cancel(down, { ...factsOf(order), reason: 'buyer' })).rejects.toThrow(AppError)
    world.clock.advance(2 * minute)
    await sweep(world.deps)
    expect(await providerIntent(world, order)).toMatchObject({ status: 'canceled' })
    expect(await world.payment(order.orderId)).toMatchObject({ status: 'voided', dueAt: null })
  })

  it('is not held up by a payment that fails, and retries it a minute later', async () => {
    const [stuck, fine] = [await aPayment(world), await aPayment(world)]
    for (const order of [stuck, fine]) {
      await confirm(world, order)
      world.receive = () => new Response(null, { status: 500 })
      await runDurableObjectAlarm(await world.stub(order.orderId))
    }
    const { intentId } = await world.payment(stuck.orderId)
    const asked: unknown[] = []
    const half = world.depsWith({
      retrieve: async (id) => {
        asked.push(id)
        if (id === intentId) throw new AppError('unavailable')
        return world.deps.providers.sandbox.retrieve(id)
      },
    })
    world.clock.advance(2 * minute)
    await sweep(half)
    expect(await world.payment(fine.orderId)).toMatchObject({ status: 'succeeded' })
    await sweep(half)
    expect(asked).toHaveLength(2)
    world.clock.advance(2 * minute)
    await sweep(world.deps)
    expect(await world.payment(stuck.orderId)).toMatchObject({ status: 'succeeded' })
  })

  it('reaches all due payments, a few at a time, within the calls that the platform allows', async () => {
    const orders = await Promise.all(Array.from({ length: 8 }, () => aPaidPayment(world)))
    const down = world.depsWith({ refund: unavailable })
    for (const { orderId } of orders)
      await refund(down, orderId, { refundId: newId('ref'), amount: null, reason: 'test', by: newId('usr') })
    world.clock.advance(2 * minute)
    for (let ticks = 0; ticks < 2; ticks++) {
      world.store.calls = 0
      await sweep(world.deps)
      expect(world.store.calls).toBeLessThanOrEqual(maxCalls)
    }
    const statuses = await Promise.all(orders.map(async ({ orderId }) => (await world.payment(orderId)).status))
    expect(new Set(statuses)).toEqual(new Set(['refunded']))
  })

  it('runs by cron and by the endpoint of local runs', async () => {
    const order = await aPayment(world)
    world.down = true
    await confirm(world, order)
    await runDurableObjectAlarm(await world.stub(order.orderId))
    world.down = false
    expect((await world.call('POST', '/internal/sweep')).status).toBe(200)
    expect(world.sentTo(order.orderId)).toEqual(['payment.succeeded'])
  })
})

const factsOf = ({ orderId, buyer }: AnOrder) => ({
  orderId,
  buyerId: buyer.userId,
  grand: { amount: 5_000, currency: 'USD' as const },
})
const unavailable = async (): Promise<never> => {
  throw new AppError('unavailable')
}
