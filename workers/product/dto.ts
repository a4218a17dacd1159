import { z } from '@hono/zod-openapi'
import { availability } from '../../shared/contracts/facts'
import { idSchema, iso } from '../../shared/contracts/ids'
import { MoneySchema } from '../../shared/contracts/money'
import { type Shown, statuses } from './product'

/** A product as clients see it. */
export const ProductDto = z
  .object({
    id: idSchema('prd'),
    version: z.int(),
    sellerId: idSchema('usr'),
    title: z.string(),
    description: z.string(),
    category: z.string(),
    tags: z.array(z.string()),
    images: z.array(z.string()),
    status: z.enum(statuses),
    variants: z.array(
      z.object({
        id: idSchema('var'),
        sku: z.string(),
        title: z.string().nullable(),
        options: z.record(z.string(), z.string()),
        price: MoneySchema,
        availability: z.enum(availability),
      }),
    ),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .openapi('Product')
export type ProductDto = z.infer<typeof ProductDto>

export const toProductDto = (product: Shown): ProductDto => {
  const { _id: id, version, sellerId, title, description, category, tags, images, status, variants, stock } = product
  return {
    ...{ id, version, sellerId, title, description, category, tags, images, status },
    variants: variants.map((variant) => ({ ...variant, availability: stock[variant.id]?.availability ?? 'out' })),
    createdAt: iso(product.createdAt),
    updatedAt: iso(product.updatedAt),
  }
}
