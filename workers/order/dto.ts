import { z } from '@hono/zod-openapi'
import { idSchema, iso, type UserId } from '../../shared/contracts/ids'
import { MoneySchema } from '../../shared/contracts/money'
import { type OrderSummary, orderStatuses } from '../../shared/contracts/order'
import { line } from '../../shared/http/text'
import { countries } from './countries'
import { type Group, groupOf, groupStatuses, type Order, paymentStatuses } from './order'
import type { PricedLine } from './pricing'
import type { CartQuote } from './repo'

const AddressSchema = z
  .strictObject({
    name: line(200),
    line1: line(200),
    line2: line(200).optional(),
    city: line(100),
    region: line(100).optional(),
    postalCode: line(20),
    country: z
      .string()
      .max(2)
      .refine((code) => countries.has(code), 'must be an ISO 3166-1 alpha-2 code, such as US'),
  })
  .openapi('ShippingAddress', {
    example: { name: 'A buyer', line1: '1 Main Street', city: 'Springfield', postalCode: '12345', country: 'US' },
  })

export const PlaceOrderBody = z
  .strictObject({ shippingAddress: AddressSchema, expectedTotal: MoneySchema.optional(), email: z.email().max(254).optional() })
  .openapi('PlaceOrder')
export const CancelBody = z.strictObject({ reason: z.string().trim().min(1).max(500).optional() }).openapi('CancelOrder')
export const ShipmentBody = z
  .strictObject({ carrier: line(100).optional(), trackingNumber: line(100).optional() })
  .openapi('Shipment')
export const DeliveryBody = z.strictObject({}).openapi('Delivery')

const ItemDto = z
  .object({
    variantId: idSchema('var'),
    productId: idSchema('prd'),
    sellerId: idSchema('usr'),
    title: z.string(),
    sku: z.string(),
    unitPrice: MoneySchema,
    quantity: z.int(),
    lineTotal: MoneySchema,
  })
  .openapi('OrderItem')

const GroupDto = z
  .object({
    sellerId: idSchema('usr'),
    status: z.enum(groupStatuses),
    items: z.array(ItemDto),
    subtotal: MoneySchema,
    carrier: z.string().nullable(),
    trackingNumber: z.string().nullable(),
    shippedAt: z.iso.datetime().nullable(),
    deliveredAt: z.iso.datetime().nullable(),
  })
  .openapi('OrderGroup')

const TotalsDto = z
  .object({ items: MoneySchema, shipping: MoneySchema, tax: MoneySchema, discount: MoneySchema, grand: MoneySchema })
  .openapi('OrderTotals')

const common = {
  id: idSchema('ord'),
  number: z.string().openapi({ example: 'CR-260101-7K3M9Q2X' }),
  status: z.enum(orderStatuses),
  items: z.array(ItemDto),
  payment: z.object({ status: z.enum(paymentStatuses) }),
  history: z.array(
    z.object({ status: z.enum(orderStatuses), at: z.iso.datetime(), reason: z.string().optional(), note: z.string().optional() }),
  ),
  createdAt: z.iso.datetime(),
}

export const OrderDto = z
  .object({
    ...common,
    groups: z.array(GroupDto),
    totals: TotalsDto,
    email: z.string().nullable(),
    payBefore: z.iso.datetime(),
    shippingAddress: AddressSchema,
  })
  .openapi('Order')
export type OrderDto = z.infer<typeof OrderDto>

/** An order as one of its sellers sees it: their own part, with the platform's commission. */
export const SellerOrderDto = z
  .object({
    ...common,
    groups: z.array(
      GroupDto.extend({ commission: z.object({ basisPoints: z.int(), amount: MoneySchema }) }).openapi('SellerOrderGroup'),
    ),
    subtotal: MoneySchema,
    shippingAddress: AddressSchema.nullable().openapi({ description: 'null until the order is paid' }),
  })
  .openapi('SellerOrder')

export const QuoteDto = z
  .object({
    cartVersion: z.int(),
    items: z.array(ItemDto),
    totals: TotalsDto.nullable().openapi({ description: 'null for an empty cart' }),
    problems: z.array(
      z.object({
        variantId: idSchema('var'),
        problem: z.enum(['price', 'gone', 'short']),
        was: MoneySchema.optional(),
        now: MoneySchema.nullable().optional(),
        asked: z.int().optional(),
        available: z.int().optional(),
      }),
    ),
    checkedAt: z.iso.datetime(),
  })
  .openapi('CartQuote')

const isoOrNull = (instant: number | null) => (instant === null ? null : iso(instant))

const toGroupDto = (
  { status, sellerId, subtotal, carrier, trackingNumber, shippedAt, deliveredAt }: Group,
  all: readonly PricedLine[],
) => ({
  sellerId,
  status,
  items: all.filter((item) => item.sellerId === sellerId),
  subtotal,
  carrier,
  trackingNumber,
  shippedAt: isoOrNull(shippedAt),
  deliveredAt: isoOrNull(deliveredAt),
})

const toCommonDto = ({ _id, number, status, payment, history, createdAt }: Order) => ({
  id: _id,
  number,
  status,
  payment: { status: payment },
  history: history.map(({ at, ...entry }) => ({ ...entry, at: iso(at) })),
  createdAt: iso(createdAt),
})

export const toOrderDto = (order: Order): OrderDto => ({
  ...toCommonDto(order),
  items: order.items,
  groups: order.groups.map((group) => toGroupDto(group, order.items)),
  totals: order.totals,
  email: order.email,
  payBefore: iso(order.payBefore),
  shippingAddress: order.shippingAddress,
})

/** @throws AppError `not_found` when the seller has no part in it */
export function toSellerOrderDto(order: Order, sellerId: UserId): z.infer<typeof SellerOrderDto> {
  const group = groupOf(order, sellerId)
  const { items, ...dto } = { ...toGroupDto(group, order.items), commission: group.commission }
  const wasPaid = order.history.some(({ status }) => status === 'paid')
  return {
    ...toCommonDto(order),
    items,
    groups: [{ ...dto, items }],
    subtotal: group.subtotal,
    shippingAddress: wasPaid ? order.shippingAddress : null,
  }
}

export const toQuoteDto = ({ cartVersion, lines, totals, problems, checkedAt }: CartQuote): z.infer<typeof QuoteDto> => ({
  cartVersion,
  items: lines,
  totals,
  problems,
  checkedAt: iso(checkedAt),
})

/** An order as other Workers show it to its buyer. */
export const summaryOf = ({ _id, number, status, totals, createdAt, items, groups }: Order): OrderSummary => ({
  ...{ orderId: _id, number, status, grand: totals.grand, placedAt: createdAt },
  items: items.map(({ productId, variantId, title, quantity, lineTotal }) => ({
    ...{ productId, variantId, title, quantity, lineTotal },
  })),
  parcels: groups.map(({ status: parcel, carrier, trackingNumber, shippedAt, deliveredAt }) => ({
    ...{ status: parcel, carrier, trackingNumber, shippedAt, deliveredAt },
  })),
})
