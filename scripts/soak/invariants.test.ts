import { describe, expect, test } from 'vitest'
import type { Books } from './books.ts'
import { type Evidence, judge } from './invariants.ts'

const usd = (amount: number) => ({ amount, currency: 'USD' })
const entries = (amount: number) => [
  { side: 'debit' as const, amount },
  { side: 'credit' as const, amount },
]

/** A small world in which all is well: one order paid and partly refunded, one pending, one canceled after it was paid. */
function evidence(change: (evidence: Evidence) => void = () => {}): Evidence {
  const order = (id: string, status: Books['orders'][number]['status'], history: string[]): Books['orders'][number] => ({
    ...{ _id: id, status, payment: '', cart: `${id}:1`, outboxPending: false },
    items: [{ variantId: 'var', sellerId: 'usr', quantity: 2 }],
    groups: [{ sellerId: 'usr', status, subtotal: usd(1_000), shippedAt: null }],
    ...(status === 'canceled' ? { reason: 'buyer' } : {}),
    totals: { grand: usd(1_000) },
    history: history.map((each) => ({ status: each })),
  })
  const payment = (orderId: string, captured: boolean, refunded: number): Books['payments'][number] => ({
    ...{ _id: `pay_${orderId}`, orderId, status: '', amount: usd(1_000), captured, outboxPending: false },
    refunds: refunded > 0 ? [{ id: `ref_${orderId}`, amount: refunded, status: 'succeeded' }] : [],
  })
  const event = (eventId: string, type: string, subject: string) => ({ eventId, type, subject })
  const movement = (kind: string, quantity: number) => ({ _id: `${kind}${quantity}`, variantId: 'var', kind, quantity })
  const books: Books = {
    orders: [
      order('paid', 'paid', ['pending', 'paid']),
      order('open', 'pending', ['pending']),
      order('gone', 'canceled', ['pending', 'paid', 'canceled']),
    ],
    payments: [payment('paid', true, 300), payment('open', false, 0), payment('gone', true, 1_000)],
    ledger: [
      { _id: '1', kind: 'capture', orderId: 'paid', entries: entries(1_000) },
      { _id: '2', kind: 'refund', orderId: 'paid', entries: entries(300) },
      { _id: '3', kind: 'capture', orderId: 'gone', entries: entries(1_000) },
      { _id: '4', kind: 'refund', orderId: 'gone', entries: entries(1_000) },
    ],
    stock: [
      {
        ...{ _id: 'var', sellerId: 'usr', available: 6, held: 2, sold: 2, outboxPending: false },
        holds: [{ orderId: 'open', quantity: 2 }],
      },
    ],
    movements: [movement('open', 9), movement('set', 1), movement('commit', 2), movement('restock', 2)],
    log: [
      ...['paid', 'open', 'gone'].map((id) => event(`c_${id}`, 'order.created', id)),
      ...['paid', 'gone'].map((id) => event(`p_${id}`, 'order.paid', id)),
      event('x_gone', 'order.canceled', 'gone'),
    ],
    deadLetters: [],
  }
  const all = books.log.map(({ eventId }) => eventId)
  const frame = (seq: number, status: string) => ({ seq, type: 'order.updated', data: { orderId: 'paid', status } })
  const made: Evidence = {
    books,
    acked: { payment: all, notification: all, inventory: all, 'seller-dashboard': all, 'ai-buddy': all },
    dashboards: [
      { seller: null, figures: { placed: 3, canceled: 1, orders: 2, units: 4, gross: 2_000, refunded: 1_300 } },
      { seller: 'usr', figures: { placed: 3, canceled: 1, orders: 2, units: 4, gross: 2_000, refunded: 1_300 } },
    ],
    seen: [{ device: 'phone', frames: [frame(1, 'pending'), frame(2, 'paid')] }],
  }
  change(made)
  return made
}

const broken = (change: (evidence: Evidence) => void): string[] =>
  judge(evidence(change)).flatMap(({ invariant, violations }) => (violations.length > 0 ? [invariant] : []))

const first = <T>(list: readonly T[]): T => {
  const [item] = list
  if (item === undefined) throw new Error('empty')
  return item
}

describe('the invariants of a soak', () => {
  test('hold in a world in which all is well, and each has looked at something', () => {
    const findings = judge(evidence())
    expect(findings.filter(({ violations }) => violations.length > 0)).toEqual([])
    expect(findings.filter(({ checked }) => checked === 0)).toEqual([])
  })

  test.each<[string, (evidence: Evidence) => void, string]>([
    ['a unit from nowhere', ({ books }) => (first(books.stock).available = 7), 'stock is conserved'],
    [
      'a unit sold twice',
      ({ books }) => (first(books.orders).items[0] = { variantId: 'var', sellerId: 'usr', quantity: 3 }),
      'stock is conserved',
    ],
    [
      'stock held for nobody',
      ({ books }) => (books.orders[1] = { ...first(books.orders), _id: 'other', cart: 'x' }),
      'stock is conserved',
    ],
    ['less than nothing', ({ books }) => Object.assign(first(books.stock), { available: -1, sold: 9 }), 'stock is conserved'],
    ['money for nothing', ({ books }) => books.ledger.splice(3, 1), 'money kept is what paid orders are worth'],
    [
      'a refund that is still under way',
      ({ books }) => books.payments[2]?.refunds.push({ id: 'r', amount: 1, status: 'pending' }),
      'money kept is what paid orders are worth',
    ],
    ['goods for nothing', ({ books }) => books.ledger.splice(0, 2), 'every paid order has one charge'],
    [
      'a second charge',
      ({ books }) => books.ledger.push({ ...first(books.ledger), _id: '5' }),
      'every paid order has one charge',
    ],
    [
      'a second payment',
      ({ books }) => books.payments.push({ ...first(books.payments), _id: 'pay_2' }),
      'every paid order has one charge',
    ],
    [
      'a ledger that does not balance',
      ({ books }) => (first(books.ledger).entries[1] = { side: 'credit', amount: 1 }),
      'debits equal credits',
    ],
    ['a cart that is two orders', ({ books }) => (first(books.orders).cart = 'open:1'), 'one cart version is one order'],
    ['a change that no event reports', ({ books }) => books.log.splice(3, 1), 'every change of an order was published'],
    [
      'a lost event',
      ({ acked }) => (acked.payment = (acked.payment ?? []).slice(1)),
      'every event reached each subscriber or a dead letter',
    ],
    ['an event logged twice', ({ books }) => books.log.push(first(books.log)), 'no event is in the log twice'],
    [
      'a figure that no order bears out',
      ({ dashboards }) => (first(dashboards).figures.refunded = 1_000),
      'dashboards show what the orders say',
    ],
    ['something unsent', ({ books }) => (first(books.payments).outboxPending = true), 'nothing waits to be sent'],
    ['a frame twice', ({ seen }) => (first(seen).frames[1] = first(first(seen).frames)), 'no frame out of order'],
    [
      'an order that goes back',
      ({ seen }) => first(seen).frames.push({ seq: 3, type: 'order.updated', data: { orderId: 'paid', status: 'pending' } }),
      'no frame out of order',
    ],
  ])('report %s', (_what, change, invariant) => {
    expect(broken(change)).toContain(invariant)
  })

  test('count a dead letter as arrived', () => {
    const lose = ({ acked, books }: Evidence) => {
      acked.payment = (acked.payment ?? []).filter((id) => id !== 'c_paid')
      books.deadLetters.push({ _id: 'payment:c_paid', worker: 'payment', eventId: 'c_paid', error: '', state: 'waiting' })
    }
    expect(broken(lose)).toEqual([])
  })
})
