import type { Instant, ProductId, UserId, VariantId } from '../../shared/contracts/ids'
import { type Currency, money, split } from '../../shared/contracts/money'
import type { Heard, Owner } from './reading'
import { bucketOf } from './ship-times'
import { type Contribution, productTopic, totals } from './sums'

/** What was sold; amounts are minor units. `groups` are those of all sellers, in the order's own order, `items` the owner's alone. */
type Sale = {
  currency: Currency
  groups: { sellerId: UserId; subtotal: number; commission: number }[]
  items: { productId: ProductId; variantId: VariantId; quantity: number; amount: number }[]
}

/** What was heard of one order. Each event sets what is its own, so that they may come in any order and more than once. */
export type Facts = {
  sale: Sale | null
  placedAt: Instant | null
  paidAt: Instant | null
  /** Whether buyer or seller canceled it. */
  canceled: boolean
  /** The greatest total that was told of: what has gone back in all. */
  refunded: number
  /** When whose parcel left, by seller. */
  shipped: [UserId, Instant][]
}

export type OrderHeard = Extract<Heard, { data: { orderId: unknown } }>

export const noFacts: Facts = { sale: null, placedAt: null, paidAt: null, canceled: false, refunded: 0, shipped: [] }

const owns = (owner: Owner, sellerId: UserId): boolean => owner === 'marketplace' || owner === sellerId

const earliest = (known: Instant | null, heard: Instant): Instant => (known === null ? heard : Math.min(known, heard))

/** The facts after an event: the same for any order of events and any repeats of them. */
export function merge(facts: Facts, { type, time, data }: OrderHeard, owner: Owner): Facts {
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

type SaleData = Extract<OrderHeard, { type: 'order.paid' }>['data']

/** Placed or paid, an order says the same of what is sold in it. */
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

/** What an order adds to the sums of a dashboard. Nothing before it is known what was sold in it. */
export function contributionsOf(facts: Facts, owner: Owner): Contribution[] {
  const { sale, placedAt, paidAt, canceled } = facts
  if (sale === null) return []
  const placed = placedAt === null ? [] : [count('placed', placedAt), ...(canceled ? [count('canceled', placedAt)] : [])]
  return paidAt === null ? placed : [...placed, ...paid(facts, sale, paidAt, owner)]
}

const count = (figure: string, at: Instant, amount = 1): Contribution => ({ topic: totals, figure, at, amount })

function paid({ refunded, shipped }: Facts, { currency, groups, items }: Sale, at: Instant, owner: Owner): Contribution[] {
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

/** What the platform keeps of its commission: it goes back in proportion, rounded down. */
function commissionKept({ subtotal, commission, refunded }: { subtotal: number; commission: number; refunded: number }): number {
  if (subtotal === 0) return commission
  const returned = (BigInt(commission) * BigInt(Math.min(refunded, subtotal))) / BigInt(subtotal)
  return commission - Number(returned)
}
