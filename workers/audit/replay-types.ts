import type { EventName, WorkerName } from '../../shared/contracts/events'
import type { Instant, ReplayId, UserId } from '../../shared/contracts/ids'

/** Past events on their way into the inbox of a Worker. */
export type Replay = {
  _id: ReplayId
  to: WorkerName
  /** It sends events that were recorded at this instant or later, and before `until`. */
  from: Instant
  until: Instant
  types: EventName[]
  by: UserId
  status: 'running' | 'done'
  /** Everything up to this row id of the log is sent. */
  cursor: string
  sent: number
  createdAt: Instant
  finishedAt: Instant | null
  /** Until this instant somebody works on it. */
  lockedUntil: Instant
}

export type ReplayRequest = Pick<Replay, 'to' | 'from' | 'until' | 'by'> & { types?: readonly EventName[] | undefined }
