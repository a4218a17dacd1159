import { z } from '@hono/zod-openapi'
import { AppError } from '../../shared/contracts/errors'
import { idSchema, iso } from '../../shared/contracts/ids'
import { CurrencySchema, MoneySchema, money } from '../../shared/contracts/money'
import { type App, newApp } from '../../shared/http/app'
import { requireActor } from '../../shared/http/authorise'
import { attemptOf } from '../../shared/http/idempotency-route'
import { answers, defineRoute, jsonBody } from '../../shared/http/route'
import { line } from '../../shared/http/text'
import { confirm, paymentOf, receiveWebhook, refund } from './commands'
import { type Deps, depsFrom } from './deps'
import { type Payment, paymentStatuses, refundedTotal } from './payment'
import { providerNames } from './provider'
import { sweep } from './sweep'

const PaymentDto = z
  .object({
    id: z.string(),
    orderId: z.string(),
    status: z.enum(paymentStatuses),
    amount: MoneySchema,
    refunded: MoneySchema,
    provider: z.enum(providerNames),
    declineCode: z.string().optional(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .openapi('Payment')

const RefundDto = z.object({ id: z.string(), status: z.enum(['pending', 'succeeded']), amount: MoneySchema }).openapi('Refund')

const params = z.object({ orderId: idSchema('ord') })
/** Far more than any provider's webhook has. */
const maxWebhookBytes = 256_000

const readPayment = defineRoute('signed-in', {
  method: 'get',
  path: '/v1/payments/{orderId}',
  tags: ['payment'],
  summary: 'The payment of one of your orders',
  request: { params },
  responses: { 200: answers('The payment', PaymentDto) },
})

const confirmPayment = defineRoute('signed-in', {
  method: 'post',
  path: '/v1/payments/{orderId}/confirm',
  tags: ['payment'],
  summary: 'Pay for an order; the outcome comes as order.updated',
  request: { params, body: jsonBody(z.strictObject({ paymentMethod: z.string().min(1).max(100) })) },
  responses: {
    202: answers('Under way, or the present status of an earlier confirmation', z.object({ status: z.enum(paymentStatuses) })),
  },
})

const refundPayment = defineRoute(['admin'], {
  method: 'post',
  path: '/v1/payments/{orderId}/refunds',
  tags: ['payment'],
  summary: 'Refund all that is left, or an amount',
  idempotency: 'required',
  request: {
    params,
    body: jsonBody(
      z.strictObject({
        amount: z.strictObject({ amount: z.int().min(1), currency: CurrencySchema }).optional(),
        reason: line(200).optional(),
      }),
    ),
  },
  responses: { 201: answers('The refund; pending when the provider has not answered yet', RefundDto) },
})

const receive = defineRoute('public', {
  method: 'post',
  path: '/v1/payments/webhooks/{provider}',
  tags: ['payment'],
  summary: 'Receives signed webhooks of a provider',
  // Providers send no key; the receipt of each of their event ids does the same.
  idempotency: 'none',
  request: { params: z.object({ provider: z.enum(providerNames) }) },
  responses: { 200: answers('Received', z.object({ received: z.literal(true) })) },
})

export const app: App<PaymentEnv, Deps> = newApp({ worker: 'payment', depsFrom, sweep })

app.openapi(readPayment, async (c) => {
  const { role, userId } = requireActor(c)
  return c.json(toPaymentDto(await paymentOf(c.var.deps, c.req.valid('param').orderId, role === 'admin' ? 'any' : userId)), 200)
})

app.openapi(confirmPayment, async (c) => {
  const { userId } = requireActor(c)
  const status = await confirm(c.var.deps, userId, c.req.valid('param').orderId, c.req.valid('json').paymentMethod)
  return c.json({ status }, 202)
})

app.openapi(refundPayment, async (c) => {
  const { deps } = c.var
  const { orderId } = c.req.valid('param')
  const { amount = null, reason = 'requested_by_operator' } = c.req.valid('json')
  const { userId: by } = requireActor(c)
  const made = await refund(deps, orderId, { refundId: attemptOf(c).id('ref'), amount, reason, by })
  const { currency } = (await paymentOf(deps, orderId)).amount
  return c.json(RefundDto.parse({ id: made.id, status: made.status, amount: money(made.amount, currency) }), 201)
})

app.openapi(receive, async (c) => {
  if (Number(c.req.header('content-length') ?? 0) > maxWebhookBytes) throw new AppError('payload_too_large')
  const rawBody = new Uint8Array(await c.req.arrayBuffer())
  // A chunked body does not declare its length.
  if (rawBody.length > maxWebhookBytes) throw new AppError('payload_too_large')
  await receiveWebhook(c.var.deps, c.req.valid('param').provider, rawBody, c.req.raw.headers)
  return c.json({ received: true as const }, 200)
})

const toPaymentDto = (payment: Payment) => ({
  id: payment._id,
  orderId: payment.orderId,
  status: payment.status,
  amount: payment.amount,
  refunded: money(refundedTotal(payment), payment.amount.currency),
  provider: payment.provider,
  ...(payment.declineCode === null ? {} : { declineCode: payment.declineCode }),
  createdAt: iso(payment.createdAt),
  updatedAt: iso(payment.updatedAt),
})
