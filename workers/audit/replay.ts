import { AppError } from '../../shared/contracts/errors'
import { type Envelope, type EventName, events, replayable, type WorkerName } from '../../shared/contracts/events'
import { type EventId, type Instant, iso, type ReplayId } from '../../shared/contracts/ids'
import { fill, type Inbox, type MakeEvent } from '../../shared/events/publish'
import { logger } from '../../shared/runtime/logger'
import type { Documents } from '../../shared/storage/documents'
import type { Log } from './append'
import type { Replay, ReplayRequest } from './replay-types'
import type { ReplayRepo } from './repo'
import { dayOf, type Row } from './row'

type Needs = {
  now: () => Instant
  event: MakeEvent<'audit'>
  documents: Pick<Documents, 'batch'>
  log: Pick<Log, 'append' | 'after' | 'planAfter' | 'rowsIn'>
  replays: ReplayRepo
  consumerOf: (worker: WorkerName) => { inbox: Inbox }
}

/** Events on one page; with the limit in bytes, one send takes a page. */
const pageSize = 100
const pageBytes = 150_000
/** A page costs a database call and a send. A request must be answered soon, and a sweep must end well within its minute. */
const pagesPerRequest = 4
const pagesPerSweep = 10
/** Longer than any page takes. */
const lockFor: Instant = 60_000

/** The events that a Worker handles. */
const handledBy = (worker: WorkerName): EventName[] =>
  (Object.keys(events) as EventName[]).filter((type) => (events[type].to as readonly WorkerName[]).includes(worker))

/**
 * Sends past events to a Worker again, in log order and under their own ids, marked with the id of the replay. The log records the
 * replay before anything is sent; the sweep sends what this call does not. Repeat a call that failed with the same ids.
 * @throws AppError `replay_refused`, `validation_failed` for types that the Worker does not handle
 */
export async function startReplay(
  needs: Needs,
  ids: { replay: ReplayId; event: EventId },
  { to, from, by, ...request }: ReplayRequest,
): Promise<Replay> {
  if (!replayable.includes(to)) throw new AppError('replay_refused')
  const types = [...(request.types ?? handledBy(to))]
  const stray = types.filter((type) => !handledBy(to).includes(type))
  if (stray.length > 0) {
    const message = `${to} does not handle ${stray.join(', ')}`
    throw new AppError('validation_failed', `types: ${message}`, { errors: [{ path: 'types', message }] })
  }
  const now = needs.now()
  const until = Math.min(request.until, now)
  if (from >= until) {
    const errors = [{ path: 'from', message: 'is not in the past' }]
    throw new AppError('validation_failed', 'from: is not in the past', { errors })
  }
  const data = { version: 1, replayId: ids.replay, to, from: iso(from), until: iso(until), types, by }
  await needs.log.append([{ ...needs.event('events.replayed', ids.replay, data), id: ids.event }], now)
  const progress = { status: 'running' as const, cursor: `${dayOf(from)}:`, sent: 0, finishedAt: null, lockedUntil: 0 }
  await needs.replays.add({ _id: ids.replay, to, from, until, types, by, ...progress, createdAt: now })
  try {
    await proceed(needs, ids.replay, pagesPerRequest)
  } catch (error) {
    logger.warn('the rest of a replay is left to the sweep', { replayId: ids.replay, error })
  }
  return readReplay(needs, ids.replay)
}

/** @throws AppError `not_found` */
export async function readReplay({ replays }: { replays: Pick<ReplayRepo, 'load'> }, id: ReplayId): Promise<Replay> {
  const replay = await replays.load(id)
  if (!replay) throw new AppError('not_found')
  return replay
}

/** Continues a replay on which nobody works. */
export async function resumeReplays(needs: Needs): Promise<void> {
  const next = await needs.replays.nextIdle(needs.now())
  if (next) await proceed(needs, next, pagesPerSweep)
}

/** Sends the next pages and records each one after it is sent: a crash in between sends a page twice and skips none. */
async function proceed({ now, documents, log, replays, consumerOf }: Needs, id: ReplayId, pages: number): Promise<void> {
  const replay = await replays.lock(id, now(), now() + lockFor)
  if (!replay) return
  const { from, until, types } = replay
  const wanted = { from, until, types }
  let { cursor, lockedUntil } = replay
  let found = await log.after(wanted, cursor, pageSize)
  for (let page = 1; ; page++) {
    const rows = fitting(found)
    await fill(
      consumerOf(replay.to).inbox,
      rows.map(({ envelope }): Envelope => ({ ...envelope, replay: id })),
    )
    cursor = rows.at(-1)?._id ?? cursor
    const isDone = found.length < pageSize && rows.length === found.length
    // If this call took so long that somebody else took over, only they go on.
    const mine = { _id: id, lockedUntil }
    lockedUntil = isDone || page === pages ? 0 : now() + lockFor
    const end = isDone ? ({ status: 'done', finishedAt: now() } as const) : {}
    const progress = replays.planProgress(mine, { cursor, lockedUntil, ...end }, rows.length)
    if (lockedUntil === 0) {
      await documents.batch([progress])
      return
    }
    const [{ matchedCount }, next] = await documents.batch([progress, log.planAfter(wanted, cursor, pageSize)])
    if (matchedCount === 0) return
    found = log.rowsIn(next)
  }
}

const encoder = new TextEncoder()

/** As many rows as one send takes. */
function fitting(rows: readonly Row[]): Row[] {
  let bytes = 0
  return rows.filter(({ envelope }, index) => {
    bytes += encoder.encode(JSON.stringify(envelope)).byteLength
    return index === 0 || bytes <= pageBytes
  })
}
