import { type Envelope, subscribersOf, type WorkerName } from '../../contracts/events'

type Operation = {
  action: string
  document?: Left
  documents?: Left[]
  update?: { $push?: { outbox?: Envelope | { $each: Envelope[] } } }
}
type Left = { outbox?: Envelope[] }
type Result = { matchedCount?: number; document?: unknown }

/** Keeps account of events: which ones any outbox ever held or any queue was given, and who has seen to each. */
export function aDeliveryLedger() {
  const generated = new Map<string, Envelope>()
  const sent = new Map<string, number>()
  const seenTo = new Set<string>()
  let deliveries = 0
  const generate = (events: readonly Envelope[] = []) => {
    for (const event of events) generated.set(event.id, event)
  }
  return {
    generated,
    deliveries: () => deliveries,
    /** How many times an event was put into an inbox more often than once. */
    resent: () => [...sent.values()].reduce((sum, times) => sum + times - 1, 0),
    /** Takes in what a write that happened put into outboxes. */
    written: ({ action, document, documents = [], update }: Operation, { matchedCount, document: found }: Result) => {
      if (action === 'insertOne' || action === 'insertMany') {
        for (const each of document ? [document] : documents) generate(each.outbox)
      } else if (matchedCount === 1 || found) {
        const pushed = update?.$push?.outbox
        if (pushed) generate('$each' in pushed ? pushed.$each : [pushed])
      }
    },
    sent: (worker: WorkerName, events: readonly Envelope[]) => {
      generate(events)
      for (const { id } of events) sent.set(`${worker}:${id}`, (sent.get(`${worker}:${id}`) ?? 0) + 1)
    },
    delivered: (worker: WorkerName, { id }: Envelope, acked: boolean) => {
      deliveries += 1
      if (acked) seenTo.add(`${worker}:${id}`)
    },
    /** Who has not seen to which event. */
    lost: (): string[] =>
      [...generated.values()].flatMap((event) =>
        subscribersOf(event.type)
          .filter((worker) => !seenTo.has(`${worker}:${event.id}`))
          .map((worker) => `${worker} never saw to ${event.type} of ${event.subject}, ${event.id}`),
      ),
  }
}
