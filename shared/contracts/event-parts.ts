import { z } from '@hono/zod-openapi'
import { idSchema } from './ids'
import { MoneySchema } from './money'
import { orderStatuses } from './order'

/** The version of the aggregate that the event speaks of, so that a consumer can drop what is older than what it has seen. */
export const version = z.int().min(1)
export const line = z.object({
  variantId: idSchema('var'),
  productId: idSchema('prd'),
  sellerId: idSchema('usr'),
  quantity: z.int().min(1),
  lineTotal: MoneySchema,
})
/** Each seller's subtotal in an order, and the commission that the platform keeps. */
export const groups = z.array(z.object({ sellerId: idSchema('usr'), subtotal: MoneySchema, commission: MoneySchema }))
export const order = {
  version,
  orderId: idSchema('ord'),
  number: z.string(),
  buyerId: idSchema('usr'),
  email: z.string().nullable(),
  status: z.enum(orderStatuses),
  sellerIds: z.array(idSchema('usr')),
  grand: MoneySchema,
}
export const payment = {
  version,
  paymentId: idSchema('pay'),
  orderId: idSchema('ord'),
  buyerId: idSchema('usr'),
  amount: MoneySchema,
}

/** Which account somebody tried to enter: its user's id, or a digest of the address when there is no such account. */
export const attempt = { version, account: z.string(), userId: idSchema('usr').nullable(), address: z.string() }
