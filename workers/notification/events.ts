import type { Handlers } from '../../shared/contracts/events'
import { notify } from './commands'
import type { Deps } from './deps'
import * as messages from './messages'
import { ofPayment, orderMoved, piecesOf, salesMade, toBuyer, toSellers } from './order-news'
import { post } from './posting'
import { productChanged, stockChanged } from './watching'

export const handlers: Handlers<'notification', Deps> = {
  'user.registered': ({ id, data: { userId } }, deps) =>
    post(deps, [{ _id: `${id}:${userId}:welcome`, userId, guestEmail: null, content: { kind: 'verification' } }]),

  'user.password_reset_requested': ({ id, data: { userId, requestId } }, deps) =>
    post(deps, [{ _id: `${id}:${userId}:reset`, userId, guestEmail: null, content: { kind: 'password_reset', requestId } }]),

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
    // An order that has gone on needs no invitation to pay.
    if (await orderMoved(deps, event)) await notify(deps, event.id, [toBuyer(event.data, messages.orderPlaced(event.data))])
  },

  'order.paid': async (event, deps) => {
    const { id, data } = event
    await orderMoved(deps, event)
    await salesMade(deps, event)
    await notify(deps, id, [
      toBuyer(data, messages.orderPaid(data)),
      ...toSellers(data, (sellerId) => messages.saleMade(data, piecesOf(data, sellerId))),
    ])
  },

  'order.canceled': async (event, deps) => {
    const { id, data } = event
    await orderMoved(deps, event)
    const sellers = data.wasPaid ? toSellers(data, () => messages.saleCanceled(data)) : []
    await notify(deps, id, [toBuyer(data, messages.orderCanceled(data)), ...sellers])
  },

  'order.shipped': async (event, deps) => {
    await orderMoved(deps, event)
    await notify(deps, event.id, [toBuyer(event.data, messages.orderShipped(event.data))])
  },

  'order.delivered': async (event, deps) => {
    await orderMoved(deps, event)
    await notify(deps, event.id, [toBuyer(event.data, messages.orderDelivered(event.data))])
  },

  'payment.succeeded': async (event, deps) => notify(deps, event.id, [await ofPayment(deps, event, messages.paymentSucceeded)]),
  'payment.failed': async (event, deps) => notify(deps, event.id, [await ofPayment(deps, event, messages.paymentFailed)]),
  'payment.refunded': async (event, deps) => notify(deps, event.id, [await ofPayment(deps, event, messages.paymentRefunded)]),
}
