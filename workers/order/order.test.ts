import { describe, expect, it } from 'vitest'
import { newId } from '../../shared/contracts/ids'
import { money } from '../../shared/contracts/money'
import { type Command, decide, evolve, type GroupStatus, numberOf, type Order, type Pending, statusOf } from './order'

const at = Date.UTC(2026, 0, 1, 12)
const later = at + 60_000
const payBefore = at + 30 * 60_000
const grand = money(3_000, 'USD')
const [one, other] = [newId('usr'), newId('usr')]

function pending(sellerIds = [one, other]): Pending {
  const nothing = money(0, 'USD')
  return {
    ...{ _id: newId('ord'), number: 'CR-260101-ABCDEFGH', buyerId: newId('usr'), email: null, sellerIds, items: [] },
    groups: sellerIds.map((sellerId) => ({
      ...{ sellerId, status: 'pending', subtotal: nothing, commission: { basisPoints: 1_000, amount: nothing } },
      ...{ carrier: null, trackingNumber: null, shippedAt: null, deliveredAt: null },
    })),
    totals: { items: grand, shipping: nothing, tax: nothing, discount: nothing, grand },
    shippingAddress: { name: 'A', line1: 'B', city: 'C', postalCode: 'D', country: 'US' },
    ...{ status: 'pending', payment: 'pending', payBefore, createdAt: at, history: [{ status: 'pending', at }] },
  }
}

const run = (order: Order, ...commands: Command[]): Order =>
  commands.reduce((state, command) => decide(state, command, later).reduce(evolve, state), order)
const pay: Command = { type: 'pay', held: true }
const ship = (sellerId = one, trackingNumber: string | null = null): Command => ({
  type: 'ship',
  sellerId,
  carrier: null,
  trackingNumber,
})
const deliver = (sellerId = one): Command => ({ type: 'deliver', sellerId })
const byBuyer: Command = { type: 'cancel', by: 'buyer', note: null }
const bySeller: Command = { type: 'cancel', by: 'seller', sellerId: one, note: null }
const refund = (amount = 3_000): Command => ({ type: 'refund', refundedTotal: money(amount, 'USD') })

const refusal = expect.objectContaining({ code: 'invalid_state' })
const states: Record<Order['status'], () => Order> = {
  pending: () => pending(),
  paid: () => run(pending(), pay),
  shipped: () => run(pending(), pay, ship(one), ship(other)),
  delivered: () => run(pending(), pay, ship(one), ship(other), deliver(one), deliver(other)),
  failed: () => run(pending(), { type: 'fail' }),
  canceled: () => run(pending(), byBuyer),
  refunded: () => run(pending(), pay, refund()),
}
const every = Object.entries(states)

describe('a payment', () => {
  it('makes a pending order and its groups paid', () => {
    const order = states.paid()
    expect([order.status, order.payment, ...order.groups.map(({ status }) => status)]).toEqual([
      'paid',
      'succeeded',
      'paid',
      'paid',
    ])
    expect(order.history).toEqual([
      { status: 'pending', at },
      { status: 'paid', at: later },
    ])
  })

  it('cancels the order as unpaid when its stock is gone', () => {
    const [event] = decide(pending(), { type: 'pay', held: false }, later)
    expect(event).toEqual({ type: 'canceled', at: later, reason: 'expired', wasPaid: false, payment: 'succeeded', note: null })
  })

  it('that fails makes a pending order failed and its groups canceled', () => {
    const order = states.failed()
    expect([order.status, order.payment, ...order.groups.map(({ status }) => status)]).toEqual([
      'failed',
      'failed',
      'canceled',
      'canceled',
    ])
  })

  it.each(every.filter(([status]) => status !== 'pending'))('changes nothing in an order that is already %s', (_status, make) => {
    for (const command of [pay, { type: 'pay', held: false }, { type: 'fail' }] as const)
      expect(decide(make(), command, later)).toEqual([])
  })
})

describe('a refund', () => {
  it.each(['paid', 'shipped', 'delivered'] as const)('of the full amount makes a %s order refunded', (status) => {
    const order = run(states[status](), refund())
    expect([order.status, order.payment]).toEqual(['refunded', 'refunded'])
    expect(decide(order, refund(), later)).toEqual([])
  })

  it('of a part of the amount changes nothing', () => {
    for (const [, make] of every) expect(decide(make(), refund(2_999), later)).toEqual([])
  })

  it('is recorded once on an order that had already ended', () => {
    for (const status of ['canceled', 'failed'] as const) {
      const order = run(states[status](), refund())
      expect([order.status, order.payment]).toEqual([status, 'refunded'])
      expect(decide(order, refund(), later)).toEqual([])
    }
  })

  it('that overtakes its own payment cancels the order, and the payment then changes nothing', () => {
    const order = run(pending(), refund())
    expect([order.status, order.payment]).toEqual(['canceled', 'refunded'])
    expect(decide(order, pay, later)).toEqual([])
  })

  it('cancels the groups that are not shipped, so that they cannot be shipped any more', () => {
    const order = run(pending(), pay, ship(one), refund())
    expect(order.groups.map(({ status }) => status)).toEqual(['shipped', 'canceled'])
    expect(() => decide(order, ship(other), later)).toThrow(refusal)
  })
})

