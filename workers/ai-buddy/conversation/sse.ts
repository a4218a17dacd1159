import { problems } from '../../../shared/contracts/errors'
import { toAppError } from '../../../shared/http/problem'
import { logger } from '../../../shared/runtime/logger'
import { toAnswerDto } from './dto'
import type { TurnPart } from './turn'

export const eventStream = 'text/event-stream'

/** Headers of an event stream: no proxy may buffer or change it. */
export const streamHeaders = { 'content-type': `${eventStream}; charset=utf-8`, 'cache-control': 'no-store, no-transform' }

/** One event. JSON has no raw line breaks, so its data is one line. Source: WHATWG HTML, section 9.2.5 */
const frame = (event: string, data: unknown): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`

/** A part of a turn as its event: `token`, `citation`, `product`, or `done`, which carries what the plain answer would. */
export function frameOf(part: TurnPart): string {
  switch (part.type) {
    case 'token':
      return frame('token', { text: part.text })
    case 'citation':
      return frame('citation', part.citation)
    case 'product':
      return frame('product', part.product)
    case 'done':
      return frame('done', toAnswerDto(part.finished))
    default:
      return part satisfies never
  }
}

/** An error after the stream began, as the problem that a plain answer would be. */
function errorFrame(thrown: unknown, instance: string, requestId: string): string {
  const { code, message, status } = toAppError(thrown)
  if (status >= 500) logger.error('a stream broke off', { requestId, error: thrown })
  const { title } = problems[code]
  const detail = message === title ? {} : { detail: message }
  return frame('error', { type: `/problems/${code}`, title, status, ...detail, instance, code, requestId })
}

/**
 * The parts of a turn as they come. When the client leaves, `left` is called, so that no model goes on for nothing, and the turn still comes
 * to its end and is stored.
 */
export function streamOf(
  parts: AsyncIterable<TurnPart>,
  { instance, requestId, left }: { instance: string; requestId: string; left: () => void },
): ReadableStream<Uint8Array> {
  const iterator = parts[Symbol.asyncIterator]()
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await iterator.next()
        if (done) controller.close()
        else controller.enqueue(encoder.encode(frameOf(value)))
      } catch (error) {
        controller.enqueue(encoder.encode(errorFrame(error, instance, requestId)))
        controller.close()
      }
    },
    async cancel() {
      left()
      try {
        while (!(await iterator.next()).done);
      } catch (error) {
        logger.warn('a turn whose client left was not stored', { requestId, error })
      }
    },
  })
}
