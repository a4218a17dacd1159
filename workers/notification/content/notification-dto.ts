import { z } from '@hono/zod-openapi'
import { iso } from '../../../shared/contracts/ids'
import type { Notification } from './notification'

export const NotificationDto = z
  .object({
    id: z.string(),
    type: z.string().openapi({ example: 'order.paid' }),
    title: z.string(),
    body: z.string(),
    readAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
    data: z.object({
      orderId: z.string().optional(),
      number: z.string().optional(),
      productId: z.string().optional(),
      variantId: z.string().optional(),
    }),
  })
  .openapi('Notification')

/** A notification as lists and live frames show it. */
export function toNotificationDto(notification: Notification): z.infer<typeof NotificationDto> {
  const { _id, type, title, body, readAt, createdAt, data } = notification
  return { id: _id, type, title, body, readAt: readAt === null ? null : iso(readAt), createdAt: iso(createdAt), data }
}
