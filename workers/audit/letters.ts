import type { DeadLetter, LetterFilter, LetterSummary } from '../../shared/contracts/audit'
import { AppError } from '../../shared/contracts/errors'
import { consumers, type Envelope, type WorkerName } from '../../shared/contracts/events'
import type { Instant, UserId } from '../../shared/contracts/ids'
import { fill } from '../../shared/events/publish'
import type { Before } from '../../shared/storage/place'
import type { Deps } from './deps'

/** The most letters that one call redrives. */
const atOnce = 100
/** How long what was seen to is kept. */
const rememberFor: Instant = 30 * 86_400_000

type WorkerFilter = { worker?: WorkerName | undefined }

const asked = ({ worker }: WorkerFilter): readonly WorkerName[] => (worker ? [worker] : consumers)

/** The Worker whose letter has an id. */
const workerOf = (id: string) => id.slice(0, id.indexOf(':')) as WorkerName

/** The letters of all Workers, or of one, newest first. */
export async function listLetters(
  deps: Deps,
  { worker, ...filter }: WorkerFilter & LetterFilter,
  before: Before,
  limit: number,
): Promise<LetterSummary[]> {
  const lists = await Promise.all(asked({ worker }).map((each) => deps.consumerOf(each).letters.list(filter, before, limit)))
  const isLater = (a: LetterSummary, b: LetterSummary) => a.failedAt - b.failedAt || (a._id < b._id ? -1 : 1)
  return lists
    .flat()
    .sort((a, b) => isLater(b, a))
    .slice(0, limit)
}

/** @throws AppError `not_found` */
export async function letterOf(deps: Deps, id: string): Promise<DeadLetter> {
  const letter = await deps.consumerOf(workerOf(id)).letters.read(id)
  if (!letter) throw new AppError('not_found')
  return letter
}

/** @throws AppError `not_found`, `invalid_state` when somebody has seen to it */
async function openLetterOf(deps: Deps, id: string): Promise<DeadLetter> {
  const letter = await letterOf(deps, id)
  requireOpen(letter.state === 'waiting' || letter.state === 'redriving')
  return letter
}

function requireOpen(isOpen: boolean): void {
  if (!isOpen) throw new AppError('invalid_state', 'Somebody has seen to this letter')
}

/**
 * Sends a parked message to its Worker once more, unchanged and under its own id. To be repeated when it breaks off.
 * @throws AppError `not_found`, `invalid_state`
 */
export async function redrive(deps: Deps, by: UserId, id: string): Promise<DeadLetter> {
  const { worker } = await openLetterOf(deps, id)
  await deps.log.append([redriven(deps, by, worker, [id])], deps.now())
  requireOpen((await send(deps, by, worker, [id])) > 0)
  return letterOf(deps, id)
}

/** Redrives what waits, oldest first. `more` says whether there is more than one call takes. */
export async function redriveAll(
  deps: Deps,
  by: UserId,
  { worker, type }: WorkerFilter & { type?: string | undefined },
): Promise<{ letterIds: string[]; more: boolean }> {
  const open = await Promise.all(
    asked({ worker }).map(async (each) => ({ worker: each, ids: await deps.consumerOf(each).letters.open(type, atOnce + 1) })),
  )
  const all = open.flatMap((each) => each.ids.map((id) => ({ worker: each.worker, id })))
  const chosen = Map.groupBy(all.slice(0, atOnce), (each) => each.worker)
  const parts = [...chosen].map(([each, list]) => ({ worker: each, ids: list.map(({ id }) => id) }))
  if (parts.length === 0) return { letterIds: [], more: false }
  await deps.log.append(
    parts.map((part) => redriven(deps, by, part.worker, part.ids)),
    deps.now(),
  )
  await Promise.all(parts.map((part) => send(deps, by, part.worker, part.ids)))
  return { letterIds: parts.flatMap(({ ids }) => ids), more: all.length > atOnce }
}

/** Gives a letter up. @throws AppError `not_found`, `invalid_state` */
export async function discard(deps: Deps, by: UserId, id: string, reason: string): Promise<DeadLetter> {
  const { worker } = await openLetterOf(deps, id)
  const told = { version: 1, worker, letterId: id, reason, by }
  await deps.log.append([deps.event('dead_letters.discarded', id, told)], deps.now())
  requireOpen(await deps.consumerOf(worker).letters.discard(id, { by, at: deps.now(), reason }))
  return letterOf(deps, id)
}

/** Forgets what was seen to long ago, of another Worker in each minute: there are more of them than one sweep may call. */
export async function forgetLetters(deps: Deps): Promise<void> {
  const now = deps.now()
  const worker = consumers[Math.floor(now / 60_000) % consumers.length]
  if (worker) await deps.consumerOf(worker).letters.forget(now - rememberFor)
}

const redriven = (deps: Deps, by: UserId, worker: WorkerName, letterIds: string[]): Envelope => {
  const [only] = letterIds
  const subject = letterIds.length === 1 && only !== undefined ? only : worker
  return deps.event('dead_letters.redriven', subject, { version: 1, worker, letterIds, by })
}

/** Returns how many were sent. Between claim and settlement a letter stays open, so that a crash there loses none. */
async function send(deps: Deps, by: UserId, worker: WorkerName, ids: string[]): Promise<number> {
  const { inbox, letters } = deps.consumerOf(worker)
  const claimed = await letters.claim(ids, { by, at: deps.now(), reason: null })
  await fill(
    inbox,
    claimed.map(({ body }) => body),
  )
  await letters.settle(claimed.map(({ _id, parked }) => ({ _id, parked })))
  return claimed.length
}
