import { describe, expect, it } from 'vitest'
import { newId } from '../../shared/contracts/ids'
import { aCartEvent, anOrder, aProduct, aWorld, type Order } from './testing/fixtures'

type Expected = [type: string, title: string]
type Row = {
  event: string
  of: (order: Order) => Parameters<ReturnType<typeof aWorld>['deliver']>[0]
  buyer: Expected[]
  sellers: Expected[]
  buyerMails: string[]
  sellerMails: string[]
  /** Frames on the buyer's and on the first seller's device, besides `notification.created`. */
  buyerFrames?: { type: string; status: string }[]
  sellerFrames?: string[]
}

const order = (status: string) => [{ type: 'order.updated', status }]
const silent = { sellers: [], sellerMails: [] }

const rows: Row[] = [
  {
    event: 'order.created',
    of: ({ created }) => created,
    buyer: [['order.created', 'Order # is placed']],
    buyerMails: ['Order # is placed'],
    buyerFrames: order('pending'),
    ...silent,
  },
  {
    event: 'order.paid',
    of: ({ paid }) => paid,
    buyer: [['order.paid', 'Receipt for order #']],
    sellers: [['sale.created', 'You sold 1 piece']],
    buyerMails: ['Receipt for order #'],
    sellerMails: ['You sold 1 piece'],
    buyerFrames: order('paid'),
    sellerFrames: ['sale.created'],
  },
  {
    event: 'order.canceled before it was paid',
    of: ({ canceled }) => canceled({ reason: 'expired' }),
    buyer: [['order.canceled', 'Order # is canceled']],
    buyerMails: ['Order # is canceled'],
    buyerFrames: order('canceled'),
    ...silent,
  },
  {
    event: 'order.canceled for a failed payment',
    of: ({ canceled }) => canceled({ reason: 'payment_failed', status: 'failed' }),
    buyer: [['order.failed', 'Order # has failed']],
    buyerMails: ['Order # has failed'],
    buyerFrames: order('failed'),
    ...silent,
  },
  {
    event: 'order.canceled after it was paid',
    of: ({ canceled }) => canceled({ wasPaid: true }),
    buyer: [['order.canceled', 'Order # is canceled']],
    sellers: [['sale.canceled', 'Order # is canceled']],
    buyerMails: ['Order # is canceled'],
    sellerMails: ['Order # is canceled'],
    buyerFrames: order('canceled'),
  },
  {
    event: 'order.shipped',
    of: ({ shipped }) => shipped,
    buyer: [['order.shipped', 'A part of order # is on its way']],
    buyerMails: ['A part of order # is on its way'],
    buyerFrames: order('shipped'),
    ...silent,
  },
  {
    event: 'order.delivered',
    of: ({ delivered }) => delivered,
    buyer: [['order.delivered', 'A part of order # has arrived']],
    buyerMails: ['A part of order # has arrived'],
    buyerFrames: order('delivered'),
    ...silent,
  },
  {
    event: 'payment.succeeded',
    of: ({ succeeded }) => succeeded,
    buyer: [['payment.succeeded', 'Your payment is in']],
    buyerMails: [],
    ...silent,
  },
  {
    event: 'payment.failed',
    of: ({ declined }) => declined,
    buyer: [['payment.failed', 'Your payment was declined']],
    buyerMails: [],
    ...silent,
  },
  {
    event: 'payment.refunded',
    of: ({ refunded }) => refunded,
    buyer: [['payment.refunded', 'You get money back']],
    buyerMails: ['You get money back'],
    ...silent,
  },
]

