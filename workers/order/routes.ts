import { z } from '@hono/zod-openapi'
import { AppError } from '../../shared/contracts/errors'
import { idSchema } from '../../shared/contracts/ids'
import { type App, newApp } from '../../shared/http/app'
import { requireActor } from '../../shared/http/authorise'
import { beforeOf, CursorSchema, LimitSchema, PageSchema, page } from '../../shared/http/cursor'
import { attemptOf } from '../../shared/http/idempotency-route'
import { answers, defineRoute, jsonBody } from '../../shared/http/route'
import { type Checkout, placeOrder } from './checkout'
import { cancel, deliver, orderOf, ship } from './commands'
import { type Deps, depsFrom } from './deps'
import {
  CancelBody,
  DeliveryBody,
  OrderDto,
  PlaceOrderBody,
  QuoteDto,
  SellerOrderDto,
  ShipmentBody,
  toOrderDto,
  toQuoteDto,
  toSellerOrderDto,
} from './dto'
import { quoteCart } from './quotes'
import { sweep } from './sweep'

const params = z.object({ id: idSchema('ord') })
const listQuery = z.strictObject({ limit: LimitSchema, cursor: CursorSchema.optional() })
const tags = ['orders']

const placeRoute = defineRoute('signed-in', {
  method: 'post',
  path: '/v1/orders',
  tags,
  summary: 'Make the cart an order',
  description: '409 `cart_changed` names the lines that changed, `out_of_stock` the lines that are short.',
  idempotency: 'required',
  request: { body: jsonBody(PlaceOrderBody) },
  responses: { 201: answers('The order', OrderDto) },
})

const listRoute = defineRoute('signed-in', {
  method: 'get',
  path: '/v1/orders',
  tags,
  summary: 'Your orders, newest first',
  request: { query: listQuery },
  responses: { 200: answers('A page of orders', PageSchema(OrderDto)) },
})

const quoteRoute = defineRoute('signed-in', {
  method: 'get',
  path: '/v1/orders/quote',
  tags,
  summary: 'What the cart would cost as an order now, and what prevents it',
  responses: { 200: answers('The checked quote', QuoteDto) },
})

const readRoute = defineRoute('signed-in', {
  method: 'get',
  path: '/v1/orders/{id}',
  tags,
  summary: 'An order of yours',
  request: { params },
  responses: { 200: answers('The order', OrderDto) },
})

const cancelRoute = defineRoute('signed-in', {
  method: 'post',
  path: '/v1/orders/{id}/cancel',
  tags,
  summary: 'Cancel an order before any part is shipped, as its buyer or its only seller',
  request: { params, body: jsonBody(CancelBody) },
  responses: { 200: answers('The order, as you see it', z.union([OrderDto, SellerOrderDto])) },
})

const listSoldRoute = defineRoute(['seller'], {
  method: 'get',
  path: '/v1/seller/orders',
  tags,
  summary: 'Orders that include your products, newest first',
  request: { query: listQuery },
  responses: { 200: answers('A page of orders', PageSchema(SellerOrderDto)) },
})

const shipRoute = defineRoute(['seller'], {
  method: 'post',
  path: '/v1/orders/{id}/shipments',
  tags,
  summary: 'Mark your part of the order as shipped',
  request: { params, body: jsonBody(ShipmentBody) },
  responses: { 201: answers('Your part of the order', SellerOrderDto) },
})

const deliverRoute = defineRoute(['seller'], {
  method: 'post',
  path: '/v1/orders/{id}/deliveries',
  tags,
  summary: 'Mark your part of the order as delivered',
  request: { params, body: jsonBody(DeliveryBody) },
  responses: { 200: answers('Your part of the order', SellerOrderDto) },
})

export const app: App<OrderEnv, Deps> = newApp({ worker: 'order', depsFrom, sweep })

app.openapi(placeRoute, async (c) => {
  const { userId: buyerId, role } = requireActor(c)
  const { shippingAddress, expectedTotal, email = null } = c.req.valid('json')
  if (role === 'guest' && email === null) {
    const errors = [{ path: 'email', message: 'is needed to order as a guest' }]
    throw new AppError('validation_failed', 'email: is needed to order as a guest', { errors })
  }
  const { id, resumed, deferWrites, releaseKeyOnError } = attemptOf(c)
  const attempt = { orderId: id('ord'), resumed, releaseKeyOnError } satisfies Partial<Checkout>
  const placed = await placeOrder(c.var.deps, { ...attempt, buyerId, email, shippingAddress, expectedTotal })
  deferWrites(placed.writes)
  return c.json(toOrderDto(placed.order), 201)
})

app.openapi(listRoute, async (c) => {
  const { limit, cursor } = c.req.valid('query')
  const found = await c.var.deps.orders.ofBuyer(requireActor(c).userId, beforeOf(cursor), limit + 1)
  return c.json(
    page(found, limit, toOrderDto, ({ createdAt, _id }) => [createdAt, _id]),
    200,
  )
})

// Before the route of one order, whose path matches this one too.
app.openapi(quoteRoute, async (c) => c.json(toQuoteDto(await quoteCart(c.var.deps, requireActor(c).userId)), 200))

app.openapi(readRoute, async (c) => {
  const { userId, role } = requireActor(c)
  const order = await orderOf(c.var.deps, c.req.valid('param').id)
  if (order.buyerId !== userId && role !== 'admin') throw new AppError('not_found')
  return c.json(toOrderDto(order), 200)
})

app.openapi(cancelRoute, async (c) => {
  const { userId } = requireActor(c)
  const { reason = null } = c.req.valid('json')
  const order = await cancel(c.var.deps, c.req.valid('param').id, userId, reason)
  return c.json(order.buyerId === userId ? toOrderDto(order) : toSellerOrderDto(order, userId), 200)
})

app.openapi(listSoldRoute, async (c) => {
  const { limit, cursor } = c.req.valid('query')
  const { userId } = requireActor(c)
  const { orders, sellerOrders } = c.var.deps
  const { items, nextCursor } = page(
    await sellerOrders.page(userId, beforeOf(cursor), limit + 1),
    limit,
    ({ orderId }) => orderId,
    ({ createdAt, _id }) => [createdAt, _id],
  )
  const found = new Map((await orders.loadAll(items)).map((order) => [order._id, order]))
  const sold = items.flatMap((orderId) => found.get(orderId) ?? []).map((order) => toSellerOrderDto(order, userId))
  return c.json({ items: sold, nextCursor }, 200)
})

app.openapi(shipRoute, async (c) => {
  const { userId } = requireActor(c)
  const { carrier = null, trackingNumber = null } = c.req.valid('json')
  const order = await ship(c.var.deps, c.req.valid('param').id, userId, { carrier, trackingNumber })
  return c.json(toSellerOrderDto(order, userId), 201)
})

app.openapi(deliverRoute, async (c) => {
  const { userId } = requireActor(c)
  return c.json(toSellerOrderDto(await deliver(c.var.deps, c.req.valid('param').id, userId), userId), 200)
})
