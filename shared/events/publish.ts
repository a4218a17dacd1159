import { AppError } from '../contracts/errors'
import {
  type Envelope,
  type EventData,
  type EventName,
  maxEventBytes,
  type Published,
  subscribersOf,
  type WorkerName,
} from '../contracts/events'
import { type Instant, iso, type NewId } from '../contracts/ids'
import { bindingName } from '../contracts/workers'

/**
 * Makes the events that Worker `W` may publish, for one piece of work. It throws AppError `event_too_large` for one that no queue would
 * take: before the write that it belongs to, since afterwards it could neither be sent nor be left out.
 */
export type MakeEvent<W extends WorkerName> = <E extends Published<W> & EventName>(
  type: E,
  subject: string,
  data: EventData<E>,
) => Envelope<E>

export function envelopes<W extends WorkerName>(
  source: W,
  context: { now: () => Instant; newId: NewId; traceparent: string },
): MakeEvent<W> {
  return <E extends Published<W> & EventName>(type: E, subject: string, data: EventData<E>) => {
    const envelope = {
      specversion: '1.0',
      id: context.newId('evt'),
      source: `/workers/${source}`,
      type,
      subject,
      time: iso(context.now()),
      datacontenttype: 'application/json',
      traceparent: context.traceparent,
      dataversion: 1,
      data,
    } as unknown as Envelope<E>
    // As it would be replayed, which is the longest that it ever is.
    requireSendable({ ...envelope, replay: `rpl_${'0'.repeat(26)}` })
    return envelope
  }
}

/** Sends envelopes to the inboxes of everyone in `to` and to audit; rejects unless every inbox took them all. */
export type Publish = (envelopes: readonly Envelope[]) => Promise<void>

export type Inbox = { sendBatch(messages: { body: unknown; contentType: 'json' }[]): Promise<unknown> }

/** The platform takes at most 100 messages and 256 KB in one `sendBatch`. */
const batchSize = 100
const batchBytes = 200_000
const encoder = new TextEncoder()

/** The name of the producer binding of a Worker's inbox: `QUEUE_NOTIFICATION`. */
export const inboxBinding = (worker: WorkerName): string => `QUEUE_${bindingName(worker)}`

/** A publisher over the queue bindings in `env`. */
export function publisher(env: object): Publish {
  const bindings = env as Record<string, Inbox | undefined>
  return async (all) => {
    const inboxes = new Map<WorkerName, Envelope[]>()
    for (const envelope of all) {
      for (const worker of subscribersOf(envelope.type)) inboxes.set(worker, [...(inboxes.get(worker) ?? []), envelope])
    }
    await Promise.all(
      [...inboxes].map(async ([worker, list]) => {
        const inbox = bindings[inboxBinding(worker)]
        if (!inbox) throw new TypeError(`The config has no producer ${inboxBinding(worker)}`)
        await fill(inbox, list)
      }),
    )
  }
}

/** Puts messages into an inbox, in batches that the platform takes. @throws AppError `event_too_large`, before any is sent */
export async function fill(inbox: Inbox, messages: readonly unknown[]): Promise<void> {
  for (const chunk of [...chunks(messages)]) await inbox.sendBatch(chunk.map((body) => ({ body, contentType: 'json' })))
}

/** The size of a message in bytes. @throws AppError `event_too_large` */
function requireSendable(message: unknown): number {
  const bytes = encoder.encode(JSON.stringify(message)).byteLength
  if (bytes > maxEventBytes) throw new AppError('event_too_large', `An event has ${maxEventBytes} bytes at most, not ${bytes}`)
  return bytes
}

function* chunks(messages: readonly unknown[]): Generator<unknown[]> {
  let chunk: unknown[] = []
  let bytes = 0
  for (const message of messages) {
    const size = requireSendable(message)
    if (chunk.length === batchSize || (chunk.length > 0 && bytes + size > batchBytes)) {
      yield chunk
      chunk = []
      bytes = 0
    }
    chunk.push(message)
    bytes += size
  }
  if (chunk.length > 0) yield chunk
}
