import { expect, it } from 'vitest'
import { newId } from '../../shared/contracts/ids'
import { availabilityOf, opened, releaseWrite } from './stock'

it.each([
  [0, 'out'],
  [1, 'low'],
  [5, 'low'],
  [6, 'in'],
])('calls %i units %s under a threshold of five', (available, availability) => {
  expect(availabilityOf({ available, lowStockThreshold: 5 })).toBe(availability)
})

it('opens with a level announced, so that the first change is told against it', () => {
  const opening = { variantId: newId('var'), productId: newId('prd'), sellerId: newId('usr'), onHand: 3 }
  expect(opened(opening, newId('mov'), 7)).toMatchObject({
    available: 3,
    announced: 'low',
    journal: [{ kind: 'open', quantity: 3, at: 7 }],
  })
})

it('lets time take back only what it may: expired and unconfirmed', () => {
  const [orderId, variantId] = [newId('ord'), newId('var')]
  const line = { variantId, quantity: 2 }
  expect(releaseWrite(orderId, line, 100, { expiredBy: 100 }).filter).toEqual({
    _id: variantId,
    holds: { $elemMatch: { orderId, quantity: 2, expiresAt: { $lte: 100 } } },
    confirmed: { $ne: orderId },
  })
  expect(releaseWrite(orderId, line, 100, 'any').filter).toEqual({
    _id: variantId,
    holds: { $elemMatch: { orderId, quantity: 2 } },
  })
})
