import { expect, it } from 'vitest'
import { newId } from '../../shared/contracts/ids'
import { contributionsOf, merge, noFacts, type OrderHeard } from './facts'
import { bucketOf } from './ship-times'
import { anOrder, aSold } from './testing/fixtures'

const seller = newId('usr')
const order = anOrder([aSold(seller)])

it('takes what is told at two times to have been at the earlier one, whichever comes first', () => {
  const told = [
    order.created(10),
    order.created(20),
    order.paid(30),
    order.paid(40),
    order.shipped(50, seller),
    order.shipped(60, seller),
  ]
  const facts = (events: readonly OrderHeard[]) => events.reduce((known, event) => merge(known, event, seller), noFacts)
  expect(facts(told)).toMatchObject({ placedAt: 10, paidAt: 30, shipped: [[seller, 50]] })
  expect(facts(told.toReversed())).toEqual(facts(told))
  const ships = contributionsOf(facts(told), seller).filter(({ figure }) => figure.startsWith('ship:'))
  expect(ships).toMatchObject([{ at: 30, figure: `ship:${bucketOf(20)}` }])
})

it('adds nothing before it is known what was sold, and no money before it was paid', () => {
  const refunded = merge(merge(noFacts, order.refunded(5, 100), seller), order.shipped(6, seller), seller)
  expect(contributionsOf(refunded, seller)).toEqual([])
  expect(contributionsOf(merge(refunded, order.created(1), seller), seller)).toMatchObject([
    { figure: 'placed', at: 1, amount: 1 },
  ])
})

it('keeps all commission of what cost nothing, and none of what went back whole', () => {
  const free = anOrder([aSold(seller, { price: 0 })])
  const kept = (each: typeof order, back: number) => {
    const facts = [each.paid(1), each.refunded(2, back)].reduce((known, event) => merge(known, event, seller), noFacts)
    return contributionsOf(facts, seller).find(({ figure }) => figure.startsWith('commission'))?.amount
  }
  expect([kept(free, 0), kept(order, 1000), kept(order, 999), kept(order, 0)]).toEqual([0, 0, 1, 100])
})
