import { z } from '@hono/zod-openapi'
import { idSchema } from '../../shared/contracts/ids'
import { CurrencySchema, maxAmount, PriceSchema } from '../../shared/contracts/money'
import { CursorSchema, LimitSchema } from '../../shared/http/cursor'
import { isText, line } from '../../shared/http/text'
import { orderNames } from './catalogue'
import { isLocalPicture } from './local-picture'
import { maxVariants, statuses } from './product'
import { title } from './title'

const text = (max: number) => z.string().trim().min(1).max(max).refine(isText, 'is not valid Unicode text')

const slug = z
  .string()
  .max(60)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be a slug such as home-office')
const optionName = z
  .string()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}\p{M} _-]{0,39}$/u, 'must be 1 to 40 letters, digits, blanks, - or _')

const variantFields = {
  sku: z.string().regex(/^[\x21-\x7e]{1,64}$/, 'must be 1 to 64 printable ASCII characters without blanks'),
  // Short enough that product.updated with the most variants fits into a queue message.
  title: title(60).nullable().optional(),
  options: z
    .record(optionName, line(100))
    .refine((options) => Object.keys(options).length <= 10, 'at most 10')
    .openapi({ maxProperties: 10 })
    .optional(),
  price: PriceSchema,
  stock: z.int().min(0).max(10_000_000).optional(),
}

const image = z
  .url({ protocol: /^https?$/, error: 'must be an https URL' })
  .max(2_000)
  .refine((url) => /^https:/i.test(url) || isLocalPicture(url), 'must be an https URL')

const fields = {
  title: title(200),
  description: text(10_000),
  category: slug,
  tags: z
    .array(line(40))
    .max(20)
    .transform((tags) => [...new Set(tags)]),
  images: z.array(image).max(10),
}

export const CreateBody = z
  .strictObject({
    ...fields,
    tags: fields.tags.default([]),
    images: fields.images.default([]),
    status: z.enum(['draft', 'active']).default('draft'),
    variants: z.array(z.strictObject(variantFields)).min(1).max(maxVariants),
  })
  .openapi('NewProduct')

export const ChangeBody = z
  .strictObject({
    ...fields,
    status: z.enum(statuses),
    variants: z
      .array(z.strictObject({ id: idSchema('var'), ...variantFields }).partial())
      .min(1)
      .max(maxVariants),
    version: z.int().min(1).openapi({ description: 'The version that you change; 409 when the product has another version' }),
  })
  .partial()
  .openapi('ProductChange')

const amount = z
  .string()
  .regex(/^\d{1,11}$/, 'must be an integer amount in minor units')
  .transform(Number)
  .openapi({ type: 'integer', maximum: maxAmount })

export const ListQuery = z
  .strictObject({
    q: text(200).optional().openapi({ description: 'Prefixes of words in the title, tags or description; all must match' }),
    category: slug.optional(),
    seller: idSchema('usr').optional(),
    minPrice: amount.optional(),
    maxPrice: amount.optional(),
    currency: CurrencySchema.optional(),
    sort: z.enum(orderNames).default('newest'),
    cursor: CursorSchema.optional(),
    limit: LimitSchema,
  })
  .refine(({ minPrice = 0, maxPrice = maxAmount }) => minPrice <= maxPrice, {
    path: ['maxPrice'],
    error: 'is less than minPrice',
  })
