import { type Instant, iso, newId, type UserId } from '../../shared/contracts/ids.ts'
import { money } from '../../shared/contracts/money.ts'
import { anEvent } from '../../shared/testing/factories.ts'
import type { DashboardEvent } from '../../workers/seller-dashboard/dashboard-api.ts'

const day: Instant = 86_400_000
/** Over how many days orders are spread: more than the longest period that is read. */
const spread = 400 * day

/** Orders of one seller, spread evenly over the past: each is paid, most leave, some money goes back, some are looked at before. */
export function orderHistory(sellerId: UserId, count: number, products: number, until: Instant): Generator<DashboardEvent> {
  const goods = Array.from({ length: products }, () => ({ productId: newId('prd'), variantId: newId('var') }))
  return (function* () {
    for (const { productId, variantId } of goods) {
      const level = { version: 1, variantId, productId, sellerId, availability: 'low', previous: 'in', available: 3 } as const
      yield anEvent('stock.changed', variantId, level, { time: iso(until - spread) })
    }
    for (let index = 0; index < count; index++) {
      const placedAt = Math.round(until - spread + (index * spread) / count)
      const good = goods[index % products]
      if (good) yield* lifeOf(sellerId, good, index, placedAt)
    }
  })()
}

function* lifeOf(sellerId: UserId, good: object, index: number, placedAt: Instant): Generator<DashboardEvent> {
  const orderId = newId('ord')
  const price = money(1_000 + (index % 97) * 50, 'USD')
  const line = {
    ...(good as { productId: `prd_${string}`; variantId: `var_${string}` }),
    sellerId,
    quantity: 1,
    lineTotal: price,
  }
  const groups = [{ sellerId, subtotal: price, commission: money(Math.floor(price.amount / 10), 'USD') }]
  const [buyerId, sellerIds] = [newId('usr'), [sellerId]]
  const about = { version: 1, orderId, number: `B-${index}`, buyerId, email: null, sellerIds, grand: price }
  const sold = { ...about, items: [line], groups }
  const after = (minutes: number) => ({ time: iso(placedAt + minutes * 60_000) })
  const view = { version: 1, productId: line.productId, sellerId, weight: 10 }
  yield anEvent('product.viewed', line.productId, view, after(-5))
  yield anEvent('order.created', orderId, { ...sold, status: 'pending', payBefore: placedAt }, after(0))
  if (index % 10 === 9) {
    yield anEvent(
      'order.canceled',
      orderId,
      { ...about, status: 'canceled', reason: 'buyer', wasPaid: false, items: [line] },
      after(9),
    )
    return
  }
  yield anEvent('order.paid', orderId, { ...sold, status: 'paid' }, after(1))
  const parcel = { ...about, sellerId, carrier: null, trackingNumber: null }
  yield anEvent('order.shipped', orderId, { ...parcel, status: 'shipped' }, after(60 + ((index * 7_919) % 10_000)))
  if (index % 10 === 4) {
    const back = { version: 1, paymentId: newId('pay'), orderId, buyerId, amount: price, refundId: newId('ref') }
    yield anEvent('payment.refunded', orderId, { ...back, refundedTotal: price, reason: 'requested' }, after(20_000))
  }
}
