import { describe, expect, it } from 'vitest'
import { AppError } from '../../shared/contracts/errors'
import { newId } from '../../shared/contracts/ids'
import { money } from '../../shared/contracts/money'
import { seeded } from '../../shared/testing/interleaving'
import { type Command, decide, dueAtOf, evolve, opened, owed, type PaymentState, refundable, refundedTotal } from './payment'
import type { Intent } from './provider'

const now = 1_000
const order = { orderId: newId('ord'), buyerId: newId('usr'), amount: money(1_000, 'USD'), provider: 'sandbox' as const }
const intent: Intent = {
  id: newId('pi'),
  status: 'requires_payment_method',
  amount: order.amount,
  declineCode: null,
  refunds: [],
}

const settle = (seen: Partial<Intent> = {}): Command => ({
  type: 'settle',
  intent: { ...intent, ...seen },
  refundId: newId('ref'),
})
const confirm: Command = { type: 'confirm', paymentMethod: 'pm_card_visa', idempotencyKey: 'k' }
const cancelOrder = (): Command => ({ type: 'cancelOrder', reason: 'buyer', refundId: newId('ref') })
const succeeded = () => settle({ status: 'succeeded' })
const declined = () => settle({ declineCode: 'lost_card' })

/** The payment after commands, each decided on what the one before left. */
const given = (...commands: Command[]): PaymentState =>
  commands.reduce<PaymentState>(
    (payment, command) => decide(payment, command, now).reduce((next, fact) => evolve(next, fact, now), payment),
    opened(order, now),
  )
const types = (payment: PaymentState, command: Command) => decide(payment, command, now).map(({ type }) => type)

describe('a payment', () => {
  it.each<[string, PaymentState, PaymentState['status']]>([
    ['nobody has acted on', given(), 'created'],
    ['with an intent', given(settle()), 'requires_payment_method'],
    ['that is confirmed', given(settle(), confirm), 'processing'],
    ['that succeeded', given(settle(), confirm, succeeded()), 'succeeded'],
    ['that succeeded before we wrote that it is confirmed', given(settle(), succeeded()), 'succeeded'],
    ['that was declined', given(settle(), confirm, declined()), 'failed'],
    ['that was declined, of a canceled order', given(settle(), confirm, declined(), cancelOrder()), 'failed'],
    ['whose intent was canceled by somebody else', given(settle(), settle({ status: 'canceled' })), 'failed'],
    ['of a canceled order', given(settle(), cancelOrder()), 'voided'],
    ['of an order that was canceled before it was created', given(cancelOrder()), 'voided'],
    ['of a canceled order, then declined', given(settle(), confirm, cancelOrder(), declined()), 'voided'],
    ['of a canceled order, then succeeded', given(settle(), confirm, cancelOrder(), succeeded()), 'refunding'],
    ['that was declined and then succeeded', given(settle(), confirm, declined(), succeeded()), 'refunding'],
    ['that succeeded, of a canceled order', given(settle(), succeeded(), cancelOrder()), 'refunding'],
  ])('%s', (_name, payment, status) => {
    expect(payment.status).toBe(status)
  })

  it('tells of success and failure only where somebody waits for them', () => {
    expect(decide(given(settle(), confirm), succeeded(), now)).toEqual([{ type: 'captured', late: false }])
    expect(decide(given(settle(), confirm, cancelOrder()), succeeded(), now)).toMatchObject([
      { type: 'captured', late: true },
      { type: 'refundRequested', refund: { amount: 1_000, reason: 'buyer', status: 'pending' } },
    ])
    expect(decide(given(settle(), confirm, declined()), succeeded(), now)).toMatchObject([
      { type: 'captured', late: true },
      { type: 'refundRequested', refund: { reason: 'payment_failed' } },
    ])
    expect(types(given(settle(), confirm, cancelOrder()), declined())).toEqual([])
    expect(types(given(settle(), confirm, succeeded()), declined())).toEqual([])
  })

  it('takes a new confirmation only after the provider refused the one before', () => {
    const processing = given(settle(), confirm)
    expect(types(processing, { ...confirm, idempotencyKey: 'other' })).toEqual([])
    expect(types(processing, { type: 'refuseConfirmation', idempotencyKey: 'other' })).toEqual([])
    const refused = given(settle(), confirm, { type: 'refuseConfirmation', idempotencyKey: 'k' })
    expect(refused.status).toBe('requires_payment_method')
    expect(types(refused, { ...confirm, idempotencyKey: 'other' })).toEqual(['confirmationStarted'])
    expect(types(given(settle(), confirm, cancelOrder()), { type: 'refuseConfirmation', idempotencyKey: 'k' })).toEqual([])
  })

  it('takes a refund in once by its id, whatever became of it', () => {
    const refund: Command = { type: 'refund', refundId: newId('ref'), amount: 400, reason: 'test', by: newId('usr') }
    const asked = given(settle(), succeeded(), refund)
    const done = given(settle(), succeeded(), refund, settle({ refunds: [{ idempotencyKey: refund.refundId, amount: 400 }] }))
    const refused = given(settle(), succeeded(), refund, { type: 'refuseRefund', refundId: refund.refundId })
    expect([asked, done, refused].map(({ status }) => status)).toEqual(['refunding', 'succeeded', 'succeeded'])
    for (const payment of [asked, done, refused]) expect(types(payment, refund)).toEqual([])
    expect([asked, done, refused].map(refundable)).toEqual([600, 600, 1_000])
  })

  it('asks the provider for what is still owed, and the reconciler to look meanwhile', () => {
    expect(owed(given())).toEqual({ do: 'create' })
    expect(owed(given(settle()))).toBeNull()
    expect(owed(given(settle(), cancelOrder()))).toEqual({ do: 'cancel' })
    expect(owed(given(settle(), cancelOrder(), settle({ status: 'canceled' })))).toBeNull()
    expect(owed(given(settle(), confirm, declined()))).toBeNull()
    expect(owed(given(settle(), confirm, declined(), cancelOrder()))).toEqual({ do: 'cancel' })
    expect(owed(given(settle(), succeeded(), cancelOrder()))).toMatchObject({ do: 'refund' })
    expect(owed(given(cancelOrder()))).toBeNull()
    expect([dueAtOf(given(settle(), confirm), now), dueAtOf(given(settle()), now)]).toEqual([now + 60_000, null])
  })

  it('of nothing is given back, too, once', () => {
    const free = { ...given(settle({ amount: money(0, 'USD') }), succeeded()), amount: money(0, 'USD') }
    expect(types(free, cancelOrder())).toEqual(['orderCanceled', 'refundRequested'])
    const [, request] = decide(free, cancelOrder(), now)
    if (request?.type !== 'refundRequested') throw new Error('no refund was asked for')
    const returned = [request, { type: 'refundSucceeded', refundId: request.refund.id } as const].reduce(
      (payment, fact) => evolve(payment, fact, now),
      free,
    )
    expect(returned.status).toBe('refunded')
  })

  it('never throws at the provider or at the order', () => {
    for (const payment of [
      given(),
      given(cancelOrder()),
      given(settle(), declined()),
      given(settle(), succeeded(), cancelOrder()),
    ]) {
      for (const command of [settle(), succeeded(), declined(), settle({ status: 'canceled' }), cancelOrder()]) {
        expect(() => decide(payment, command, now)).not.toThrow()
      }
    }
  })
})

