import { z } from '@hono/zod-openapi'
import { availability } from '../../../shared/contracts/facts'
import { idSchema, iso } from '../../../shared/contracts/ids'
import { CurrencySchema, MoneySchema, maxAmount } from '../../../shared/contracts/money'
import type { Proposal } from '../context/context-item'
import type { SearchFilters } from '../search/passage'
import type { Turn } from './conversation'
import type { Listed } from './conversation-repo'
import type { Interests } from './interests'
import type { FinishedTurn } from './turn'

/** The most characters of one message. */
const maxMessage = 1_000

const amount = z.int().min(0).max(maxAmount)
const FiltersBody = z.strictObject({
  category: z.string().min(1).max(60).optional(),
  seller: idSchema('usr').optional(),
  minPrice: amount.optional(),
  maxPrice: amount.optional(),
  currency: CurrencySchema.optional(),
  inStock: z.boolean().optional(),
})

export const MessageBody = z
  .strictObject({
    message: z.string().trim().min(1).max(maxMessage),
    conversationId: idSchema('cnv').optional(),
    confirm: z.literal(true).optional(),
    filters: FiltersBody.optional(),
  })
  .openapi('AssistantMessage', { example: { message: 'Do you have a walnut desk under $700?' } })

export const filtersOf = ({ seller, ...given }: z.infer<typeof FiltersBody> = {}): SearchFilters =>
  Object.fromEntries(Object.entries({ ...given, sellerId: seller }).filter(([, value]) => value !== undefined))

const CitationDto = z.object({ n: z.int(), kind: z.string(), id: z.string(), title: z.string(), url: z.string().nullable() })
const ProductDto = z.object({
  productId: z.string(),
  variantId: z.string(),
  sellerId: z.string(),
  title: z.string(),
  unitPrice: MoneySchema,
  availability: z.enum(availability),
  available: z.int(),
})
const ProposalDto = z.object({
  productId: z.string(),
  variantId: z.string(),
  title: z.string(),
  quantity: z.int(),
  unitPrice: MoneySchema,
  expiresAt: z.iso.datetime(),
})

const answer = {
  text: z.string(),
  citations: z.array(CitationDto),
  products: z.array(ProductDto),
  proposal: ProposalDto.nullable().openapi({ description: 'What goes into your cart if your next message says yes' }),
  generator: z.enum(['extractive', 'workers-ai', 'openai']),
  fallback: z
    .enum(['unavailable', 'budget', 'unsupported'])
    .nullable()
    .openapi({ description: 'Why no model chose what the answer says, where there is one' }),
}

export const AnswerDto = z
  .object({
    ...{ id: z.string(), conversationId: z.string(), ...answer },
    sources: z.array(z.object({ kind: z.enum(['product', 'article']), id: z.string(), title: z.string() })),
    interests: z.array(z.string()).openapi({ description: 'Your interests among what was shown' }),
    budget: z.object({ left: z.int(), resetsAt: z.iso.datetime() }),
  })
  .openapi('AssistantAnswer')

export const ConversationDto = z
  .object({
    ...{ id: z.string(), title: z.string(), messageCount: z.int() },
    ...{ createdAt: z.iso.datetime(), updatedAt: z.iso.datetime() },
  })
  .openapi('Conversation')

const message = { id: z.string(), text: z.string(), at: z.iso.datetime() }
export const WholeConversationDto = ConversationDto.extend({
  messages: z.array(
    z.discriminatedUnion('role', [
      z.object({ role: z.literal('user'), ...message }),
      z.object({ role: z.literal('assistant'), ...message, ...answer }),
    ]),
  ),
}).openapi('WholeConversation')

export const InterestsDto = z
  .object({
    since: z.iso.datetime().nullable(),
    items: z.array(
      z.object({
        category: z.string(),
        weight: z.number().min(0).max(1),
        why: z.array(z.string()).openapi({ example: ['bought 2', 'asked 3 times'] }),
        lastAt: z.iso.datetime(),
      }),
    ),
  })
  .openapi('Interests')

const toProposalDto = (proposal: Proposal | null) => proposal && { ...proposal, expiresAt: iso(proposal.expiresAt) }

function toAnswerFields({ answer: given }: Turn): z.infer<z.ZodObject<typeof answer>> {
  const { text, citations, products, generator, fallback } = given
  return { text, citations, products, proposal: toProposalDto(given.proposal), generator, fallback }
}

export const toAnswerDto = ({ turn, conversationId, allowance }: FinishedTurn): z.infer<typeof AnswerDto> => ({
  ...{ id: turn.id, conversationId, ...toAnswerFields(turn) },
  ...{ sources: turn.answer.sources, interests: turn.answer.usedInterests },
  budget: { left: allowance.left, resetsAt: iso(allowance.resetsAt) },
})

export const toConversationDto = ({
  _id: id,
  title,
  turnCount,
  createdAt,
  updatedAt,
}: Listed): z.infer<typeof ConversationDto> => ({
  ...{ id, title, messageCount: turnCount * 2, createdAt: iso(createdAt), updatedAt: iso(updatedAt) },
})

export const toMessageDtos = (turn: Turn): z.infer<typeof WholeConversationDto>['messages'] => [
  { role: 'user', id: turn.id, text: turn.question, at: iso(turn.at) },
  { role: 'assistant', id: turn.id, at: iso(turn.at), ...toAnswerFields(turn) },
]

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`)

export const toInterestsDto = ({ since, items }: Interests): z.infer<typeof InterestsDto> => ({
  since: since === null ? null : iso(since),
  items: items.map(({ category, weight, bought, asked, lastAt }) => ({
    ...{ category, weight: Math.round(weight * 1_000) / 1_000, lastAt: iso(lastAt) },
    why: [...(bought > 0 ? [`bought ${bought}`] : []), ...(asked > 0 ? [`asked ${times(asked)}`] : [])],
  })),
})
