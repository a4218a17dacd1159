import { describe, expect, it } from 'vitest'
import { AppError } from '../../shared/contracts/errors'
import { newId } from '../../shared/contracts/ids'
import { money } from '../../shared/contracts/money'
import { seeded } from '../../shared/testing/interleaving'
import {
  type Command,
  decide,
  dueAtOf,
  evolve,
  nextProviderCall,
  opened,
  type PaymentState,
  refundable,
  refundedTotal,
} from './payment'
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

const applyIntent = (seen: Partial<Intent> = {}): Command => ({
  type: 'applyIntent',
  intent: { ...intent, ...seen },
  refundId: newId('ref'),
})
const confirm: Command = { type: 'confirm', paymentMethod: 'pm_card_visa', idempotencyKey: 'k' }
const cancelOrder = (): Command => ({ type: 'cancelOrder', reason: 'buyer', refundId: newId('ref') })
const succeeded = () => applyIntent({ status: 'succeeded' })
const declined = () => applyIntent({ declineCode: 'lost_card' })

/** The payment after commands, one after another. */
const given = (...commands: Command[]): PaymentState =>
  commands.reduce<PaymentState>(
    (payment, command) => decide(payment, command, now).reduce((next, event) => evolve(next, event, now), payment),
    opened(order, now),
  )
const types = (payment: PaymentState, command: Command) => decide(payment, command, now).map(({ type }) => type)

describe('a payment', () => {
  it.each<[string, PaymentState, PaymentState['status']]>([
    ['that is new', given(), 'created'],
    ['with an intent', given(applyIntent()), 'requires_payment_method'],
    ['that is confirmed', given(applyIntent(), confirm), 'processing'],
    ['that succeeded', given(applyIntent(), confirm, succeeded()), 'succeeded'],
    ['that succeeded before we wrote that it is confirmed', given(applyIntent(), succeeded()), 'succeeded'],
    ['that was declined', given(applyIntent(), confirm, declined()), 'failed'],
    ['that was declined, of a canceled order', given(applyIntent(), confirm, declined(), cancelOrder()), 'failed'],
    ['whose intent was canceled at the provider', given(applyIntent(), applyIntent({ status: 'canceled' })), 'failed'],
    ['of a canceled order', given(applyIntent(), cancelOrder()), 'voided'],
    ['of an order that was canceled before it was created', given(cancelOrder()), 'voided'],
    ['of a canceled order, then declined', given(applyIntent(), confirm, cancelOrder(), declined()), 'voided'],
    ['of a canceled order, then succeeded', given(applyIntent(), confirm, cancelOrder(), succeeded()), 'refunding'],
    ['that was declined and then succeeded', given(applyIntent(), confirm, declined(), succeeded()), 'refunding'],
    ['that succeeded, of a canceled order', given(applyIntent(), succeeded(), cancelOrder()), 'refunding'],
  ])('%s', (_name, payment, status) => {
    expect(payment.status).toBe(status)
  })

  it('succeeds or fails only while it is undecided', () => {
    expect(decide(given(applyIntent(), confirm), succeeded(), now)).toEqual([{ type: 'captured', late: false }])
    expect(decide(given(applyIntent(), confirm, cancelOrder()), succeeded(), now)).toMatchObject([
      { type: 'captured', late: true },
      { type: 'refundRequested', refund: { amount: 1_000, reason: 'buyer', status: 'pending' } },
    ])
    expect(decide(given(applyIntent(), confirm, declined()), succeeded(), now)).toMatchObject([
      { type: 'captured', late: true },
      { type: 'refundRequested', refund: { reason: 'payment_failed' } },
    ])
    expect(types(given(applyIntent(), confirm, cancelOrder()), declined())).toEqual([])
    expect(types(given(applyIntent(), confirm, succeeded()), declined())).toEqual([])
  })

  it('accepts a new confirmation only after the provider refused the one before', () => {
    const processing = given(applyIntent(), confirm)
    expect(types(processing, { ...confirm, idempotencyKey: 'other' })).toEqual([])
    expect(types(processing, { type: 'refuseConfirmation', idempotencyKey: 'other' })).toEqual([])
    const refused = given(applyIntent(), confirm, { type: 'refuseConfirmation', idempotencyKey: 'k' })
    expect(refused.status).toBe('requires_payment_method')
    expect(types(refused, { ...confirm, idempotencyKey: 'other' })).toEqual(['confirmationStarted'])
    expect(types(given(applyIntent(), confirm, cancelOrder()), { type: 'refuseConfirmation', idempotencyKey: 'k' })).toEqual([])
  })

  it('accepts a refund once by its id, whatever its outcome', () => {
    const refund: Command = { type: 'refund', refundId: newId('ref'), amount: 400, reason: 'test', by: newId('usr') }
    const asked = given(applyIntent(), succeeded(), refund)
    const done = given(
      applyIntent(),
      succeeded(),
      refund,
      applyIntent({ refunds: [{ idempotencyKey: refund.refundId, amount: 400 }] }),
    )
    const refused = given(applyIntent(), succeeded(), refund, { type: 'refuseRefund', refundId: refund.refundId })
    expect([asked, done, refused].map(({ status }) => status)).toEqual(['refunding', 'succeeded', 'succeeded'])
    for (const payment of [asked, done, refused]) expect(types(payment, refund)).toEqual([])
    expect([asked, done, refused].map(refundable)).toEqual([600, 600, 1_000])
  })

  it('derives the next provider call, and when the reconciler is due', () => {
    expect(nextProviderCall(given())).toEqual({ do: 'create' })
    expect(nextProviderCall(given(applyIntent()))).toBeNull()
    expect(nextProviderCall(given(applyIntent(), cancelOrder()))).toEqual({ do: 'cancel' })
    expect(nextProviderCall(given(applyIntent(), cancelOrder(), applyIntent({ status: 'canceled' })))).toBeNull()
    expect(nextProviderCall(given(applyIntent(), confirm, declined()))).toBeNull()
    expect(nextProviderCall(given(applyIntent(), confirm, declined(), cancelOrder()))).toEqual({ do: 'cancel' })
    expect(nextProviderCall(given(applyIntent(), succeeded(), cancelOrder()))).toMatchObject({ do: 'refund' })
    expect(nextProviderCall(given(cancelOrder()))).toBeNull()
    expect([dueAtOf(given(applyIntent(), confirm), now), dueAtOf(given(applyIntent()), now)]).toEqual([now + 60_000, null])
  })

  it('of zero is refunded once too', () => {
    const free = { ...given(applyIntent({ amount: money(0, 'USD') }), succeeded()), amount: money(0, 'USD') }
    expect(types(free, cancelOrder())).toEqual(['orderCanceled', 'refundRequested'])
    const [, request] = decide(free, cancelOrder(), now)
    if (request?.type !== 'refundRequested') throw new Error('no refund was asked for')
    const returned = [request, { type: 'refundSucceeded', refundId: request.refund.id } as const].reduce(
      (payment, event) => evolve(payment, event, now),
      free,
    )
    expect(returned.status).toBe('refunded')
  })

  it('never refuses commands of the provider or the order', () => {
    for (const payment of [
      given(),
      given(cancelOrder()),
      given(applyIntent(), declined()),
      given(applyIntent(), succeeded(), cancelOrder()),
    ]) {
      for (const command of [applyIntent(), succeeded(), declined(), applyIntent({ status: 'canceled' }), cancelOrder()]) {
        expect(() => decide(payment, command, now)).not.toThrow()
      }
    }
  })
})

