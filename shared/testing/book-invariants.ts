/** The parts of stored documents that these invariants speak of; amounts are minor units. */
export type Order = {
  _id: string
  status: string
  cart: string
  items: readonly { variantId: string; sellerId: string; quantity: number }[]
  groups: readonly { sellerId: string; shippedAt: number | null }[]
  totals: { grand: { amount: number } }
  history: readonly { status: string }[]
}
export type Payment = {
  _id: string
  orderId: string
  refunds: readonly { amount: number; status: string }[]
}
export type Transaction = {
  _id: string
  orderId: string
  kind: 'capture' | 'refund'
  entries: readonly { side: 'debit' | 'credit'; amount: number }[]
}
export type Stock = {
  _id: string
  available: number
  held: number
  sold: number
  holds: readonly { quantity: number }[]
}
export type Movement = { variantId: string; kind: string; quantity: number }

/** What the marketplace wrote down, at rest: nothing may be under way any more. */
type Books = {
  orders: readonly Order[]
  payments: readonly Payment[]
  ledger: readonly Transaction[]
  movements: readonly Movement[]
}

/** Whether an order of this status was paid and stands. */
export const isSold = (status: string): boolean => ['paid', 'shipped', 'delivered'].includes(status)

const sumOf = <T>(items: readonly T[], amount: (item: T) => number): number => items.reduce((sum, item) => sum + amount(item), 0)

/** Units are for sale, held or sold, and no other number of them ever came in; what is sold is what orders bought. */
export function stockFaults(stock: Stock, { orders, movements }: Pick<Books, 'orders' | 'movements'>): string[] {
  const { _id, available, held, sold, holds } = stock
  // Orders move units between available, held and sold; only what somebody counted adds to them or takes away.
  const counted = movements.filter(({ variantId, kind }) => variantId === _id && ['open', 'set'].includes(kind))
  const total = sumOf(counted, ({ quantity }) => quantity)
  const unitsIn = (wanted: (status: string) => boolean) =>
    sumOf(
      orders.filter(({ status }) => wanted(status)),
      ({ items }) =>
        sumOf(
          items.filter(({ variantId }) => variantId === _id),
          ({ quantity }) => quantity,
        ),
    )
  const gone = unitsIn(isSold) + shippedOfEnded(_id, orders)
  const heldByHolds = sumOf(holds, ({ quantity }) => quantity)
  return [
    ...(available < 0 ? [`${_id}: ${available} available`] : []),
    ...(available + held + sold === total ? [] : [`${_id}: ${available} + ${held} + ${sold} is not the ${total} that came in`]),
    ...(held === heldByHolds ? [] : [`${_id}: ${held} held, but the holds say ${heldByHolds}`]),
    ...(held === unitsIn((status) => status === 'pending') ? [] : [`${_id}: ${held} held, pending orders want another number`]),
    ...(sold === gone ? [] : [`${_id}: ${sold} sold, paid orders want ${gone}`]),
  ]
}

/** Units that had left before all the money of their order went back: they are gone for good. */
const shippedOfEnded = (variantId: string, orders: readonly Order[]): number =>
  sumOf(
    orders.filter(({ status }) => status === 'refunded'),
    ({ items, groups }) => {
      const left = new Set(groups.filter(({ shippedAt }) => shippedAt !== null).map(({ sellerId }) => sellerId))
      return sumOf(
        items.filter((item) => item.variantId === variantId && left.has(item.sellerId)),
        ({ quantity }) => quantity,
      )
    },
  )

/** What was kept of an order's money, in minor units, by the ledger. */
const keptOf = (orderId: string, { ledger }: Pick<Books, 'ledger'>): number =>
  sumOf(
    ledger.filter((transaction) => transaction.orderId === orderId),
    ({ kind, entries }) =>
      (kind === 'capture' ? 1 : -1) *
      sumOf(
        entries.filter(({ side }) => side === 'debit'),
        ({ amount }) => amount,
      ),
  )

/** The money kept of an order is what it is worth. */
export function moneyFaults(order: Order, books: Pick<Books, 'payments' | 'ledger'>): string[] {
  const payment = books.payments.find(({ orderId }) => orderId === order._id)
  const refunded = sumOf(payment?.refunds.filter(({ status }) => status === 'succeeded') ?? [], ({ amount }) => amount)
  const open = payment?.refunds.filter(({ status }) => status === 'pending') ?? []
  const worth = isSold(order.status) ? order.totals.grand.amount - refunded : 0
  const kept = keptOf(order._id, books)
  return [
    ...(kept === worth ? [] : [`${order._id} is ${order.status}, worth ${worth}; kept ${kept}`]),
    ...(open.length > 0 ? [`${order._id}: ${open.length} refunds are still under way`] : []),
  ]
}

/** A paid order has one payment and one charge. */
export function chargeFaults(order: Order, { ledger, payments }: Pick<Books, 'payments' | 'ledger'>): string[] {
  const captures = ledger.filter(({ orderId, kind }) => orderId === order._id && kind === 'capture')
  const made = payments.filter(({ orderId }) => orderId === order._id)
  const wasPaid = order.history.some(({ status }) => status === 'paid')
  return [
    ...(made.length > 1 ? [`${order._id} has ${made.length} payments`] : []),
    ...(captures.length > 1 ? [`${order._id} was charged ${captures.length} times`] : []),
    ...(wasPaid && captures.length === 0 ? [`${order._id} is paid without a charge`] : []),
  ]
}

/** Debits equal credits in each transaction. */
export function ledgerFaults({ _id, entries }: Transaction): string[] {
  const total = (wanted: string) =>
    sumOf(
      entries.filter(({ side }) => side === wanted),
      ({ amount }) => amount,
    )
  return total('debit') === total('credit') ? [] : [`${_id} does not balance`]
}

/** One version of a cart becomes one order. */
export const orderTwins = (order: Order, { orders }: Pick<Books, 'orders'>): string[] =>
  orders.some(({ _id, cart }) => cart === order.cart && _id !== order._id)
    ? [`${order._id} is not the only order of its cart`]
    : []
