import type { Instant, ProductId, UserId, VariantId } from '../../shared/contracts/ids'
import { type Currency, money, split } from '../../shared/contracts/money'
import type { DashboardEvent, Owner } from './dashboard-api'
import { bucketOf } from './ship-times'
import { type Contribution, productTopic, totals } from './sums'

/** The sold lines; amounts are minor units. `groups` has all sellers in the sequence of the order, `items` only the owner's lines. */
type Sale = {
  currency: Currency
  groups: { sellerId: UserId; subtotal: number; commission: number }[]
  items: { productId: ProductId; variantId: VariantId; quantity: number; amount: number }[]
}

/** The known facts of one order. Each event sets facts of its own, so that events may arrive in any order and more than once. */
export type OrderFacts = {
  sale: Sale | null
  placedAt: Instant | null
  paidAt: Instant | null
  /** Whether buyer or seller canceled it. */
  canceled: boolean
  /** The greatest refunded total of any event: the amount refunded in all. */
  refunded: number
  /** When each seller shipped. */
  shipped: [UserId, Instant][]
}

export type OrderEvent = Extract<DashboardEvent, { data: { orderId: unknown } }>

export const noFacts: OrderFacts = { sale: null, placedAt: null, paidAt: null, canceled: false, refunded: 0, shipped: [] }

const owns = (owner: Owner, sellerId: UserId): boolean => owner === 'marketplace' || owner === sellerId

const earliest = (known: Instant | null, at: Instant): Instant => (known === null ? at : Math.min(known, at))

/** The facts after an event: the same for any order of events and any repeats of them. */
export function merge(facts: OrderFacts, { type, time, data }: OrderEvent, owner: Owner): OrderFacts {
  const at = Date.parse(time)
  switch (type) {
    case 'order.created':
      return { ...facts, sale: saleOf(data, owner), placedAt: earliest(facts.placedAt, at) }
    case 'order.paid':
      return { ...facts, sale: saleOf(data, owner), paidAt: earliest(facts.paidAt, at) }
    case 'order.canceled':
      return { ...facts, canceled: facts.canceled || data.reason === 'buyer' || data.reason === 'seller' }
    case 'payment.refunded':
      return { ...facts, refunded: Math.max(facts.refunded, data.refundedTotal.amount) }
    case 'order.shipped': {
      const shipped = new Map(facts.shipped)
      shipped.set(data.sellerId, earliest(shipped.get(data.sellerId) ?? null, at))
      return { ...facts, shipped: [...shipped].sort(([a], [b]) => (a < b ? -1 : 1)) }
    }
    default:
      return type satisfies never
  }
}

type SaleData = Extract<OrderEvent, { type: 'order.paid' }>['data']

/** order.created and order.paid carry the same lines. */
function saleOf({ grand, groups, items }: Pick<SaleData, 'grand' | 'groups' | 'items'>, owner: Owner): Sale {
  return {
    currency: grand.currency,
    groups: groups.map(({ sellerId, subtotal, commission }) => ({
      ...{ sellerId, subtotal: subtotal.amount, commission: commission.amount },
    })),
    items: items
      .filter(({ sellerId }) => owns(owner, sellerId))
      .map(({ productId, variantId, quantity, lineTotal }) => ({ productId, variantId, quantity, amount: lineTotal.amount })),
  }
}

/** The contributions of an order to the sums of a dashboard; none before its lines are known. */
export function contributionsOf(facts: OrderFacts, owner: Owner): Contribution[] {
  const { sale, placedAt, paidAt, canceled } = facts
  if (sale === null) return []
  const placed = placedAt === null ? [] : [count('placed', placedAt), ...(canceled ? [count('canceled', placedAt)] : [])]
  return paidAt === null ? placed : [...placed, ...paid(facts, sale, paidAt, owner)]
}

const count = (figure: string, at: Instant, amount = 1): Contribution => ({ topic: totals, figure, at, amount })

function paid({ refunded, shipped }: OrderFacts, { currency, groups, items }: Sale, at: Instant, owner: Owner): Contribution[] {
  const returned = split(
    money(refunded, currency),
    groups.map(({ subtotal }) => subtotal),
  )
  const own = groups.flatMap((group, index) =>
    owns(owner, group.sellerId) ? [{ ...group, refunded: returned[index]?.amount ?? 0 }] : [],
  )
  return [
    count(`orders:${currency}`, at),
    ...own.flatMap((group) => [
      count(`gross:${currency}`, at, group.subtotal),
      count(`refunded:${currency}`, at, group.refunded),
      count(`commission:${currency}`, at, commissionKept(group)),
    ]),
    ...shipped
      .filter(([sellerId]) => owns(owner, sellerId))
      .map(([, shippedAt]) => count(`ship:${bucketOf(shippedAt - at)}`, at)),
    ...items.flatMap(({ productId, variantId, quantity, amount }) => [
      count('units', at, quantity),
      { topic: variantId, figure: 'units', at, amount: quantity },
      { topic: productTopic('units', currency), figure: productId, at, amount: quantity },
      { topic: productTopic('gross', currency), figure: productId, at, amount },
    ]),
    ...[...new Set(items.map(({ productId }) => productId))].map((productId) => ({
      ...{ topic: productTopic('orders', currency), figure: productId, at, amount: 1 },
    })),
  ]
}

/** The commission that the platform keeps. It refunds its share in proportion, rounded down. */
function commissionKept({ subtotal, commission, refunded }: { subtotal: number; commission: number; refunded: number }): number {
  if (subtotal === 0) return commission
  const returned = (BigInt(commission) * BigInt(Math.min(refunded, subtotal))) / BigInt(subtotal)
  return commission - Number(returned)
}
