import type { Envelope, WorkerName } from '../../contracts/events'
import { type Instant, newId } from '../../contracts/ids'

/** A message in an inbox, or in the dead-letter queue behind it. */
export type Waiting = { id: string; body: unknown; attempts: number; dueAt: Instant; parked: boolean }

/** After so many deliveries a message goes to the dead-letter queue, and from there nowhere, as the configs of the queues say. */
const maxAttempts = { inbox: 21, parked: 101 }

/** The inboxes of all Workers, from which nothing comes out but by the test's hand. */
export function anInboxes() {
  const waiting = new Map<WorkerName, Waiting[]>()
  const of = (worker: WorkerName): Waiting[] => {
    const found = waiting.get(worker) ?? []
    waiting.set(worker, found)
    return found
  }
  const sentTo = new Map<WorkerName, Envelope[]>()
  const put = (worker: WorkerName, bodies: readonly unknown[]) =>
    of(worker).push(...bodies.map((body) => ({ id: newId('req'), body, attempts: 1, dueAt: 0, parked: false })))
  return {
    /** All that was ever sent to a Worker. */
    history: (worker: WorkerName): readonly Envelope[] => sentTo.get(worker) ?? [],
    /** Puts into an inbox once more what was there before, as a queue may at any time. */
    again: (worker: WorkerName, body: Envelope | undefined): void => void put(worker, body ? [body] : []),
    /** Puts what waits for a Worker into the opposite order. Returns the names of the events, as they now come. */
    reverse: (worker: WorkerName) =>
      of(worker)
        .reverse()
        .map(({ body }) => (body as Envelope).type),
    isEmpty: () => [...waiting.values()].every((messages) => messages.length === 0),
    /** The producer binding of an inbox. What is sent is copied, as the platform does. */
    producer: (worker: WorkerName, sent: (envelopes: Envelope[]) => void) => ({
      sendBatch: async (messages: { body: unknown }[]) => {
        const bodies = messages.map(({ body }) => JSON.parse(JSON.stringify(body)) as Envelope)
        put(worker, bodies)
        sentTo.set(worker, [...(sentTo.get(worker) ?? []), ...bodies])
        sent(bodies)
      },
    }),
    /** Takes messages that are due out of an inbox, all of the same queue. */
    take: (worker: WorkerName, atMost: number): Waiting[] => {
      const due = of(worker).filter(({ dueAt }) => dueAt <= Date.now())
      const taken = due.filter(({ parked }) => parked === due[0]?.parked).slice(0, atMost)
      waiting.set(
        worker,
        of(worker).filter((message) => !taken.includes(message)),
      )
      return taken
    },
    /** Puts a message back, to come again; into the dead-letter queue when it has come often enough, and away when it has there too. */
    putBack: (worker: WorkerName, message: Waiting, delaySeconds = 0): void => {
      if (message.parked && message.attempts >= maxAttempts.parked) return
      const isLost = !message.parked && message.attempts >= maxAttempts.inbox
      const next = isLost ? { attempts: 1, parked: true } : { attempts: message.attempts + 1 }
      of(worker).push({ ...message, ...next, dueAt: Date.now() + delaySeconds * 1000 })
    },
  }
}
