import { z } from '@hono/zod-openapi'
import { idSchema } from './ids'
import { MoneySchema } from './money'

export const availability = ['in', 'low', 'out'] as const
export type Availability = (typeof availability)[number]

/** A variant as the rest of the marketplace sees it. */
export const VariantFacts = z.object({
  variantId: idSchema('var'),
  sku: z.string(),
  title: z.string(),
  unitPrice: MoneySchema,
})
export type VariantFacts = z.infer<typeof VariantFacts>

export const CartLineFacts = z.object({
  variantId: idSchema('var'),
  productId: idSchema('prd'),
  sellerId: idSchema('usr'),
  title: z.string(),
  unitPrice: MoneySchema,
  quantity: z.int().min(1),
  lineTotal: MoneySchema,
  /** `available`, `low` (in stock, but not much), `out` (no stock), `gone` (no longer sold). */
  status: z.enum(['available', 'low', 'out', 'gone']),
})
export type CartLineFacts = z.infer<typeof CartLineFacts>
