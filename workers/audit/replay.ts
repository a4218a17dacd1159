import { AppError } from '../../shared/contracts/errors'
import { type Envelope, type EventName, events, replayable, type WorkerName } from '../../shared/contracts/events'
import { type EventId, type Instant, iso, type ReplayId, type UserId } from '../../shared/contracts/ids'
import { fill } from '../../shared/events/publish'
import { logger } from '../../shared/runtime/logger'
import type { Deps } from './deps'
import { dayOf, idsBetween, ofTypes, type Row } from './row'

/** Events of the past on their way into the inbox of a Worker. */
export type Replay = {
  _id: ReplayId
  to: WorkerName
  /** Those that were recorded from this instant on, and before that one. */
  from: Instant
  until: Instant
  types: EventName[]
  by: UserId
  status: 'running' | 'done'
  /** What was sent comes before this id in the log, or at it. */
  cursor: string
  sent: number
  createdAt: Instant
  finishedAt: Instant | null
  /** Until when somebody is at it. */
  lockedUntil: Instant
}

export type Wish = Pick<Replay, 'to' | 'from' | 'until' | 'by'> & { types?: readonly EventName[] | undefined }

/** Events on one page; together with the bytes this keeps a page to one send. */
const pageSize = 100
const pageBytes = 150_000
/** A page costs a call of the database and a send; a request is to be answered soon, a run to end well within its minute. */
const pagesPerRequest = 4
const pagesPerSweep = 10
/** Longer than any page takes. */
const lockFor: Instant = 60_000

/** The events that a Worker handles. */
const handledBy = (worker: WorkerName): EventName[] =>
  (Object.keys(events) as EventName[]).filter((type) => (events[type].to as readonly WorkerName[]).includes(worker))

/**
 * Has events of the past sent to a Worker again, in their order and under their own ids, marked with the id of the replay. It is
 * recorded before anything is sent; what this call does not get to is left to the sweep. To be repeated with the same ids.
 * @throws AppError `replay_refused`, `validation_failed` for types that the Worker does not handle
 */
export async function startReplay(deps: Deps, ids: { replay: ReplayId; event: EventId }, wish: Wish): Promise<Replay> {
  const { to, from, by } = wish
  if (!replayable.includes(to)) throw new AppError('replay_refused')
  const types = [...(wish.types ?? handledBy(to))]
  const stray = types.filter((type) => !handledBy(to).includes(type))
  if (stray.length > 0) {
    const message = `${to} does not handle ${stray.join(', ')}`
    throw new AppError('validation_failed', `types: ${message}`, { errors: [{ path: 'types', message }] })
  }
  const now = deps.now()
  const until = Math.min(wish.until, now)
  if (from >= until) {
    const errors = [{ path: 'from', message: 'is not in the past' }]
    throw new AppError('validation_failed', 'from: is not in the past', { errors })
  }
  const told = { version: 1, replayId: ids.replay, to, from: iso(from), until: iso(until), types, by }
  await deps.log.append([{ ...deps.event('events.replayed', ids.replay, told), id: ids.event }], now)
  const progress = { status: 'running' as const, cursor: `${dayOf(from)}:`, sent: 0, finishedAt: null, lockedUntil: 0 }
  await deps.replays.insertIfAbsent({ _id: ids.replay, to, from, until, types, by, ...progress, createdAt: now })
  try {
    await proceed(deps, ids.replay, pagesPerRequest)
  } catch (error) {
    logger.warn('the rest of a replay is left to the sweep', { replayId: ids.replay, error })
  }
  return replayOf(deps, ids.replay)
}

/** @throws AppError `not_found` */
export async function replayOf(deps: Deps, id: ReplayId): Promise<Replay> {
  const replay = await deps.replays.findOne({ _id: id })
  if (!replay) throw new AppError('not_found')
  return replay
}

/** Goes on with a replay that nobody is at. */
export async function resumeReplays(deps: Deps): Promise<void> {
  const idle = { status: 'running', lockedUntil: { $lte: deps.now() } }
  const [next] = await deps.replays.find(idle, { sort: { lockedUntil: 1 }, limit: 1, projection: { _id: 1 } })
  if (next) await proceed(deps, next._id, pagesPerSweep)
}

/** Sends the next pages, each before it is noted as sent: a crash in between sends one twice and leaves none out. */
async function proceed(deps: Deps, id: ReplayId, pages: number): Promise<void> {
  const idle = { _id: id, status: 'running', lockedUntil: { $lte: deps.now() } }
  const replay = await deps.replays.updateAndFind(idle, { $set: { lockedUntil: deps.now() + lockFor } })
  if (!replay) return
  let { cursor, lockedUntil } = replay
  let found = await deps.log.rows.find(wanted(replay, cursor), inOrder)
  for (let page = 1; ; page++) {
    const rows = fitting(found)
    await fill(
      deps.consumerOf(replay.to).inbox,
      rows.map(({ envelope }): Envelope => ({ ...envelope, replay: id })),
    )
    cursor = rows.at(-1)?._id ?? cursor
    const isDone = found.length < pageSize && rows.length === found.length
    // Whoever took over, because this call took too long, goes on alone.
    const mine = { _id: id, lockedUntil }
    lockedUntil = isDone || page === pages ? 0 : deps.now() + lockFor
    const left = isDone ? { status: 'done', finishedAt: deps.now() } : {}
    const note = deps.replays.plan({
      action: 'updateOne',
      filter: mine,
      update: { $set: { cursor, lockedUntil, ...left }, $inc: { sent: rows.length } },
    })
    if (lockedUntil === 0) {
      await deps.documents.batch([note])
      return
    }
    const next = deps.log.rows.plan({ action: 'find', filter: wanted(replay, cursor), ...inOrder })
    const [{ matchedCount }, { documents }] = await deps.documents.batch([note, next])
    if (matchedCount === 0) return
    found = documents as Row[]
  }
}

const inOrder = { sort: { _id: 1 }, limit: pageSize } as const

const wanted = ({ from, until, types }: Replay, cursor: string) => ({
  _id: { ...idsBetween(undefined, until), $gt: cursor },
  recordedAt: { $gte: from, $lt: until },
  ...ofTypes(types),
})

const encoder = new TextEncoder()

/** As many rows as one send takes. */
function fitting(rows: readonly Row[]): Row[] {
  let bytes = 0
  return rows.filter(({ envelope }, index) => {
    bytes += encoder.encode(JSON.stringify(envelope)).byteLength
    return index === 0 || bytes <= pageBytes
  })
}
