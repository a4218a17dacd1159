import { env } from 'cloudflare:workers'
import type { OrderId, PaymentId, UserId } from '../../contracts/ids'
import * as Books from '../book-invariants'
import { call } from '../http'
import { figuresIn } from './figures'
import { marketplace } from './marketplace'
import { members } from './modules'
import { pending, read } from './store'

type Order = Books.Order & { _id: OrderId; buyerId: UserId; sellerIds: UserId[]; number: string }
type Payment = Books.Payment & { _id: PaymentId; captured: boolean; intentId: string | null; status: string }
type Transaction = Books.Transaction & { paymentId: PaymentId }
type Stock = Books.Stock & { journal: unknown[] }
type Notification = { userId: UserId; type: string; eventId: string; data: { orderId?: OrderId } }
type Mail = { userId: UserId; subject?: string; status: string }

const sum = <T>(all: readonly T[], amount: (each: T) => number): number => all.reduce((total, each) => total + amount(each), 0)
const wasPaid = ({ history }: Order): boolean => history.some(({ status }) => status === 'paid')

/** What is notified once of an order, by the type of the notification, and to whom. */
const once = ['order.created', 'order.paid', 'order.failed', 'order.canceled', 'order.shipped', 'order.delivered', 'sale.created']

/** What is wrong in a marketplace that has come to rest, in words; nothing when all promises are kept. */
export async function violations(): Promise<{ lost: string[]; doubled: string[]; wrong: string[] }> {
  const [orders, payments, ledger, stock, movements, notifications, mails, deadLetters, log] = await Promise.all([
    read<Order>('order', 'orders'),
    read<Payment>('payment', 'payments'),
    read<Transaction>('payment', 'ledger'),
    read<Stock>('inventory', 'stock'),
    read<Books.Movement>('inventory', 'movements'),
    read<Notification>('notification', 'notifications'),
    read<Mail>('notification', 'mails'),
    Promise.all(members.map((worker) => read(worker, 'dead_letters'))),
    read<{ eventId: string }>('audit', 'log', {}, { eventId: 1 }),
  ])
  const recorded = log.map(({ eventId }) => eventId)
  const wrong = [
    ...(await pending()).map((what) => `${what} is not done`),
    ...deadLetters.flat().map(({ _id, error }) => `${_id} is parked: ${error}`),
    ...(await moneyIn(orders, payments, ledger)),
    ...(await figuresIn(orders, payments)),
    ...stockIn(orders, stock, movements),
    ...(await chainFaults()),
  ]
  return {
    lost: [...marketplace.deliveryLedger.lost(), ...unrecordedIn(recorded), ...unnotifiedIn(orders, notifications)],
    doubled: [...doubledIn(orders, notifications, mails), ...repeated(recorded.map((id) => `record of ${id}`))],
    wrong,
  }
}

/** Orders, payments, the ledger and the provider agree. */
async function moneyIn(orders: Order[], payments: Payment[], ledger: Transaction[]): Promise<string[]> {
  const paymentsByOrder = Map.groupBy(payments, ({ orderId }) => orderId)
  const ledgerByPayment = Map.groupBy(ledger, ({ paymentId }) => paymentId)
  const known = new Set<string>(orders.map(({ _id }) => _id))
  const perOrder = orders.map((order) => {
    const mine = { payments: paymentsByOrder.get(order._id) ?? [], ledger: ledger.filter(({ orderId }) => orderId === order._id) }
    const unpaid = mine.payments.length === 0 ? [`order ${order._id} has no payment`] : []
    // A refund here is of the whole order, which does not stand after it.
    const refunded = mine.payments.some(({ refunds }) => refunds.some(({ status }) => status === 'succeeded'))
    const stands =
      refunded && Books.isSold(order.status) ? [`order ${order._id} is ${order.status}, and its money went back`] : []
    return [...unpaid, ...stands, ...Books.moneyFaults(order, mine), ...Books.chargeFaults(order, mine)]
  })
  const perPayment = payments.map(async ({ _id, orderId, captured, intentId, refunds }) => {
    const captures = (ledgerByPayment.get(_id) ?? []).filter(({ kind }) => kind === 'capture')
    const refunded = sum(refunds, ({ amount, status }) => (status === 'succeeded' ? amount : 0))
    const theirs = await intentOf(intentId)
    return [
      ...(known.has(orderId) ? [] : [`payment ${_id} has no order`]),
      ...(captures.length === Number(captured) ? [] : [`payment ${_id} is captured ${captures.length} times in the ledger`]),
      ...((theirs?.status === 'succeeded') === captured ? [] : [`payment ${_id} is ${theirs?.status} at the provider`]),
      ...(sum(theirs?.refunds ?? [], ({ amount }) => amount) === refunded
        ? []
        : [`payment ${_id} gave back another sum at the provider`]),
    ]
  })
  return [...perOrder, ...(await Promise.all(perPayment)), ...ledger.map(Books.ledgerFaults)].flat()
}

