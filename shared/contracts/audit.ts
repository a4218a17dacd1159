import type { WorkerName } from './events'
import type { Instant, UserId } from './ids'

export const deadLetterStates = ['waiting', 'redriving', 'redriven', 'discarded'] as const
export type DeadLetterState = (typeof deadLetterStates)[number]

/** Who redrove or discarded a dead letter, when and why. */
export type Resolution = { by: UserId; at: Instant; reason: string | null }

/**
 * A message that a Worker could not handle, kept until an operator resolves it. `redriving` means that it is on its way into the inbox:
 * if it fails there it waits again, and after a crash on the way it can be redriven once more.
 */
export type DeadLetter = {
  /** `<worker>:<event id, or the message id when it is not an event>`: one dead letter per event and Worker. */
  _id: string
  worker: WorkerName
  /** The event's name, or null when the message is not an envelope. */
  type: string | null
  eventId: string | null
  /** The message as it arrived; a redrive keeps its id. */
  body: unknown
  error: string
  /** Deliveries before it was last parked. */
  attempts: number
  /** How often it was parked. */
  parked: number
  failedAt: Instant
  state: DeadLetterState
  settled: Resolution | null
}

export type DeadLetterSummary = Omit<DeadLetter, 'body'>
export type DeadLetterFilter = { state?: DeadLetterState | undefined; type?: string | undefined }

/** What audit may ask of every Worker that consumes events, on behalf of operators. */
export interface DeadLettersApi {
  /** A page of dead letters, newest first, after a place in that order. */
  list(filter: DeadLetterFilter, before: { at: Instant; id: string } | undefined, limit: number): Promise<DeadLetterSummary[]>
  /** The ids of open dead letters (waiting or redriving), oldest first. */
  open(type: string | undefined, limit: number): Promise<string[]>
  read(id: string): Promise<DeadLetter | null>
  /** Marks the open ones among `ids` as `redriving` and returns them. */
  claim(ids: string[], resolution: Resolution): Promise<DeadLetter[]>
  /** Marks what was claimed and sent as `redriven`. What was parked again since the claim keeps waiting. */
  markRedriven(claimed: Pick<DeadLetter, '_id' | 'parked'>[]): Promise<void>
  /** Marks an open dead letter as `discarded`. Returns false when it was not open. */
  discard(id: string, resolution: Resolution): Promise<boolean>
  /** Deletes what was resolved before an instant. */
  forget(before: Instant): Promise<void>
}
