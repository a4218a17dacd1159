import type { Envelope } from '../../../shared/contracts/events'
import type { UserId } from '../../../shared/contracts/ids'
import type { Documents } from '../../../shared/storage/documents'
import type { Message, Notice } from '../content/notification'
import type { Push } from '../live/live'
import type { KnownOrder, KnownRepo, PreferencesOf, PreferencesRepo } from '../repo'
import { type NotifyNeeds, notify } from './notify'

type OrderEvent = Envelope<'order.created' | 'order.paid' | 'order.canceled' | 'order.shipped' | 'order.delivered'>
type PaymentEvent = Envelope<'payment.succeeded' | 'payment.failed' | 'payment.refunded'>

type ReadNeeds = {
  documents: Pick<Documents, 'batch'>
  orders: KnownRepo<KnownOrder>
  preferences: Pick<PreferencesRepo, 'planFind' | 'found'>
}
type Needs = NotifyNeeds & ReadNeeds

/** Records the state of an order. Returns whether it is the newest known one, and the preferences of the users to notify. */
export async function recordOrder(
  { documents, orders, preferences }: ReadNeeds,
  { data: { orderId, version, number, email } }: OrderEvent,
  notices: readonly Notice[],
): Promise<{ isNewest: boolean; preferences: PreferencesOf }> {
  const [, applied, chosen] = await documents.batch([
    ...orders.planApply({ _id: orderId, version, number, email }),
    preferences.planFind(notices.map(({ userId }) => userId)),
  ])
  return { isNewest: orders.isNewest(applied), preferences: preferences.found(chosen) }
}

/** Records the state of an order, shows it on the buyer's devices, and notifies users. */
export async function notifyOfOrder(needs: Needs, event: OrderEvent, notices: readonly Notice[], sales: readonly Push[] = []) {
  const { preferences } = await recordOrder(needs, event, notices)
  await notify(needs, event.id, notices, { preferences, pushes: [orderPush(event), ...sales] })
}

/** The state of an order, for the buyer's devices. */
export const orderPush = ({ id, time, data: { orderId, number, status, version, buyerId } }: OrderEvent): Push => ({
  userId: buyerId,
  frame: {
    ...{ key: `${id}:order`, type: 'order.updated', time, subject: { id: orderId, version } },
    data: { id: orderId, number, status, version },
  },
})

/** For each seller of a paid order what they sold; a seller does not see the sales of the others. */
export const salePushes = ({ id, time, data }: Envelope<'order.paid'>): Push[] =>
  data.sellerIds.map((sellerId) => ({
    userId: sellerId,
    frame: {
      ...{ key: `${id}:sale`, type: 'sale.created', time },
      data: {
        orderId: data.orderId,
        number: data.number,
        items: itemsSoldBy(data, sellerId).map(({ variantId, quantity }) => ({ variantId, quantity })),
      },
    },
  }))

const itemsSoldBy = ({ items }: Envelope<'order.paid'>['data'], sellerId: UserId) =>
  items.filter((item) => item.sellerId === sellerId)

/** How many pieces of an order one seller sold. */
export const quantitySoldBy = (order: Envelope<'order.paid'>['data'], sellerId: UserId): number =>
  itemsSoldBy(order, sellerId).reduce((sum, { quantity }) => sum + quantity, 0)

export const noticeToBuyer = ({ buyerId, email }: OrderEvent['data'], message: Message): Notice => ({
  userId: buyerId,
  message,
  guestEmail: email,
})

export const noticesToSellers = ({ sellerIds }: OrderEvent['data'], messageTo: (sellerId: UserId) => Message): Notice[] =>
  sellerIds.map((sellerId) => ({ userId: sellerId, message: messageTo(sellerId) }))

/** Notifies a buyer of a payment, with the number and address of the order if they are known. */
export async function notifyOfPayment<E extends PaymentEvent>(
  needs: Needs,
  { id, data }: E,
  messageOf: (payment: E['data'], number?: string) => Message,
): Promise<void> {
  const { documents, orders, preferences } = needs
  const [known, chosen] = await documents.batch([orders.planFind(data.orderId), preferences.planFind([data.buyerId])])
  const order = orders.found(known)
  const notice = { userId: data.buyerId, message: messageOf(data, order?.number), guestEmail: order?.email ?? null }
  await notify(needs, id, [notice], { preferences: preferences.found(chosen) })
}
