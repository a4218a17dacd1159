import { AppError } from '../../../shared/contracts/errors'
import type { Generator } from '../context/answer-types'
import { maxTokens, piecesOf } from './model-stream'
import { messagesFor } from './prompt'

export type Endpoint = {
  /** The base of the API, such as `https://host/v1`. */
  url: string
  model: string
  /** null for an endpoint that wants none. */
  apiKey: string | null
}

/**
 * Any endpoint that takes chat completions as OpenAI's does. It follows no redirect, which would take the key elsewhere, and names no tools.
 * Source: https://platform.openai.com/docs/api-reference/chat/create
 */
export const openai = ({ url, model, apiKey }: Endpoint, request: typeof fetch = (...asked) => fetch(...asked)): Generator => ({
  name: 'openai',
  write: async function* (brief, signal) {
    const response = await request(`${url.replace(/\/+$/, '')}/chat/completions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
      },
      // `max_tokens` is the older name of the limit, and the one that all of them know.
      body: JSON.stringify({ model, messages: messagesFor(brief), stream: true, max_tokens: maxTokens, temperature: 0.2 }),
      redirect: 'manual',
      signal,
    })
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false
    if (!response.ok || !isStream || !response.body) {
      await response.body?.cancel()
      throw new AppError('unavailable', `The model answered ${response.status}`)
    }
    yield* piecesOf(response.body, signal)
  },
})
