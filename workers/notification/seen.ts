import { type Envelope, events } from '../../shared/contracts/events'
import type { EventId, Instant } from '../../shared/contracts/ids'
import type { Documents } from '../../shared/storage/documents'
import { type Before, olderThan } from '../../shared/storage/place'

/** A domain event as it came by. */
export type SeenEvent = { _id: EventId; event: Envelope; createdAt: Instant }

/** How long a local run remembers what came by. */
const keepFor = 3_600_000

/**
 * A local run's record of domain events, for developers who want to see what a request caused. This Worker keeps it because every
 * event of the catalogue comes by here. Elsewhere nothing is recorded.
 */
export type SeenRepo = {
  /** Notes each event the first time it comes, all in one write. */
  note(events: readonly Envelope[], now: Instant): Promise<void>
  page(before: Before, limit: number): Promise<SeenEvent[]>
  forgetOld(now: Instant): Promise<unknown>
}

export function seenRepo(documents: Documents, environment: string): SeenRepo {
  const collection = documents.collection<SeenEvent>({ name: 'seen_events', indexes: [{ keys: { createdAt: -1, _id: -1 } }] })
  return {
    note: async (events, now) => {
      if (environment === 'local')
        await collection.insertAbsent(events.map((event) => ({ _id: event.id, event, createdAt: now })))
    },
    page: (before, limit) => collection.find(olderThan(before), { sort: { createdAt: -1, _id: -1 }, limit }),
    forgetOld: (now) => collection.deleteMany({ createdAt: { $lt: now - keepFor } }),
  }
}

/** The event, whom it goes to, and when it came by. */
export const toSeenDto = ({ event, createdAt }: SeenEvent) => ({ ...event, to: [...events[event.type].to], seenAt: createdAt })
