import type { WorkerName } from './events'
import type { Instant, UserId } from './ids'

export const letterStates = ['waiting', 'redriving', 'redriven', 'discarded'] as const
export type LetterState = (typeof letterStates)[number]

/** Who redrove or discarded a letter, when and why. */
export type Settled = { by: UserId; at: Instant; reason: string | null }

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
  state: LetterState
  settled: Settled | null
}

export type LetterSummary = Omit<DeadLetter, 'body'>
export type LetterFilter = { state?: LetterState | undefined; type?: string | undefined }

/** What audit, through which operators see to dead letters, may ask of every Worker that consumes. */
export interface DeadLettersApi {
  /** Newest first, from after a place in that order. */
  list(filter: LetterFilter, before: { at: Instant; id: string } | undefined, limit: number): Promise<LetterSummary[]>
  /** The ids of those that are open, which is waiting or redriving, oldest first. */
  open(type: string | undefined, limit: number): Promise<string[]>
  read(id: string): Promise<DeadLetter | null>
  /** Makes those of `ids` that are open `redriving`, and returns them. */
  claim(ids: string[], settled: Settled): Promise<DeadLetter[]>
  /** Makes what was claimed and sent `redriven`; what was parked again since the claim goes on waiting. */
  settle(claimed: Pick<DeadLetter, '_id' | 'parked'>[]): Promise<void>
  /** Makes an open letter `discarded`. Returns false when it was not open. */
  discard(id: string, settled: Settled): Promise<boolean>
  /** Forgets what was settled before an instant. */
  forget(before: Instant): Promise<void>
}
