import { z } from '@hono/zod-openapi'
import type { GenerationRequest } from '../context/answer-types'
import type { ContextItem } from '../context/context-item'
import { isProduct } from '../context/item-text'
import { extremeOf } from './extractive-plan'
import { fields, type Plan, type PlanPart, say } from './plan'
import { render } from './render'

/**
 * What a model may answer: numbers and words of closed sets, and no text. Keywords are those that OpenAI's strict mode takes: every
 * property is required and no other is allowed. Source: https://platform.openai.com/docs/guides/structured-outputs
 */
const ModelAnswer = z.strictObject({
  intent: z.enum(['list', 'answer', 'ask_which', 'unknown']),
  parts: z
    .array(
      z.strictObject({
        phrase: z.enum(['none', 'also', 'compared']),
        item: z.int().min(1).max(99),
        fields: z.array(z.enum(fields)).max(fields.length),
        quotes: z.array(z.int().min(1).max(99)).max(3),
      }),
    )
    .max(8),
})

const { $schema, ...schema } = z.toJSONSchema(ModelAnswer)
/** The JSON schema of it. */
export const answerSchema = schema

/**
 * The plan in a model's answer, without items, fields and sentences that there are none of. Null when it is prose, broken, of another
 * shape, or has nothing left.
 */
export function planFrom(content: unknown, request: Pick<GenerationRequest, 'question' | 'items'>): Plan | null {
  const { success, data } = ModelAnswer.safeParse(typeof content === 'string' ? parseJson(content) : content)
  if (!success) return null
  const seen = new Set<string>()
  const parts = data.parts.flatMap(({ phrase, item: n, fields: named, quotes }): PlanPart[] => {
    const stated: PlanPart[] = [
      { type: 'fields', n, fields: [...new Set(named)] },
      { type: 'quote', n, sentences: [...new Set(quotes)] },
    ]
    // Models go round in circles, and point at what is not there.
    const kept = stated.filter((part) => render([part], request.items).some(({ text }) => !seen.has(text) && seen.add(text)))
    return kept.length === 0 || phrase === 'none' ? kept : [...say(phrase), ...kept]
  })
  if (parts.length === 0 && data.intent !== 'unknown') return null
  return [...leadOf(data.intent, parts, request.items), ...parts, ...extremeOf(request)]
}

function leadOf(intent: z.infer<typeof ModelAnswer>['intent'], parts: readonly PlanPart[], items: readonly ContextItem[]): Plan {
  if (intent === 'unknown') return say('unknown')
  const products = items.filter(isProduct)
  const areProducts = parts.some((part) => 'n' in part && products.some(({ n }) => n === part.n))
  if (intent === 'answer' || !areProducts) return []
  return say(intent === 'list' ? 'found' : 'which')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
