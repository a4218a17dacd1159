import type { Envelope } from '../../../shared/contracts/events'
import type { UserId } from '../../../shared/contracts/ids'
import type { Message, Notice } from '../content/notification'
import type { Deps } from '../deps'
import type { Push } from '../live/live'
import type { PreferencesOf } from '../repo'
import { notify } from './commands'

type OrderEvent = Envelope<'order.created' | 'order.paid' | 'order.canceled' | 'order.shipped' | 'order.delivered'>
type PaymentEvent = Envelope<'payment.succeeded' | 'payment.failed' | 'payment.refunded'>

/** Takes in where an order stands. Returns whether this is the newest that is known of it, and what those to be told chose. */
export async function orderMoved(
  deps: Deps,
  { data: { orderId, version, number, email } }: OrderEvent,
  notices: readonly Notice[],
): Promise<{ isNewest: boolean; preferences: PreferencesOf }> {
  const [, learnt, chosen] = await deps.documents.batch([
    ...deps.orders.learning({ _id: orderId, version, number, email }),
    deps.preferences.reading(notices.map(({ userId }) => userId)),
  ])
  return { isNewest: deps.orders.isNewest(learnt), preferences: deps.preferences.read(chosen) }
}

/** Takes in where an order stands, shows it on the buyer's devices, and tells people. */
export async function tellOfOrder(deps: Deps, event: OrderEvent, notices: readonly Notice[], sales: readonly Push[] = []) {
  const { preferences } = await orderMoved(deps, event, notices)
  await notify(deps, event.id, notices, { preferences, pushes: [orderShown(event), ...sales] })
}

/** Where an order stands, for the buyer's devices. */
export const orderShown = ({ id, time, data: { orderId, number, status, version, buyerId } }: OrderEvent): Push => ({
  userId: buyerId,
  frame: {
    ...{ key: `${id}:order`, type: 'order.updated', time, subject: { id: orderId, version } },
    data: { id: orderId, number, status, version },
  },
})

/** For each seller of a paid order what they sold; nobody sees what the others did. */
export const salesShown = ({ id, time, data }: Envelope<'order.paid'>): Push[] =>
  data.sellerIds.map((sellerId) => ({
    userId: sellerId,
    frame: {
      ...{ key: `${id}:sale`, type: 'sale.created', time },
      data: {
        orderId: data.orderId,
        number: data.number,
        items: itemsOf(data, sellerId).map(({ variantId, quantity }) => ({ variantId, quantity })),
      },
    },
  }))

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

/** Tells a buyer of a payment; number and address are those of its order, where that is known. */
export async function tellOfPayment<E extends PaymentEvent>(
  deps: Deps,
  { id, data }: E,
  tell: (payment: E['data'], number?: string) => Message,
): Promise<void> {
  const [known, chosen] = await deps.documents.batch([
    deps.orders.finding(data.orderId),
    deps.preferences.reading([data.buyerId]),
  ])
  const order = deps.orders.found(known)
  const notice = { userId: data.buyerId, message: tell(data, order?.number), guestEmail: order?.email ?? null }
  await notify(deps, id, [notice], { preferences: deps.preferences.read(chosen) })
}
