import { type Envelope, type EventData, type EventName, events, type Published, type WorkerName } from '../contracts/events'
import { type Instant, iso, type NewId } from '../contracts/ids'

/** Makes the events that Worker `W` may publish, for one piece of work. */
export type MakeEvent<W extends WorkerName> = <E extends Published<W> & EventName>(
  type: E,
  subject: string,
  data: EventData<E>,
) => Envelope<E>

export function envelopes<W extends WorkerName>(
  source: W,
  context: { now: () => Instant; newId: NewId; traceparent: string },
): MakeEvent<W> {
  return <E extends Published<W> & EventName>(type: E, subject: string, data: EventData<E>) =>
    ({
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
    }) as unknown as Envelope<E>
}

/** Sends envelopes to the inboxes of everyone in `to`; rejects unless every inbox took them all. */
export type Publish = (envelopes: readonly Envelope[]) => Promise<void>

type Inbox = { sendBatch(messages: { body: unknown; contentType: 'json' }[]): Promise<unknown> }

/** The platform takes at most 100 messages and 256 KB in one `sendBatch`. */
const batchSize = 100
const batchBytes = 200_000
const encoder = new TextEncoder()

/** The name of the producer binding of a Worker's inbox: `QUEUE_NOTIFICATION`. */
export const inboxBinding = (worker: WorkerName): string => `QUEUE_${worker.toUpperCase().replaceAll('-', '_')}`

/** A publisher over the queue bindings in `env`. */
export function publisher(env: object): Publish {
  const bindings = env as Record<string, Inbox | undefined>
  return async (all) => {
    const inboxes = new Map<WorkerName, Envelope[]>()
    for (const envelope of all) {
      for (const worker of events[envelope.type].to) inboxes.set(worker, [...(inboxes.get(worker) ?? []), envelope])
    }
    await Promise.all(
      [...inboxes].map(async ([worker, list]) => {
        const inbox = bindings[inboxBinding(worker)]
        if (!inbox) throw new TypeError(`The config has no producer ${inboxBinding(worker)}`)
        for (const chunk of chunks(list)) await inbox.sendBatch(chunk.map((body) => ({ body, contentType: 'json' })))
      }),
    )
  }
}

function* chunks(list: Envelope[]): Generator<Envelope[]> {
  let chunk: Envelope[] = []
  let bytes = 0
  for (const envelope of list) {
    const size = encoder.encode(JSON.stringify(envelope)).byteLength
    if (chunk.length === batchSize || (chunk.length > 0 && bytes + size > batchBytes)) {
      yield chunk
      chunk = []
      bytes = 0
    }
    chunk.push(envelope)
    bytes += size
  }
  if (chunk.length > 0) yield chunk
}
