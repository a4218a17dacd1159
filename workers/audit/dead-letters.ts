import type { DeadLetter, DeadLetterFilter, DeadLetterSummary, DeadLettersApi } from '../../shared/contracts/audit'
import { AppError } from '../../shared/contracts/errors'
import { consumers, type Envelope, type WorkerName } from '../../shared/contracts/events'
import type { Instant, UserId } from '../../shared/contracts/ids'
import { fill, type Inbox, type MakeEvent } from '../../shared/events/publish'
import type { Before } from '../../shared/storage/place'
import type { Log } from './append'

/** @throws TypeError for a Worker that consumes nothing */
type ConsumerOf = (worker: WorkerName) => { deadLetters: DeadLettersApi }

type Needs = {
  now: () => Instant
  event: MakeEvent<'audit'>
  log: Pick<Log, 'append'>
  consumerOf: (worker: WorkerName) => { inbox: Inbox; deadLetters: DeadLettersApi }
}

/** The most dead letters that one call redrives. */
const perCall = 100
/**
 * How many Workers' dead letters one call redrives: the platform allows 32 calls by service binding. Each consumer is asked once, each
 * of these claims and marks, and the log takes five.
 */
const workersPerCall = Math.floor((32 - 5 - consumers.length) / 2)
/** How long a resolved dead letter is kept. */
const keepFor: Instant = 30 * 86_400_000

type WorkerFilter = { worker?: WorkerName | undefined }

const workersIn = ({ worker }: WorkerFilter): readonly WorkerName[] => (worker ? [worker] : consumers)

/** The Worker that the id of a dead letter names. */
const workerOf = (id: string) => id.slice(0, id.indexOf(':')) as WorkerName

/**
 * The dead letters of all Workers, or of one, newest first, and the Workers that did not answer.
 * @throws the first failure when no Worker answers
 */
export async function listDeadLetters(
  { consumerOf }: { consumerOf: ConsumerOf },
  { worker, ...filter }: WorkerFilter & DeadLetterFilter,
  before: Before,
  limit: number,
): Promise<{ found: DeadLetterSummary[]; missing: WorkerName[] }> {
  const workers = workersIn({ worker })
  const answers = await Promise.allSettled(workers.map(async (each) => consumerOf(each).deadLetters.list(filter, before, limit)))
  const failures = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []))
  if (failures.length === answers.length) throw failures[0]
  const compare = (a: DeadLetterSummary, b: DeadLetterSummary) => a.failedAt - b.failedAt || (a._id < b._id ? -1 : 1)
  const all = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  return {
    found: all.sort((a, b) => compare(b, a)).slice(0, limit),
    missing: workers.filter((_worker, index) => answers[index]?.status === 'rejected'),
  }
}

/** @throws AppError `not_found` */
export async function readDeadLetter({ consumerOf }: { consumerOf: ConsumerOf }, id: string): Promise<DeadLetter> {
  const deadLetter = await consumerOf(workerOf(id)).deadLetters.read(id)
  if (!deadLetter) throw new AppError('not_found')
  return deadLetter
}

/** @throws AppError `not_found`, `invalid_state` when it is resolved already */
async function readOpenDeadLetter(needs: Needs, id: string): Promise<DeadLetter> {
  const deadLetter = await readDeadLetter(needs, id)
  requireOpen(deadLetter.state === 'waiting' || deadLetter.state === 'redriving')
  return deadLetter
}

function requireOpen(isOpen: boolean): void {
  if (!isOpen) throw new AppError('invalid_state', 'The dead letter is resolved already')
}

/**
 * Sends a parked message to its Worker once more, unchanged and under its own id. Repeat a call that failed.
 * @throws AppError `not_found`, `invalid_state`
 */
export async function redrive(needs: Needs, by: UserId, id: string): Promise<DeadLetter> {
  const { worker } = await readOpenDeadLetter(needs, id)
  await needs.log.append([redriven(needs, by, worker, [id])], needs.now())
  requireOpen((await send(needs, by, worker, [id])) > 0)
  return readDeadLetter(needs, id)
}

/** Redrives what waits, oldest first. `more` says whether more waits than one call redrives. */
export async function redriveAll(
  needs: Needs,
  by: UserId,
  { worker, type }: WorkerFilter & { type?: string | undefined },
): Promise<{ deadLetterIds: string[]; more: boolean }> {
  const open = await Promise.all(
    workersIn({ worker }).map(async (each) => ({
      worker: each,
      ids: await needs.consumerOf(each).deadLetters.open(type, perCall + 1),
    })),
  )
  const all = open.flatMap((each) => each.ids.map((id) => ({ worker: each.worker, id })))
  const chosen = Map.groupBy(all.slice(0, perCall), (each) => each.worker)
  const parts = [...chosen].slice(0, workersPerCall).map(([each, list]) => ({ worker: each, ids: list.map(({ id }) => id) }))
  if (parts.length === 0) return { deadLetterIds: [], more: false }
  await needs.log.append(
    parts.map((part) => redriven(needs, by, part.worker, part.ids)),
    needs.now(),
  )
  await Promise.all(parts.map((part) => send(needs, by, part.worker, part.ids)))
  const deadLetterIds = parts.flatMap(({ ids }) => ids)
  return { deadLetterIds, more: all.length > deadLetterIds.length }
}

/** Gives a message up. @throws AppError `not_found`, `invalid_state` */
export async function discard(needs: Needs, by: UserId, id: string, reason: string): Promise<DeadLetter> {
  const { worker } = await readOpenDeadLetter(needs, id)
  const data = { version: 1, worker, deadLetterId: id, reason, by }
  await needs.log.append([needs.event('dead_letters.discarded', id, data)], needs.now())
  requireOpen(await needs.consumerOf(worker).deadLetters.discard(id, { by, at: needs.now(), reason }))
  return readDeadLetter(needs, id)
}

/** Deletes what was resolved long ago, for another Worker in each minute: there are more Workers than one sweep may call. */
export async function forgetDeadLetters({ now, consumerOf }: { now: () => Instant; consumerOf: ConsumerOf }): Promise<void> {
  const worker = consumers[Math.floor(now() / 60_000) % consumers.length]
  if (worker) await consumerOf(worker).deadLetters.forget(now() - keepFor)
}

const redriven = ({ event }: Pick<Needs, 'event'>, by: UserId, worker: WorkerName, ids: string[]): Envelope => {
  const [only] = ids
  const subject = ids.length === 1 && only !== undefined ? only : worker
  return event('dead_letters.redriven', subject, { version: 1, worker, deadLetterIds: ids, by })
}

/** Returns how many were sent. Between the claim and the mark a dead letter stays open, so a crash in between loses none. */
async function send({ now, consumerOf }: Needs, by: UserId, worker: WorkerName, ids: string[]): Promise<number> {
  const { inbox, deadLetters } = consumerOf(worker)
  const claimed = await deadLetters.claim(ids, { by, at: now(), reason: null })
  await fill(
    inbox,
    claimed.map(({ body }) => body),
  )
  await deadLetters.markRedriven(claimed.map(({ _id, parked }) => ({ _id, parked })))
  return claimed.length
}