describe('whatever happens in whatever order', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('money is conserved and told of once (walks of seed %i)', (seed) => {
    const random = seeded(seed)
    for (let walk = 0; walk < 25; walk++) {
      let payment: PaymentState = opened(order, now)
      const told = { success: 0, failure: 0, late: 0 }
      for (let step = 0; step < 30; step++) {
        const command = commandOf(random, payment)
        const facts = attempt(payment, command)
        payment = facts.reduce((next, fact) => evolve(next, fact, now), payment)
        for (const fact of facts) {
          if (fact.type === 'captured') fact.late ? told.late++ : told.success++
          if (fact.type === 'declined') told.failure++
        }
        if (command.type === 'settle' || command.type === 'cancelOrder') expect(attempt(payment, command)).toEqual([])
        expect(
          refundedTotal(payment) + payment.refunds.filter((r) => r.status === 'pending').reduce((sum, r) => sum + r.amount, 0),
        ).toBeLessThanOrEqual(1_000)
        if (payment.captured && payment.canceled && payment.refunds.every((r) => r.status !== 'failed'))
          expect(refundable(payment)).toBe(0)
        if (!payment.captured) expect(payment.refunds).toEqual([])
      }
      expect(told.success + told.failure).toBeLessThanOrEqual(1)
      expect(told.success + told.late).toBeLessThanOrEqual(1)
    }
  })
})

function attempt(payment: PaymentState, command: Command) {
  try {
    return decide(payment, command, now)
  } catch (error) {
    if (error instanceof AppError && (command.type === 'confirm' || command.type === 'refund')) return []
    throw error
  }
}

function commandOf(random: () => number, payment: PaymentState): Command {
  const pick = <T>(...options: T[]): T => options[Math.floor(random() * options.length)] as T
  const pending = payment.refunds.filter(({ status }) => status === 'pending')
  const done = pending.map(({ id, amount }) => ({ idempotencyKey: id, amount }))
  return pick<Command>(
    settle(),
    confirm,
    pick(succeeded(), declined(), settle({ status: 'processing' }), settle({ status: 'canceled' })),
    settle({ status: payment.captured ? 'succeeded' : 'processing', refunds: done }),
    { type: 'refund', refundId: newId('ref'), amount: pick(null, 1, 400, 999, 1_000, 1_001), reason: 'walk', by: newId('usr') },
    { type: 'refuseRefund', refundId: pending[0]?.id ?? newId('ref') },
    { type: 'refuseConfirmation', idempotencyKey: 'k' },
    pick(cancelOrder(), settle(), settle()),
  )
}
