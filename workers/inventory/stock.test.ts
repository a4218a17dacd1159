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

it('opens with its availability published, so that the first change is compared with it', () => {
  const opening = { variantId: newId('var'), productId: newId('prd'), sellerId: newId('usr'), onHand: 3 }
  expect(opened(opening, newId('mov'), 7)).toMatchObject({
    available: 3,
    publishedAvailability: 'low',
    journal: [{ kind: 'open', quantity: 3, at: 7 }],
  })
})

it('expires only holds that are past their time and unconfirmed', () => {
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
