import { z } from '@hono/zod-openapi'
import { availability } from '../../../shared/contracts/facts'
import { idSchema, iso } from '../../../shared/contracts/ids'
import { formatMoney, MoneySchema } from '../../../shared/contracts/money'
import { fields, flaws } from './finding'
import { actionOf, allowedInput, kinds, requiredInput, type Suggestion, statuses } from './suggestion'

const input = ['quantity', ...fields] as const

const common = {
  id: idSchema('sug'),
  /** Sent when applying, so that only what the seller saw is done. */
  version: z.int(),
  status: z.enum(statuses),
  product: z.object({ id: idSchema('prd'), title: z.string(), version: z.int() }),
  apply: z.object({
    /** What applying does, as a sentence. */
    does: z.string(),
    /** The field of the body that may replace the proposal. */
    takes: z.enum(input).nullable(),
    /** The field of the body without which it cannot be applied. */
    needs: z.enum(input).nullable(),
  }),
  dismissal: z.object({ reason: z.string().nullable(), at: z.iso.datetime() }).nullable(),
  appliedAt: z.iso.datetime().nullable(),
  computedAt: z.iso.datetime(),
  createdAt: z.iso.datetime(),
}

const Price = z.object({
  ...common,
  kind: z.literal('price'),
  evidence: z.object({
    price: MoneySchema,
    median: MoneySchema,
    spread: z.object({ low: MoneySchema, high: MoneySchema }),
    comparables: z.array(z.object({ productId: idSchema('prd'), title: z.string(), price: MoneySchema })),
  }),
  proposal: z.object({ prices: z.array(z.object({ variantId: idSchema('var'), unitPrice: MoneySchema })) }),
})

const Stock = z.object({
  ...common,
  kind: z.literal('stock'),
  evidence: z.object({
    variantId: idSchema('var'),
    variantTitle: z.string().nullable(),
    available: z.int(),
    availability: z.enum(availability),
    unitsSold: z.int(),
    dailySales: z.number(),
    daysOfCover: z.number(),
  }),
  proposal: z.object({ quantity: z.int() }),
})

const Listing = z.object({
  ...common,
  kind: z.literal('listing'),
  evidence: z.object({ field: z.enum(fields), flaw: z.enum(flaws), present: z.array(z.string()) }),
  proposal: z.object({ title: z.string().optional(), tags: z.array(z.string()).optional() }).nullable(),
})

/** A suggestion as its seller sees it. */
export const SuggestionDto = z.discriminatedUnion('kind', [Price, Stock, Listing]).openapi('Suggestion')

export function toSuggestionDto(suggestion: Suggestion): z.infer<typeof SuggestionDto> {
  const { _id: id, productId, title, productVersion, dismissal, appliedAt, computedAt, createdAt } = suggestion
  const { kind, evidence, proposal } = suggestion
  const shared = {
    ...{ id, version: suggestion.revision, status: suggestion.status },
    product: { id: productId, title, version: productVersion },
    apply: { does: effectOf(suggestion), takes: allowedInput(suggestion), needs: requiredInput(suggestion) },
    dismissal: dismissal && { reason: dismissal.reason, at: iso(dismissal.at) },
    appliedAt: appliedAt === null ? null : iso(appliedAt),
    computedAt: iso(computedAt),
    createdAt: iso(createdAt),
  }
  return { ...shared, kind, evidence, proposal } as z.infer<typeof SuggestionDto>
}

/** What applying does, as a sentence. */
function effectOf(suggestion: Suggestion): string {
  const action = actionOf(suggestion, {})
  if ('missing' in action) return `Sets the ${action.missing} that you give`
  if (action.type === 'receive') return `Books ${action.quantity} units as arrived`
  const { prices, title, tags } = action.change
  if (title !== undefined) return `Sets the title to “${title}”`
  if (tags !== undefined) return `Sets the tags to ${tags.join(', ')}`
  return `Sets the price to ${[...new Set((prices ?? []).map(({ unitPrice }) => formatMoney(unitPrice)))].join(', ')}`
}

export const KindSchema = z.enum(kinds)
export const StatusSchema = z.enum(statuses)
