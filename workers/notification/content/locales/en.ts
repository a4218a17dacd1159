import type { EventData } from '../../../../shared/contracts/events'
import { formatMoney } from '../../../../shared/contracts/money'
import type { NotificationText } from '../locale'
import type { Facts, Texts } from './texts'

const endings: Record<EventData<'order.canceled'>['reason'], string> = {
  buyer: 'It was canceled as you asked.',
  seller: 'The seller cannot deliver it.',
  expired: 'No payment came in time.',
  payment_failed: 'The payment did not succeed.',
  refunded: 'What was not sent yet will not come.',
}

const ended = (how: string, { number, reason, wasPaid, grand }: Facts['order.canceled']): NotificationText => ({
  title: `Order ${number} ${how}`,
  body: `${endings[reason]} ${wasPaid ? `Your payment of ${formatMoney(grand)} is returned.` : 'Nothing was charged.'}`,
})

const aPartOf = (sellerIds: readonly unknown[], number: string) =>
  sellerIds.length > 1 ? `A part of order ${number}` : `Order ${number}`

const named = (number: string | null): string => (number ? `order ${number}` : 'your order')

function nameOf({ product, stock }: Facts['stock.low']): string {
  const sku = product?.variants[stock.variantId]?.sku
  return `${product?.title ?? 'One of your products'}${sku ? ` (${sku})` : ''}`
}

export const en: Texts = {
  notifications: {
    'order.created': ({ number, grand }) => ({
      title: `Order ${number} is placed`,
      body: `Its items are set aside for you until the payment of ${formatMoney(grand)} is in.`,
    }),
    'order.paid': ({ number, grand }) => ({
      title: `Receipt for order ${number}`,
      body: `We received your payment of ${formatMoney(grand)}. The sellers now prepare your items.`,
    }),
    'order.canceled': (order) => ended('is canceled', order),
    'order.failed': (order) => ended('has failed', order),
    'order.shipped': ({ number, sellerIds, carrier, trackingNumber }) => ({
      title: `${aPartOf(sellerIds, number)} is on its way`,
      body: `A seller sent your items${carrier ? ` with ${carrier}` : ''}.${trackingNumber ? ` The tracking number is ${trackingNumber}.` : ''}`,
    }),
    'order.delivered': ({ number, sellerIds }) => ({
      title: `${aPartOf(sellerIds, number)} has arrived`,
      body: 'We hope that you like it.',
    }),
    'sale.created': ({ number, pieces }) => ({
      title: `You sold ${pieces === 1 ? '1 piece' : `${pieces} pieces`}`,
      body: `Order ${number} is paid and waits for you to ship it.`,
    }),
    'sale.canceled': ({ number }) => ({
      title: `Order ${number} is canceled`,
      body: 'It was paid and will not go on. Do not ship it; its items are back in stock.',
    }),
    'payment.succeeded': ({ payment, number }) => ({
      title: 'Your payment is in',
      body: `${formatMoney(payment.amount)} for ${named(number)}.`,
    }),
    'payment.failed': ({ payment, number }) => ({
      title: 'Your payment was declined',
      body: `${formatMoney(payment.amount)} for ${named(number)} could not be taken.`,
    }),
    'payment.refunded': ({ payment, number }) => ({
      title: 'You get money back',
      body: `${formatMoney(payment.amount)} for ${named(number)}; ${formatMoney(payment.refundedTotal)} returned in all.`,
    }),
    'stock.low': (facts) => ({ title: `${nameOf(facts)} is running low`, body: `${facts.stock.available} left.` }),
    'stock.out': (facts) => ({
      title: `${nameOf(facts)} is sold out`,
      body: 'Shoppers cannot order it until you restock.',
    }),
    'product.price_dropped': ({ title, before, after }) => ({
      title: `${title} costs less now`,
      body: `${formatMoney(after)} instead of ${formatMoney(before)}.`,
    }),
    'product.changed': ({ title }) => ({
      title: `${title} has changed`,
      body: 'Its title, its prices or its variants are not what they were.',
    }),
    'product.archived': ({ title }) => ({
      title: `${title} is no longer sold`,
      body: 'The seller took it off the market.',
    }),
    'product.back_in_stock': ({ title }) => ({
      title: `${title ?? 'A product you watch'} is back in stock`,
      body: 'It can be ordered again.',
    }),
    'account.session_revoked': () => ({
      title: 'We signed a device out',
      body: 'An old sign-in of yours was used a second time, so we ended that session. If it was not you, change your password.',
    }),
    'account.mail_undelivered': ({ subject }) => ({
      title: 'A mail to you could not be delivered',
      body: `It was “${subject}”. Look whether your e-mail address is right, then ask for it again.`,
    }),
  },
  emails: {
    hello: (name) => (name ? `Hello ${name},` : 'Hello,'),
    signature: 'Credenza',
    verification: {
      subject: 'Welcome to Credenza',
      before: 'Confirm your e-mail address with this:',
      action: 'Confirm the address',
      after: (until) => `It works until ${new Date(until).toUTCString()}.`,
    },
    passwordReset: {
      subject: 'Choose a new password',
      before: 'Somebody, hopefully you, asked for a new password. Choose it with this:',
      action: 'Choose a password',
      after: (until) => `It works until ${new Date(until).toUTCString()}. If it was not you, there is nothing to do.`,
    },
    digest: (count) => ({
      subject: `${count} things are new about products you watch`,
      before: 'This is new about products you watch:',
    }),
    seeOrder: 'See the order',
    seeProduct: 'See the product',
  },
}