describe('events about orders and payments', () => {
  it.each(rows)('$event, delivered three times, notifies its users once', async ({ of, ...expected }) => {
    const world = aWorld()
    const order = anOrder(world)
    const [seller = order.buyer, other = order.buyer] = order.sellers
    const devices = [await world.device(order.buyer), await world.device(seller)] as const
    const event = of(order)
    await world.deliver(event, event, event)
    // A marker: once it arrives, everything that was pushed before it has arrived.
    for (const { userId } of [order.buyer, seller]) await world.deliver(aCartEvent(userId, newId('crt'), 1))

    const named = (text: string) => text.replaceAll('#', order.number)
    const shown = (items: { type: string; title: string; data: object }[]) =>
      items.map(({ type, title, data }) => [type, title, data])
    const withOrder = (list: Expected[]) =>
      list.map(([type, title]) => [type, named(title), expect.objectContaining({ orderId: order.orderId })])
    expect(shown(await world.inbox(order.buyer))).toEqual(withOrder(expected.buyer))
    expect(shown(await world.inbox(seller))).toEqual(withOrder(expected.sellers))
    expect(await world.inbox(other)).toHaveLength(expected.sellers.length)
    expect((await world.mailbox(order.buyer.email)).map(({ subject }) => subject)).toEqual(expected.buyerMails.map(named))
    expect((await world.mailbox(seller.email)).map(({ subject }) => subject)).toEqual(expected.sellerMails.map(named))

    for (const device of devices) await device.frame('cart.updated')
    const live = (device: (typeof devices)[number], kind: 'other' | 'inbox') =>
      device.frames.filter(({ type }) => type !== 'cart.updated' && (type === 'notification.created') === (kind === 'inbox'))
    expect(live(devices[0], 'other').map(({ type, data }) => ({ type, ...data }))).toEqual(
      (expected.buyerFrames ?? []).map((frame) => ({
        ...frame,
        ...{ id: order.orderId, number: order.number, version: (event.data as { version: number }).version },
      })),
    )
    expect(live(devices[0], 'inbox').map(({ data }) => data)).toEqual(await world.inbox(order.buyer))
    expect(live(devices[1], 'other').map(({ type }) => type)).toEqual(expected.sellerFrames ?? [])
    expect(live(devices[1], 'inbox').map(({ data }) => data)).toEqual(await world.inbox(seller))
  })

  it('notify each seller of their own items only', async () => {
    const world = aWorld()
    const order = anOrder(world)
    const [, second = order.buyer] = order.sellers
    const device = await world.device(second)
    await world.deliver(order.paid)
    const frame = await device.frame('sale.created')
    const { variantId, quantity } = order.items[1] ?? {}
    expect(frame.data).toEqual({ orderId: order.orderId, number: order.number, items: [{ variantId, quantity }] })
    expect((await world.inbox(second))[0]?.title).toBe('You sold 2 pieces')
    const text = JSON.stringify([await world.inbox(second), await world.mailbox(second.email)])
    expect(text).not.toContain('50.00')
  })

  it('notify a seller who buys from themselves as buyer and as seller', async () => {
    const world = aWorld()
    const self = world.person('seller')
    const order = anOrder(world, self, [self])
    await world.deliver(order.paid, order.paid)
    expect((await world.inbox(self)).map(({ type }) => type).sort()).toEqual(['order.paid', 'sale.created'])
    expect(await world.mailbox(self.email)).toHaveLength(2)
  })

  it('send a guest e-mails to the address of the order, also about payments', async () => {
    const world = aWorld()
    const guest = world.person('guest')
    const order = anOrder(world, guest)
    await world.deliver(order.created, order.paid, order.refunded)
    expect((await world.mailbox(guest.email)).map(({ subject }) => subject).sort()).toEqual([
      `Order ${order.number} is placed`,
      `Receipt for order ${order.number}`,
      'You get money back',
    ])
    expect((await world.inbox(guest)).find(({ type }) => type === 'payment.refunded')?.body).toBe(
      `USD 10.00 for order ${order.number}; USD 30.00 returned in all.`,
    )
  })

  it('do not ask for the payment of an order that has changed since', async () => {
    const world = aWorld()
    const order = anOrder(world)
    const device = await world.device(order.buyer)
    await world.deliver(order.canceled(), order.created, order.created)
    expect((await world.inbox(order.buyer)).map(({ type }) => type)).toEqual(['order.canceled'])
    await world.deliver(aCartEvent(order.buyer.userId, newId('crt'), 1))
    await device.frame('cart.updated')
    expect(device.frames.filter(({ type }) => type === 'order.updated').map(({ data }) => data.status)).toEqual(['canceled'])
  })

  it('notify of every fact of an order, in whatever order they are delivered', async () => {
    const world = aWorld()
    const order = anOrder(world)
    await world.deliver(order.delivered, order.shipped, order.paid)
    const types = (await world.inbox(order.buyer)).map(({ type }) => type).sort()
    expect(types).toEqual(['order.delivered', 'order.paid', 'order.shipped'])
    expect(await world.inbox(order.sellers[0] ?? order.buyer)).toHaveLength(1)
  })
})

describe('stock.changed', () => {
  it.each([
    { previous: 'in', availability: 'low', title: 'Desk # (DESK-1) is running low', body: '3 left.' },
    {
      previous: 'in',
      availability: 'out',
      title: 'Desk # (DESK-1) is sold out',
      body: 'Shoppers cannot order it until you restock.',
    },
    {
      previous: 'low',
      availability: 'out',
      title: 'Desk # (DESK-1) is sold out',
      body: 'Shoppers cannot order it until you restock.',
    },
    { previous: 'out', availability: 'low', title: null, body: null },
    { previous: 'low', availability: 'in', title: null, body: null },
  ] as const)(
    'from $previous to $availability, delivered twice, notifies the seller once if stock runs out',
    async ({ previous, availability, title: template, body }) => {
      const world = aWorld()
      const seller = world.person('seller')
      const product = aProduct(seller.userId)
      const event = product.stock(4, previous, availability)
      await world.deliver(product.updated(1, 500), event, event)
      const { productId, variantId } = product
      const title = template?.replace('#', productId.slice(-6))
      expect((await world.inbox(seller)).map(({ title, body, data }) => ({ title, body, data }))).toEqual(
        title ? [{ title, body, data: { productId, variantId } }] : [],
      )
      expect((await world.mailbox(seller.email)).map(({ subject }) => subject)).toEqual(title ? [title] : [])
    },
  )

  it('ignores a level that is older than the known one', async () => {
    const world = aWorld()
    const seller = world.person('seller')
    const product = aProduct(seller.userId)
    await world.deliver(product.stock(5, 'low', 'out'), product.stock(4, 'in', 'low'))
    expect((await world.inbox(seller)).map(({ type }) => type)).toEqual(['stock.out'])
  })
})
