import { z } from '@hono/zod-openapi'
import { iso } from '../../shared/contracts/ids'
import type { Mail } from './mail'
import type { Notification, Preferences } from './notification'

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

/** As lists and live frames show it. */
export const toNotificationDto = ({
  _id,
  type,
  title,
  body,
  readAt,
  createdAt,
  data,
}: Notification): z.infer<typeof NotificationDto> => ({
  id: _id,
  type,
  title,
  body,
  readAt: readAt === null ? null : iso(readAt),
  createdAt: iso(createdAt),
  data,
})

const ChannelsDto = z.strictObject({ inApp: z.boolean(), email: z.boolean() })
/** What concerns the account itself always arrives. */
const AlwaysDto = z.strictObject({ inApp: z.literal(true), email: z.literal(true) })

export const PreferencesDto = z.object({ orders: ChannelsDto, catalogue: ChannelsDto, account: AlwaysDto }).openapi('Preferences')

/** `account` may be sent back as it was read. */
export const PreferencesBody = z.strictObject({ orders: ChannelsDto, catalogue: ChannelsDto, account: AlwaysDto.optional() })

export const toPreferencesDto = ({ orders, catalogue }: Preferences): z.infer<typeof PreferencesDto> => ({
  orders,
  catalogue,
  account: { inApp: true, email: true },
})

export const MailDto = z
  .object({ id: z.string(), to: z.string(), subject: z.string(), text: z.string(), createdAt: z.iso.datetime() })
  .openapi('Mail')

export const toMailDto = ({ _id, to = '', subject = '', text = '', createdAt }: Mail): z.infer<typeof MailDto> => ({
  id: _id,
  to,
  subject,
  text,
  createdAt: iso(createdAt),
})
