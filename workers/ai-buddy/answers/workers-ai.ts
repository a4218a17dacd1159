import { z } from '@hono/zod-openapi'
import { AppError } from '../../../shared/contracts/errors'
import { type Message, type Model, sampling } from './model'
import { answerSchema } from './model-plan'

type Input = {
  messages: Message[]
  max_tokens: number
  temperature: number
  response_format: { type: 'json_schema'; json_schema: typeof answerSchema }
}

/** What is used of an `ai` binding, which a deployment may add to its config. */
export type AiBinding = { run(model: string, input: Input, options: { signal: AbortSignal }): Promise<unknown> }

/** `response` is an object in JSON mode, and text where a model does not keep to it. */
const Output = z.object({ response: z.unknown(), usage: z.object({ total_tokens: z.int().min(0) }).nullish() })

/**
 * A model of Workers AI in JSON mode, which takes the schema itself and does not stream. An error says that the model could not keep to the
 * schema: that is an answer, if a useless one. Source: https://developers.cloudflare.com/workers-ai/features/json-mode/
 */
export const workersAi = (ai: AiBinding, model: string): Model => ({
  name: 'workers-ai',
  ask: async (messages, signal) => {
    const response_format = { type: 'json_schema', json_schema: answerSchema } as const
    const output = await ai.run(model, { messages, ...sampling, response_format }, { signal }).catch((error: unknown) => {
      if (error instanceof Error && /JSON Mode couldn't be met/i.test(error.message)) return { response: null }
      throw error
    })
    const { success, data } = Output.safeParse(output)
    if (!success) throw new AppError('unavailable', 'The model’s answer is not what it should be')
    return { content: data.response, tokens: data.usage?.total_tokens ?? null }
  },
})
