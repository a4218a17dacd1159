import type { WorkerName } from '../contracts/events'
import type { Instant, UserId } from '../contracts/ids'
import type { Collection, Documents } from '../storage/documents'

/**
 * A message that could not be handled, kept until an operator has seen to it. `redriving` is one on its way into the inbox: when it
 * fails there again it waits again, and what broke off on the way can be redriven once more.
 */
export type DeadLetter = {
  /** `<worker>:<event id, or that of the message when it is no event>`: one letter per event and Worker. */
  _id: string
  worker: WorkerName
  /** The event's name, or null when the message is no envelope. */
  type: string | null
  eventId: string | null
  /** The message as it came; redriven, it keeps its id. */
  body: unknown
  error: string
  /** Deliveries before it was parked, the last time. */
  attempts: number
  /** How often it was parked. */
  parked: number
  failedAt: Instant
  state: 'waiting' | 'redriving' | 'redriven' | 'discarded'
  /** Who redrove or discarded it, when and why. */
  settled: { by: UserId; at: Instant; reason: string | null } | null
}

export type DeadLetters = Collection<DeadLetter>

export const deadLetters = (documents: Documents): DeadLetters =>
  documents.collection<DeadLetter>({ name: 'dead_letters', indexes: [{ keys: { state: 1, failedAt: 1 } }] })

export type Parked = Pick<DeadLetter, '_id' | 'worker' | 'type' | 'eventId' | 'body' | 'error' | 'attempts' | 'failedAt'>

/** Parks a message. One that was redriven and failed again waits again. */
export async function park(letters: DeadLetters, { _id, ...parked }: Parked): Promise<void> {
  const update = { $set: { ...parked, state: 'waiting', settled: null }, $inc: { parked: 1 } }
  await letters.updateOne({ _id }, update, { upsert: true })
}
