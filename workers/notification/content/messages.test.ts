import { describe, expect, it } from 'vitest'
import { anOrder, aProduct, aWorld } from '../testing/fixtures'
import { orderCanceled, orderDelivered, orderShipped, paymentFailed, productNews, stockShort } from './messages'

const world = aWorld()
const order = anOrder(world)
const single = anOrder(world, world.person(), [world.person('seller')])

describe('the text of a message', () => {
  it.each([
    ['buyer', true, 'It was canceled as you asked. Your payment of USD 50.00 is returned.'],
    ['seller', true, 'The seller cannot deliver it. Your payment of USD 50.00 is returned.'],
    ['expired', false, 'No payment came in time. Nothing was charged.'],
    ['payment_failed', false, 'The payment did not succeed. Nothing was charged.'],
  ] as const)('says why an order ended: %s', (reason, wasPaid, body) => {
    expect(orderCanceled(order.canceled({ reason, wasPaid }).data).textIn('en').body).toBe(body)
  })

  it('names the carrier and the tracking number where there are some', () => {
    expect(orderShipped(order.shipped.data).textIn('en').body).toBe(
      'A seller sent your items with DHL. The tracking number is T-1.',
    )
    expect(orderShipped({ ...order.shipped.data, carrier: null, trackingNumber: null }).textIn('en').body).toBe(
      'A seller sent your items.',
    )
  })

  it('is about the whole order when it has one seller', () => {
    expect(orderShipped(single.shipped.data).textIn('en').title).toBe(`Order ${single.number} is on its way`)
    expect(orderDelivered(single.delivered.data).textIn('en').title).toBe(`Order ${single.number} has arrived`)
  })

  it('leaves out what is not known yet', () => {
    const declined = paymentFailed(order.declined.data)
    expect([declined.textIn('en').body, declined.data]).toEqual([
      'USD 50.00 for your order could not be taken.',
      { orderId: order.orderId },
    ])
    const product = aProduct()
    expect(stockShort(product.stock(1, 'in', 'low', 2).data, null).textIn('en').title).toBe('One of your products is running low')
    const { productId, variantId } = product
    const news = productNews({ kind: 'back_in_stock', productId, variantId, title: null, time: '' })
    expect([news.textIn('en').title, news.data]).toEqual(['A product you watch is back in stock', { productId, variantId }])
  })
})
