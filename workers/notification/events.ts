import type { Handlers } from '../../shared/contracts/events'
import type { EventId, UserId } from '../../shared/contracts/ids'
import * as messages from './content/messages'
import { defaultPreferences } from './content/notification'
import type { Deps } from './deps'
import type { Draft } from './email/email'
import { notify } from './notify/commands'
import { post, retryMail } from './notify/dispatch'
import {
  orderMoved,
  orderShown,
  piecesOf,
  salesShown,
  tellOfOrder,
  tellOfPayment,
  toBuyer,
  toSellers,
} from './notify/order-notifications'
import { productChanged, stockChanged } from './notify/watchlist'

export const handlers: Handlers<'notification', Deps> = {
  'user.registered': ({ id, data: { userId } }, deps) =>
    post(deps, id, [{ ...accountDraft(id, userId, 'welcome'), content: { kind: 'verification' } }]),

  'user.password_reset_requested': ({ id, data: { userId, requestId } }, deps) =>
    post(deps, id, [{ ...accountDraft(id, userId, 'reset'), content: { kind: 'password_reset', requestId } }]),

  'mail.retry_requested': ({ data: { mailId, version } }, deps) => retryMail(deps, mailId, version),

  'user.session_revoked': async ({ id, time, data: { userId, sessionId, reason } }, deps) => {
    await deps.live.of(userId).revoke({ sessionId, reason, time })
    if (reason === 'refresh_reuse') await notify(deps, id, [{ userId, message: messages.sessionStolen() }])
  },

  'product.updated': (event, deps) => productChanged(deps, event),

  'stock.changed': (event, deps) => stockChanged(deps, event),

  'cart.updated': ({ id, time, data: { cartId, version, userId, itemCount, subtotal, items } }, deps) =>
    deps.live.of(userId).push([
      {
        ...{ key: `${id}:cart`, type: 'cart.updated', time, subject: { id: cartId, version } },
        data: { id: cartId, version, itemCount, subtotal, items },
      },
    ]),

  'order.created': async (event, deps) => {
    const invitation = [toBuyer(event.data, messages.orderPlaced(event.data))]
    const { isNewest, preferences } = await orderMoved(deps, event, invitation)
    // An order that has gone on needs no invitation to pay.
    await notify(deps, event.id, isNewest ? invitation : [], { preferences, pushes: [orderShown(event)] })
  },

  'order.paid': (event, deps) => {
    const { data } = event
    const sellers = toSellers(data, (sellerId) => messages.saleMade(data, piecesOf(data, sellerId)))
    return tellOfOrder(deps, event, [toBuyer(data, messages.orderPaid(data)), ...sellers], salesShown(event))
  },

  'order.canceled': (event, deps) => {
    const { data } = event
    const sellers = data.wasPaid ? toSellers(data, () => messages.saleCanceled(data)) : []
    return tellOfOrder(deps, event, [toBuyer(data, messages.orderCanceled(data)), ...sellers])
  },

  'order.shipped': (event, deps) => tellOfOrder(deps, event, [toBuyer(event.data, messages.orderShipped(event.data))]),
  'order.delivered': (event, deps) => tellOfOrder(deps, event, [toBuyer(event.data, messages.orderDelivered(event.data))]),

  'payment.succeeded': (event, deps) => tellOfPayment(deps, event, messages.paymentSucceeded),
  'payment.failed': (event, deps) => tellOfPayment(deps, event, messages.paymentFailed),
  'payment.refunded': (event, deps) => tellOfPayment(deps, event, messages.paymentRefunded),
}

const accountDraft = (eventId: EventId, userId: UserId, kind: string): Omit<Draft, 'content'> => ({
  ...{ _id: `${eventId}:${userId}:${kind}`, eventId, userId, guestEmail: null, locale: defaultPreferences.locale },
})