describe('canceling an order', () => {
  it('voids the payment of a pending order', () => {
    expect(decide(pending(), { type: 'cancel', by: 'buyer', note: 'too late' }, later)).toEqual([
      { type: 'canceled', at: later, reason: 'buyer', wasPaid: false, payment: 'voided', note: 'too late' },
    ])
  })

  it('is possible for a paid order before anything is shipped, and says that it was paid', () => {
    expect(decide(states.paid(), byBuyer, later)).toMatchObject([{ wasPaid: true, payment: 'succeeded', reason: 'buyer' }])
  })

  it('is refused once a part is shipped', () => {
    expect(() => decide(run(states.paid(), ship(one)), byBuyer, later)).toThrow(refusal)
  })

  it.each(['shipped', 'delivered', 'failed', 'refunded'] as const)('is refused for an order that is %s', (status) => {
    expect(() => decide(states[status](), byBuyer, later)).toThrow(refusal)
  })

  it('is allowed to a seller only when the order has no other seller', () => {
    expect(() => decide(pending([one, other]), bySeller, later)).toThrow(refusal)
    expect(() => decide(pending([other]), bySeller, later)).toThrow(refusal)
    expect(run(pending([one]), bySeller)).toMatchObject({ status: 'canceled', reason: 'seller' })
  })

  it('changes nothing when the same person repeats it, and is refused to anybody else', () => {
    const order = run(pending([one]), bySeller)
    expect(decide(order, bySeller, later)).toEqual([])
    expect(() => decide(order, byBuyer, later)).toThrow(refusal)
  })
})

describe('expiry', () => {
  it('cancels a pending order at payBefore and no millisecond earlier', () => {
    expect(decide(pending(), { type: 'expire' }, payBefore - 1)).toEqual([])
    expect(decide(pending(), { type: 'expire' }, payBefore)).toMatchObject([
      { type: 'canceled', reason: 'expired', wasPaid: false },
    ])
  })

  it.each(every.filter(([status]) => status !== 'pending'))('changes nothing in an order that is %s', (_status, make) => {
    expect(decide(make(), { type: 'expire' }, payBefore)).toEqual([])
  })
})

describe('fulfilment', () => {
  it('moves each group on its own, and the order once all groups have moved', () => {
    const seen: Order[] = []
    for (const command of [pay, ship(one), deliver(one), ship(other), deliver(other)])
      seen.push(run(seen.at(-1) ?? pending(), command))
    expect(seen.map(({ status, groups }) => [status, ...groups.map((group) => group.status)])).toEqual([
      ['paid', 'paid', 'paid'],
      ['paid', 'shipped', 'paid'],
      ['paid', 'delivered', 'paid'],
      ['shipped', 'delivered', 'shipped'],
      ['delivered', 'delivered', 'delivered'],
    ])
    expect(seen.at(-1)?.history.map(({ status }) => status)).toEqual(['pending', 'paid', 'shipped', 'delivered'])
  })

  it('accepts the same report twice and refuses a different one', () => {
    const order = run(states.paid(), ship(one, 'T1'))
    expect(decide(order, ship(one, 'T1'), later)).toEqual([])
    expect(() => decide(order, ship(one, 'T2'), later)).toThrow(refusal)
    const delivered = run(order, deliver(one))
    expect(decide(delivered, deliver(one), later)).toEqual([])
    expect(decide(delivered, ship(one, 'T1'), later)).toEqual([])
  })

  it('refuses to ship an unpaid group or deliver an unshipped one', () => {
    expect(() => decide(pending(), ship(one), later)).toThrow(refusal)
    expect(() => decide(states.paid(), deliver(one), later)).toThrow(refusal)
    expect(() => decide(states.canceled(), ship(one), later)).toThrow(refusal)
  })

  it('answers not_found to a seller without a group', () => {
    expect(() => decide(states.paid(), ship(newId('usr')), later)).toThrow(expect.objectContaining({ code: 'not_found' }))
  })

  it('derives the status of an order from its live groups only', () => {
    const groups = (...statuses: GroupStatus[]) =>
      statuses.flatMap((status) => pending([one]).groups.map((group) => ({ ...group, status })))
    expect(statusOf(groups('canceled', 'shipped'))).toBe('shipped')
    expect(statusOf(groups('canceled', 'delivered'))).toBe('delivered')
    expect(statusOf(groups('shipped', 'delivered'))).toBe('shipped')
    expect(statusOf(groups('paid', 'delivered'))).toBe('paid')
  })
})

it('numbers an order by its day and the end of its id', () => {
  const id = 'ord_01jd3g5x8zq4m6v9b2c7n1k0hr'
  expect(numberOf(id, at, 8)).toBe('CR-260101-C7N1K0HR')
  expect(numberOf(id, at, 16)).toBe('CR-260101-Q4M6V9B2C7N1K0HR')
})
