import { z } from '@hono/zod-openapi'
import { iso } from '../../shared/contracts/ids'
import { locales } from './content/locale'
import { chosenTypes, type Preferences } from './content/notification'
import { type Deliverability, deliverabilityStates } from './email/deliverability'
import type { Email } from './email/email'

const ChannelsDto = z.strictObject({ inApp: z.boolean(), email: z.boolean() })
/** Account notifications always arrive. */
const AlwaysDto = z.strictObject({ inApp: z.literal(true), email: z.literal(true) })

/** How one kind differs from its category; `live` decides whether open devices show an inbox entry at once. */
const OverrideDto = z.strictObject({ inApp: z.boolean().optional(), live: z.boolean().optional(), email: z.boolean().optional() })
const TypesDto = z.partialRecord(z.enum(chosenTypes), OverrideDto).openapi({ additionalProperties: false })

export const PreferencesDto = z
  .object({
    orders: ChannelsDto,
    catalogue: ChannelsDto,
    account: AlwaysDto,
    types: TypesDto.openapi({ example: { 'product.price_dropped': { email: false } } }),
    locale: z.enum(locales),
    emailStatus: z
      .enum(deliverabilityStates)
      .openapi({ description: 'Whether e-mails to your address arrive; otherwise none are sent' }),
  })
  .openapi('Preferences')

/** Replaces all preferences. What cannot be chosen may be sent back as it was read. */
export const PreferencesBody = z.strictObject({
  orders: ChannelsDto,
  catalogue: ChannelsDto,
  account: AlwaysDto.optional(),
  types: TypesDto.default({}),
  locale: z.enum(locales).default('en'),
  emailStatus: z.enum(deliverabilityStates).optional(),
})

export const toPreferencesDto = (
  { orders, catalogue, types, locale }: Preferences,
  emailStatus: Deliverability,
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

export const toMailDto = ({ _id, to = '', subject = '', text = '', html = '', createdAt }: Email): z.infer<typeof MailDto> => ({
  id: _id,
  to,
  subject,
  text,
  html,
  createdAt: iso(createdAt),
})
