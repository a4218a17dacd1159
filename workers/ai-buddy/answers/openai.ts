import { z } from '@hono/zod-openapi'
import { AppError } from '../../../shared/contracts/errors'
import { readBounded } from '../../../shared/http/body'
import { type Model, sampling } from './model'
import { answerSchema } from './model-plan'

export type Endpoint = {
  /** The base of the API, such as `https://host/v1`. */
  url: string
  model: string
  /** null for an endpoint that needs none. */
  apiKey: string | null
}

/** The most bytes of a completion; an answer takes a few hundred. */
const maxBytes = 65_536

/** `content` is null when the model refuses. */
const Completion = z.object({
  choices: z.tuple([z.object({ message: z.object({ content: z.string().nullish() }) })], z.unknown()),
  usage: z.object({ total_tokens: z.int().min(0) }).nullish(),
})

/**
 * Any endpoint that takes chat completions as OpenAI's does. It follows no redirect, which would take the key elsewhere, and names no tools.
 * Source: https://platform.openai.com/docs/api-reference/chat/create
 */
export const openai = ({ url, model, apiKey }: Endpoint, request: typeof fetch = (...sent) => fetch(...sent)): Model => ({
  name: 'openai',
  ask: async (messages, signal) => {
    const response = await request(`${url.replace(/\/+$/, '')}/chat/completions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
      },
      body: JSON.stringify({
        ...{ model, messages, ...sampling },
        response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema: answerSchema } },
      }),
      redirect: 'manual',
      signal,
    })
    if (!response.ok) {
      await response.body?.cancel()
      throw new AppError('unavailable', `The model answered ${response.status}`)
    }
    const bytes = await readBounded(response, maxBytes, () => new AppError('unavailable', 'The model’s answer has no end'))
    const { choices, usage } = completionIn(bytes)
    return { content: choices[0].message.content ?? null, tokens: usage?.total_tokens ?? null }
  },
})

function completionIn(bytes: Uint8Array): z.infer<typeof Completion> {
  try {
    return Completion.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)))
  } catch {
    throw new AppError('unavailable', 'The model’s answer is no completion')
  }
}
