import { z } from '@hono/zod-openapi'
import { iso } from '../../shared/contracts/ids'
import { chosenTypes, type Notification, type Preferences } from './content/notification'
import { locales } from './content/locales/texts'
import type { Mail } from './email/email'
import { type Standing, standings } from './email/suppression-list'

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

/** What one kind has that differs from its category; `live` shows open devices what comes into the inbox. */
const OverrideDto = z.strictObject({ inApp: z.boolean().optional(), live: z.boolean().optional(), email: z.boolean().optional() })
const TypesDto = z.partialRecord(z.enum(chosenTypes), OverrideDto).openapi({ additionalProperties: false })

export const PreferencesDto = z
  .object({
    orders: ChannelsDto,
    catalogue: ChannelsDto,
    account: AlwaysDto,
    types: TypesDto.openapi({ example: { 'product.price_dropped': { email: false } } }),
    locale: z.enum(locales),
    emailStatus: z.enum(standings).openapi({ description: 'Whether mails to your address arrive; otherwise none are sent' }),
  })
  .openapi('Preferences')

/** It replaces all that was chosen. What cannot be chosen may be sent back as it was read. */
export const PreferencesBody = z.strictObject({
  orders: ChannelsDto,
  catalogue: ChannelsDto,
  account: AlwaysDto.optional(),
  types: TypesDto.default({}),
  locale: z.enum(locales).default('en'),
  emailStatus: z.enum(standings).optional(),
})

export const toPreferencesDto = (
  { orders, catalogue, types, locale }: Preferences,
  emailStatus: Standing,
): z.infer<typeof PreferencesDto> => ({ orders, catalogue, account: { inApp: true, email: true }, types, locale, emailStatus })

export const MailDto = z
  .object({
    id: z.string(),
    to: z.string(),
    subject: z.string(),
    text: z.string(),
    html: z.string(),
    createdAt: z.iso.datetime(),
  })
  .openapi('Mail')

export const toMailDto = ({ _id, to = '', subject = '', text = '', html = '', createdAt }: Mail): z.infer<typeof MailDto> => ({
  id: _id,
  to,
  subject,
  text,
  html,
  createdAt: iso(createdAt),
})
