import { z } from '@hono/zod-openapi'
import { ulid } from 'ulidx'
import { randomByte } from './random'

/** Every kind of id and its prefix. An id is `<prefix>_<26 characters>`, a lower-case ULID: ids of one kind sort by time. */
export const prefixes = [
  'usr',
  'ses',
  'prd',
  'var',
  'crt',
  'ord',
  'pay',
  'ref',
  'ntf',
  'mov',
  'evt',
  'req',
  'mail',
  'pi',
  'whk',
  'rpl',
  'cnv',
  'msg',
  'sug',
] as const

export type Prefix = (typeof prefixes)[number]
/** Branded by its prefix: an OrderId is no UserId to the compiler. */
export type Id<P extends Prefix> = `${P}_${string}`

export type UserId = Id<'usr'>
export type SessionId = Id<'ses'>
export type ProductId = Id<'prd'>
export type VariantId = Id<'var'>
export type CartId = Id<'crt'>
export type OrderId = Id<'ord'>
export type PaymentId = Id<'pay'>
export type NotificationId = Id<'ntf'>
export type EventId = Id<'evt'>
export type ReplayId = Id<'rpl'>
export type ConversationId = Id<'cnv'>
export type MessageId = Id<'msg'>
export type SuggestionId = Id<'sug'>

/** Instants are epoch milliseconds inside, ISO 8601 strings at the edges. */
export type Instant = number

export const iso = (instant: Instant): string => new Date(instant).toISOString()

export type NewId = <P extends Prefix>(prefix: P) => Id<P>

export const newId: NewId = (prefix) => `${prefix}_${ulid(undefined, () => randomByte() / 256).toLowerCase()}`

/** The schema of an id of one kind, for paths and bodies. */
export function idSchema<P extends Prefix>(prefix: P): z.ZodType<Id<P>> {
  const schema = z
    .string()
    .regex(new RegExp(`^${prefix}_[0-9a-hjkmnp-tv-z]{26}$`), `must be an id like ${prefix}_01jd…`)
    .openapi({ example: `${prefix}_01jd3g5x8zq4m6v9b2c7n1k0hr` })
  return schema as unknown as z.ZodType<Id<P>>
}
