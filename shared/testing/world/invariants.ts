import { env } from 'cloudflare:workers'
import type { Instant, OrderId, PaymentId, UserId, VariantId } from '../../contracts/ids'
import { call } from '../http'
import { figuresIn } from './figures'
import { marketplace } from './marketplace'
import { members } from './modules'
import { pending, read } from './store'

type Order = {
  _id: OrderId
  buyerId: UserId
  sellerIds: UserId[]
  number: string
  status: 'pending' | 'paid' | 'shipped' | 'delivered' | 'failed' | 'canceled' | 'refunded'
  items: { variantId: VariantId; sellerId: UserId; quantity: number }[]
  groups: { sellerId: UserId; shippedAt: Instant | null }[]
  totals: { grand: { amount: number } }
  cart: string
  history: { status: string }[]
}
type Refund = { amount: number; status: string }
type Payment = { _id: PaymentId; orderId: OrderId; captured: boolean; intentId: string | null; status: string; refunds: Refund[] }
type Entry = { side: 'debit' | 'credit'; amount: number }
type Transaction = { _id: string; paymentId: PaymentId; kind: 'capture' | 'refund'; entries: Entry[] }
type Stock = { _id: VariantId; available: number; held: number; sold: number; journal: unknown[] }
type Movement = { variantId: VariantId; kind: string; quantity: number }
type Notification = { userId: UserId; type: string; eventId: string; data: { orderId?: OrderId } }
type Mail = { userId: UserId; subject?: string; status: string }

const sum = <T>(all: readonly T[], amount: (each: T) => number): number => all.reduce((total, each) => total + amount(each), 0)
const isKept = ({ status }: Order): boolean => ['paid', 'shipped', 'delivered'].includes(status)
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
    read<Movement>('inventory', 'movements'),
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
  const byOrder = Map.groupBy(payments, ({ orderId }) => orderId)
  const byPayment = Map.groupBy(ledger, ({ paymentId }) => paymentId)
  const known = new Set(orders.map(({ _id }) => _id))
  const perOrder = orders.map((order) => {
    const mine = byOrder.get(order._id) ?? []
    const [payment] = mine
    if (mine.length !== 1 || !payment) return [`order ${order._id} has ${mine.length} payments`]
    const back = sum(payment.refunds, ({ amount, status }) => (status === 'succeeded' ? amount : 0))
    const kept = payment.captured ? order.totals.grand.amount - back : 0
    const due = isKept(order) ? order.totals.grand.amount : 0
    return kept === due ? [] : [`order ${order._id} is ${order.status}, and ${kept} of its money is kept`]
  })
  const perPayment = payments.map(async ({ _id, orderId, captured, intentId, refunds }) => {
    const mine = byPayment.get(_id) ?? []
    const of = (kind: Transaction['kind']) => mine.filter((transaction) => transaction.kind === kind)
    const debits = (all: Transaction[]) =>
      sum(
        all.flatMap(({ entries }) => entries),
        ({ side, amount }) => (side === 'debit' ? amount : 0),
      )
    const credits = sum(
      mine.flatMap(({ entries }) => entries),
      ({ side, amount }) => (side === 'credit' ? amount : 0),
    )
    const back = sum(refunds, ({ amount, status }) => (status === 'succeeded' ? amount : 0))
    const theirs = await intentOf(intentId)
    return [
      ...(known.has(orderId) ? [] : [`payment ${_id} has no order`]),
      ...(of('capture').length === Number(captured)
        ? []
        : [`payment ${_id} is captured ${of('capture').length} times in the ledger`]),
      ...(debits(of('refund')) === back ? [] : [`payment ${_id} gave back ${back}, ${debits(of('refund'))} in the ledger`]),
      ...(debits(mine) === credits ? [] : [`the ledger of payment ${_id} does not balance`]),
      ...((theirs?.status === 'succeeded') === captured ? [] : [`payment ${_id} is ${theirs?.status} at the provider`]),
      ...(sum(theirs?.refunds ?? [], ({ amount }) => amount) === back
        ? []
        : [`payment ${_id} gave back another sum at the provider`]),
    ]
  })
  return [...perOrder, ...(await Promise.all(perPayment))].flat()
}

type Intent = { status: string; refunds: { amount: number }[] }
type Sandbox = { getByName(name: string): { retrieve(): Promise<Intent | null> } }

const intentOf = async (id: string | null): Promise<Intent | null> =>
  id === null ? null : (env as unknown as { SANDBOX: Sandbox }).SANDBOX.getByName(id).retrieve()

/** What of an order is not for sale again: all while it stands; once its money went back, what had left before. */
function itemsGone(order: Order): Order['items'] {
  const { items, groups } = order
  const left = groups.filter(({ shippedAt }) => shippedAt !== null).map(({ sellerId }) => sellerId)
  return isKept(order) ? items : items.filter(({ sellerId }) => left.includes(sellerId))
}

/** What is there, held and sold is what ever came in, and what is sold is what orders bought. */
function stockIn(orders: Order[], stock: Stock[], movements: Movement[]): string[] {
  const came = Map.groupBy(
    movements.filter(({ kind }) => kind === 'open' || kind === 'set'),
    ({ variantId }) => variantId,
  )
  const bought = Map.groupBy(orders.flatMap(itemsGone), ({ variantId }) => variantId)
  const quantity = (all: { quantity: number }[] = []) => sum(all, (each) => each.quantity)
  return stock.flatMap(({ _id, available, held, sold, journal }) => [
    ...(available >= 0 ? [] : [`${_id} is oversold`]),
    ...(available + held + sold === quantity(came.get(_id))
      ? []
      : [`${_id}: ${available} + ${held} + ${sold} units of ${quantity(came.get(_id))}`]),
    ...(sold === quantity(bought.get(_id)) && held === 0
      ? []
      : [`${_id}: ${sold} sold and ${held} held of ${quantity(bought.get(_id))} bought`]),
    ...(journal.length === 0 ? [] : [`${_id} keeps ${journal.length} movements`]),
  ])
}

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
  const carts = orders.map(({ cart }) => `order of cart ${cart}`)
  const steps = orders.flatMap(({ _id, history }) => history.map(({ status }) => `step of ${_id} to ${status}`))
  const perOrder = notifications.flatMap(({ userId, type, data }) =>
    once.includes(type) ? [`${type} of ${data.orderId} to ${userId}`] : [],
  )
  const perEvent = notifications.map(({ eventId, userId, type }) => `${type} by ${eventId} to ${userId}`)
  const sent = mails.flatMap(({ userId, subject, status }) =>
    status === 'sent' && subject && / C-/i.test(subject) ? [`mail "${subject}" to ${userId}`] : [],
  )
  return [carts, steps, perOrder, perEvent, sent].flatMap(repeated)
}

function repeated(all: string[]): string[] {
  return [...Map.groupBy(all, (each) => each)].flatMap(([each, found]) =>
    found.length > 1 ? [`${each}: ${found.length} times`] : [],
  )
}