type Intent = { status: string; refunds: { amount: number }[] }
type Sandbox = { getByName(name: string): { retrieve(): Promise<Intent | null> } }

const intentOf = async (id: string | null): Promise<Intent | null> =>
  id === null ? null : (env as unknown as { SANDBOX: Sandbox }).SANDBOX.getByName(id).retrieve()

/** Stock is conserved, and nothing is held or waits in a journal. */
const stockIn = (orders: Order[], stock: Stock[], movements: Books.Movement[]): string[] =>
  stock.flatMap((each) => [
    ...Books.stockFaults(each, { orders, movements }),
    ...(each.held === 0 ? [] : [`${each._id}: ${each.held} are held`]),
    ...(each.journal.length === 0 ? [] : [`${each._id} keeps ${each.journal.length} movements`]),
  ])

/** What no notification reported. */
function unnotifiedIn(orders: Order[], notifications: Notification[]): string[] {
  const notified = Map.groupBy(notifications, ({ data, type }) => `${data.orderId} ${type}`)
  return orders.flatMap((order) => {
    const { _id, buyerId, sellerIds, status } = order
    const wanted: [type: string, userIds: UserId[]][] = [
      ...(wasPaid(order)
        ? [['order.paid', [buyerId]] as [string, UserId[]], ['sale.created', sellerIds] as [string, UserId[]]]
        : []),
      ...(['failed', 'canceled', 'shipped', 'delivered'].includes(status)
        ? [[`order.${status}`, [buyerId]] as [string, UserId[]]]
        : []),
    ]
    return wanted.flatMap(([type, userIds]) =>
      userIds
        .filter((userId) => !notified.get(`${_id} ${type}`)?.some((found) => found.userId === userId))
        .map((userId) => `${userId} never got ${type} of ${_id}`),
    )
  })
}

/** What the log of the audit Worker lacks. */
function unrecordedIn(recorded: readonly string[]): string[] {
  const { generated } = marketplace.deliveryLedger
  const known = new Set(recorded)
  return [...generated.values()].flatMap((event) =>
    known.has(event.id) ? [] : [`${event.type} of ${event.subject}, ${event.id}, is not in the log`],
  )
}

/** What is wrong with the chain of the log, as an operator sees it. */
async function chainFaults(): Promise<string[]> {
  const operator = marketplace.auth.person('admin')
  const found: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query: string = cursor === '' ? '' : `?cursor=${cursor}`
    const { json } = await call(marketplace.endpoint('audit'), 'GET', `/v1/audit/verify${query}`, { actor: operator })
    if (!json.ok) found.push(`the log is broken at ${JSON.stringify(json.firstBroken ?? json)}`)
    cursor = json.next ?? null
  }
  return found
}

/** What happened more often than once. */
function doubledIn(orders: Order[], notifications: Notification[], mails: Mail[]): string[] {
  const steps = orders.flatMap(({ _id, history }) => history.map(({ status }) => `step of ${_id} to ${status}`))
  const perOrder = notifications.flatMap(({ userId, type, data }) =>
    once.includes(type) ? [`${type} of ${data.orderId} to ${userId}`] : [],
  )
  const perEvent = notifications.map(({ eventId, userId, type }) => `${type} by ${eventId} to ${userId}`)
  const sent = mails.flatMap(({ userId, subject, status }) =>
    status === 'sent' && subject && / C-/i.test(subject) ? [`mail "${subject}" to ${userId}`] : [],
  )
  const twins = orders.flatMap((order) => Books.orderTwins(order, { orders }))
  return [...twins, ...[steps, perOrder, perEvent, sent].flatMap(repeated)]
}

function repeated(all: string[]): string[] {
  return [...Map.groupBy(all, (each) => each)].flatMap(([each, found]) =>
    found.length > 1 ? [`${each}: ${found.length} times`] : [],
  )
}
