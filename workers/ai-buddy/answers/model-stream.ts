import { z } from '@hono/zod-openapi'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { AppError } from '../../../shared/contracts/errors'
import type { Piece } from '../context/answer-types'

/** The most tokens that one answer may have. */
export const maxTokens = 500

/** The most characters of one event: a piece of an answer takes a few hundred. */
const longestEvent = 65_536
/** The most events of one stream; a model that only thinks aloud would go on until its time is over. */
const mostEvents = 5_000

/** An event as OpenAI's API has it, and as Workers AI does; what else is in it is of no interest. */
const Event = z.object({
  choices: z
    .array(z.object({ delta: z.object({ content: z.string().nullish() }).nullish(), finish_reason: z.string().nullish() }))
    .nullish(),
  // A piece that is a number comes as one.
  response: z.union([z.string(), z.number().transform(String)]).nullish(),
  usage: z.object({ total_tokens: z.int().min(0) }).nullish(),
  error: z.unknown().optional(),
})

/**
 * The text in a model's stream of server-sent events, up to `[DONE]`. @throws AppError `unavailable` when it breaks off, tells of an error
 * or is no such stream. Sources: https://platform.openai.com/docs/api-reference/chat-streaming,
 * https://developers.cloudflare.com/workers-ai/features/prompting/
 */
export async function* piecesOf(stream: ReadableStream<Uint8Array>, signal: AbortSignal): AsyncGenerator<Piece> {
  let isFinished = false
  let count = 0
  for await (const { event, data } of eventsOf(stream, signal)) {
    if (data.trim() === '[DONE]') return
    count += 1
    if (event === 'error' || count > mostEvents)
      throw new AppError('unavailable', 'The model’s stream tells of an error or has no end')
    const { choices, response, usage, error } = parsed(data)
    if (error !== undefined && error !== null) throw new AppError('unavailable', 'The model failed while it wrote')
    const [choice] = choices ?? []
    const text = choice?.delta?.content ?? response ?? ''
    if (text !== '') yield text
    if (usage) yield { tokens: usage.total_tokens }
    if (choice?.finish_reason) isFinished = true
  }
  if (!isFinished) throw new AppError('unavailable', 'The model’s stream broke off')
}

/** The events of a stream, which is given up when nobody wants more of them. Bytes may come cut anywhere. */
async function* eventsOf(stream: ReadableStream<Uint8Array>, signal: AbortSignal): AsyncGenerator<EventSourceMessage> {
  const reader = stream.getReader()
  const giveUp = () => reader.cancel().catch(() => {})
  const onAbort = () => void giveUp()
  signal.addEventListener('abort', onAbort, { once: true })
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
  const events: EventSourceMessage[] = []
  let isTooLong = false
  const parser = createParser({
    maxBufferSize: longestEvent,
    onEvent: (event) => void events.push(event),
    onError: ({ type }) => {
      isTooLong ||= type === 'max-buffer-size-exceeded'
    },
  })
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      parser.feed(decoder.decode(chunk.value, { stream: true }))
      if (isTooLong) throw new AppError('unavailable', 'The model’s stream is one endless event')
      yield* events.splice(0)
    }
    if (signal.aborted) throw new AppError('unavailable', 'The model was given up')
  } finally {
    signal.removeEventListener('abort', onAbort)
    await giveUp()
  }
}

function parsed(data: string): z.infer<typeof Event> {
  try {
    return Event.parse(JSON.parse(data))
  } catch {
    throw new AppError('unavailable', 'The model’s stream is not what it should be')
  }
}
