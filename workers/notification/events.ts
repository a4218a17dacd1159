import type { Handlers } from '../../shared/contracts/events'
import type { EventId, UserId } from '../../shared/contracts/ids'
import * as messages from './content/messages'
import { defaultPreferences } from './content/notification'
import type { Deps } from './deps'
import type { EmailDraft } from './email/email'
import { dispatchEmails, retryEmail } from './notify/dispatch'
import { notify } from './notify/notify'
import {
  noticesToSellers,
  noticeToBuyer,
  notifyOfOrder,
  notifyOfPayment,
  orderPush,
  quantitySoldBy,
  recordOrder,
  salePushes,
} from './notify/order-notifications'
import { applyProductUpdate, applyStockChange } from './notify/watchlist'

export const handlers: Handlers<'notification', Deps> = {
  'user.registered': ({ id, data: { userId } }, deps) =>
    dispatchEmails(deps, id, [{ ...accountDraft(id, userId, 'welcome'), content: { kind: 'verification' } }]),

  'user.password_reset_requested': ({ id, data: { userId, requestId } }, deps) =>
    dispatchEmails(deps, id, [{ ...accountDraft(id, userId, 'reset'), content: { kind: 'password_reset', requestId } }]),

  'mail.retry_requested': ({ data: { mailId, version } }, deps) => retryEmail(deps, mailId, version),

  'user.session_revoked': async ({ id, time, data: { userId, sessionId, reason } }, deps) => {
    await deps.live.of(userId).revoke({ sessionId, reason, time })
    if (reason === 'refresh_reuse') await notify(deps, id, [{ userId, message: messages.sessionStolen() }])
  },

  'product.updated': (event, deps) => applyProductUpdate(deps, event),

  'stock.changed': (event, deps) => applyStockChange(deps, event),

  'cart.updated': ({ id, time, data: { cartId, version, userId, itemCount, subtotal, items } }, deps) =>
    deps.live.of(userId).push([
      {
        ...{ key: `${id}:cart`, type: 'cart.updated', time, subject: { id: cartId, version } },
        data: { id: cartId, version, itemCount, subtotal, items },
      },
    ]),

  'order.created': async (event, deps) => {
    const invitation = [noticeToBuyer(event.data, messages.orderPlaced(event.data))]
    const { isNewest, preferences } = await recordOrder(deps, event, invitation)
    // An order that has changed since needs no invitation to pay.
    await notify(deps, event.id, isNewest ? invitation : [], { preferences, pushes: [orderPush(event)] })
  },

  'order.paid': (event, deps) => {
    const { data } = event
    const sellers = noticesToSellers(data, (sellerId) => messages.saleMade(data, quantitySoldBy(data, sellerId)))
    return notifyOfOrder(deps, event, [noticeToBuyer(data, messages.orderPaid(data)), ...sellers], salePushes(event))
  },

  'order.canceled': (event, deps) => {
    const { data } = event
    const sellers = data.wasPaid ? noticesToSellers(data, () => messages.saleCanceled(data)) : []
    return notifyOfOrder(deps, event, [noticeToBuyer(data, messages.orderCanceled(data)), ...sellers])
  },

  'order.shipped': (event, deps) => notifyOfOrder(deps, event, [noticeToBuyer(event.data, messages.orderShipped(event.data))]),
  'order.delivered': (event, deps) =>
    notifyOfOrder(deps, event, [noticeToBuyer(event.data, messages.orderDelivered(event.data))]),

  'payment.succeeded': (event, deps) => notifyOfPayment(deps, event, messages.paymentSucceeded),
  'payment.failed': (event, deps) => notifyOfPayment(deps, event, messages.paymentFailed),
  'payment.refunded': (event, deps) => notifyOfPayment(deps, event, messages.paymentRefunded),
}

const accountDraft = (eventId: EventId, userId: UserId, kind: string): Omit<EmailDraft, 'content'> => ({
  ...{ _id: `${eventId}:${userId}:${kind}`, eventId, userId, guestEmail: null, locale: defaultPreferences.locale },
})