describe('commands in any order', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('conserve money and decide once (walks of seed %i)', (seed) => {
    const random = seeded(seed)
    for (let walk = 0; walk < 25; walk++) {
      let payment: PaymentState = opened(order, now)
      const decisions = { success: 0, failure: 0, late: 0 }
      for (let step = 0; step < 30; step++) {
        const command = commandOf(random, payment)
        const events = attempt(payment, command)
        payment = events.reduce((next, event) => evolve(next, event, now), payment)
        for (const event of events) {
          if (event.type === 'captured') event.late ? decisions.late++ : decisions.success++
          if (event.type === 'declined') decisions.failure++
        }
        if (command.type === 'applyIntent' || command.type === 'cancelOrder') expect(attempt(payment, command)).toEqual([])
        expect(
          refundedTotal(payment) + payment.refunds.filter((r) => r.status === 'pending').reduce((sum, r) => sum + r.amount, 0),
        ).toBeLessThanOrEqual(1_000)
        if (payment.captured && payment.canceled && payment.refunds.every((r) => r.status !== 'failed'))
          expect(refundable(payment)).toBe(0)
        if (!payment.captured) expect(payment.refunds).toEqual([])
      }
      expect(decisions.success + decisions.failure).toBeLessThanOrEqual(1)
      expect(decisions.success + decisions.late).toBeLessThanOrEqual(1)
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
    applyIntent(),
    confirm,
    pick(succeeded(), declined(), applyIntent({ status: 'processing' }), applyIntent({ status: 'canceled' })),
    applyIntent({ status: payment.captured ? 'succeeded' : 'processing', refunds: done }),
    { type: 'refund', refundId: newId('ref'), amount: pick(null, 1, 400, 999, 1_000, 1_001), reason: 'walk', by: newId('usr') },
    { type: 'refuseRefund', refundId: pending[0]?.id ?? newId('ref') },
    { type: 'refuseConfirmation', idempotencyKey: 'k' },
    pick(cancelOrder(), applyIntent(), applyIntent()),
  )
}
