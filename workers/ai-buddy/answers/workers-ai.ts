import { AppError } from '../../../shared/contracts/errors'
import type { Generator } from '../context/answer-types'
import { maxTokens, piecesOf } from './model-stream'
import { type Message, messagesFor } from './prompt'

/** What is used of an `ai` binding, which a deployment may add to its config. */
export type AiBinding = {
  run(
    model: string,
    input: { messages: Message[]; stream: true; max_tokens: number; temperature: number },
    options: { signal: AbortSignal },
  ): Promise<unknown>
}

/** A model of Workers AI. Source: https://developers.cloudflare.com/workers-ai/configuration/bindings/ */
export const workersAi = (ai: AiBinding, model: string): Generator => ({
  name: 'workers-ai',
  write: async function* (brief, signal) {
    const input = { messages: messagesFor(brief), stream: true, max_tokens: maxTokens, temperature: 0.2 } as const
    const stream = await ai.run(model, input, { signal })
    if (!(stream instanceof ReadableStream)) throw new AppError('unavailable', 'The model does not stream')
    yield* piecesOf(stream, signal)
  },
})
