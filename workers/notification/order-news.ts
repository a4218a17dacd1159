import type { Envelope } from '../../shared/contracts/events'
import type { UserId } from '../../shared/contracts/ids'
import type { Deps } from './deps'
import type { Message, Notice } from './notification'

type OrderEvent = Envelope<'order.created' | 'order.paid' | 'order.canceled' | 'order.shipped' | 'order.delivered'>
type PaymentEvent = Envelope<'payment.succeeded' | 'payment.failed' | 'payment.refunded'>

/**
 * Takes in where an order stands and shows it on the buyer's devices. Returns whether this is the newest that is known of it.
 */
export async function orderMoved(deps: Deps, { id, time, data }: OrderEvent): Promise<boolean> {
  const { orderId, number, status, version, email } = data
  const [newest] = await Promise.all([
    deps.orders.learn({ _id: orderId, version, number, email }),
    deps.live.of(data.buyerId).push([
      {
        ...{ key: `${id}:order`, type: 'order.updated', time, subject: { id: orderId, version } },
        data: { id: orderId, number, status, version },
      },
    ]),
  ])
  return newest
}

/** Shows each seller of a paid order what they sold; nobody sees what the others did. */
export async function salesMade(deps: Deps, { id, time, data }: Envelope<'order.paid'>): Promise<void> {
  await Promise.all(
    data.sellerIds.map((sellerId) =>
      deps.live.of(sellerId).push([
        {
          ...{ key: `${id}:sale`, type: 'sale.created', time },
          data: {
            orderId: data.orderId,
            number: data.number,
            items: itemsOf(data, sellerId).map(({ variantId, quantity }) => ({ variantId, quantity })),
          },
        },
      ]),
    ),
  )
}

const itemsOf = ({ items }: Envelope<'order.paid'>['data'], sellerId: UserId) =>
  items.filter((item) => item.sellerId === sellerId)

/** How many pieces of an order one seller sold. */
export const piecesOf = (order: Envelope<'order.paid'>['data'], sellerId: UserId): number =>
  itemsOf(order, sellerId).reduce((sum, { quantity }) => sum + quantity, 0)

export const toBuyer = ({ buyerId, email }: OrderEvent['data'], message: Message): Notice => ({
  userId: buyerId,
  message,
  guestEmail: email,
})

export const toSellers = ({ sellerIds }: OrderEvent['data'], tell: (sellerId: UserId) => Message): Notice[] =>
  sellerIds.map((sellerId) => ({ userId: sellerId, message: tell(sellerId) }))

/** A notice of a payment; number and address are those of its order, where that is known. */
export async function ofPayment<E extends PaymentEvent>(
  deps: Deps,
  { data }: E,
  tell: (payment: E['data'], number?: string) => Message,
): Promise<Notice> {
  const order = await deps.orders.find(data.orderId)
  return { userId: data.buyerId, message: tell(data, order?.number), guestEmail: order?.email ?? null }
}
