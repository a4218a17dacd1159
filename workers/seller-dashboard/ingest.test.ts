import { expect, it } from 'vitest'
import { newId } from '../../shared/contracts/ids'
import { contributionsOf, merge, noFacts, type OrderEvent } from './ingest'
import { bucketOf } from './ship-times'
import { anOrder, aSoldLine } from './testing/fixtures'

const seller = newId('usr')
const order = anOrder([aSoldLine(seller)])

it('uses the earlier time of two events of a type, whichever arrives first', () => {
  const history = [
    order.created(10),
    order.created(20),
    order.paid(30),
    order.paid(40),
    order.shipped(50, seller),
    order.shipped(60, seller),
  ]
  const facts = (events: readonly OrderEvent[]) => events.reduce((known, event) => merge(known, event, seller), noFacts)
  expect(facts(history)).toMatchObject({ placedAt: 10, paidAt: 30, shipped: [[seller, 50]] })
  expect(facts(history.toReversed())).toEqual(facts(history))
  const ships = contributionsOf(facts(history), seller).filter(({ figure }) => figure.startsWith('ship:'))
  expect(ships).toMatchObject([{ at: 30, figure: `ship:${bucketOf(20)}` }])
})

it('adds nothing before the lines are known, and no money before the payment', () => {
  const refunded = merge(merge(noFacts, order.refunded(5, 100), seller), order.shipped(6, seller), seller)
  expect(contributionsOf(refunded, seller)).toEqual([])
  expect(contributionsOf(merge(refunded, order.created(1), seller), seller)).toMatchObject([
    { figure: 'placed', at: 1, amount: 1 },
  ])
})

it('keeps the whole commission of a free order, and none of a fully refunded one', () => {
  const free = anOrder([aSoldLine(seller, { price: 0 })])
  const kept = (each: typeof order, back: number) => {
    const facts = [each.paid(1), each.refunded(2, back)].reduce((known, event) => merge(known, event, seller), noFacts)
    return contributionsOf(facts, seller).find(({ figure }) => figure.startsWith('commission'))?.amount
  }
  expect([kept(free, 0), kept(order, 1000), kept(order, 999), kept(order, 0)]).toEqual([0, 0, 1, 100])
})
