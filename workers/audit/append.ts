import { AppError, problems } from '../../shared/contracts/errors'
import type { Envelope } from '../../shared/contracts/events'
import type { Instant } from '../../shared/contracts/ids'
import { retryOnConflict } from '../../shared/events/outbox'
import type { Planned } from '../../shared/storage/documents'
import { headAt, isGenuine } from './head'
import type { LogRepo } from './repo'
import { beginning, chain, type Mac, type Place, type Row } from './row'

export type Log = LogRepo & {
  mac: Mac
  /** Records events that are not in the log yet, with one read and one write, however many. @throws AppError `conflict`, `unavailable` */
  append(events: readonly Envelope[], at: Instant): Promise<void>
  /** Records one event together with all others of the same turn, such as those of one batch of messages. */
  record(event: Envelope, at: Instant): Promise<void>
}

/** Enough for operators who act while the consumer appends: of several appends at once, one succeeds and the others retry. */
const attempts = 50

export function logOf(repo: LogRepo, mac: Mac): Log {
  const append = (events: readonly Envelope[], at: Instant) => retryOnConflict(() => appendOnce(repo, mac, events, at), attempts)
  return { ...repo, mac, append, record: batching(append) }
}

/**
 * Writes the rows first, then the day and the head. After a crash in between, the next append first advances the day and the head, so
 * the rows beyond the head always belong to one append and one day.
 */
async function appendOnce(repo: LogRepo, mac: Mac, events: readonly Envelope[], at: Instant): Promise<void> {
  const { head, last, known } = await repo.end(events.map(({ id }) => id))
  const fresh = [...new Map(events.map((event) => [event.id, event])).values()].filter(({ id }) => !known.has(id))
  const isFirst = head === null && last === null
  const present = isFirst ? headAt('', beginning.hash, mac) : head
  // A head that is missing or forged stays as it is, for verification to find; the events are recorded all the same.
  const trusted = present && isGenuine(present, mac) ? placeOf(present) : undefined
  const end = endOf(trusted, last)
  const rows = chain(end, fresh, at, mac)
  const newest = rows.at(-1)
  const planAdvance = (from: Place, to: Place) => repo.planAdvance(to, to.day === from.day ? undefined : from.hash, mac)
  const writes: Planned[] = [
    ...(isFirst && present ? [repo.planStart(present)] : []),
    ...(trusted && end !== trusted ? planAdvance(trusted, end) : []),
    ...(newest ? [repo.planAdd(rows)] : []),
    ...(trusted && newest ? planAdvance(end, newest) : []),
  ]
  try {
    await repo.write(writes)
  } catch (error) {
    // Another append was first, with a row of that number or with one of these events.
    throw AppError.is(error, 'duplicate_key') ? new AppError('conflict') : error
  }
}

const placeOf = ({ row, hash }: { row: string; hash: string }): Place =>
  row === '' ? beginning : { day: row.slice(0, 10), seq: Number(row.slice(11)), hash }

/** The place after which the log continues. Where rows are cut off it is the head's, so that the gap stays visible. */
function endOf(trusted: Place | undefined, last: Row | null): Place {
  if (!trusted) return last ?? beginning
  const isBeyond = last && (last.day > trusted.day || (last.day === trusted.day && last.seq > trusted.seq))
  return isBeyond ? last : trusted
}

type Append = Log['append']
/** Throws the error by which an event failed; returns for one that is recorded. */
type ThrowFailureOf = (event: Envelope) => void

/** Collects the events of one turn and appends all of them at once. */
function batching(append: Append): Log['record'] {
  let waiting: Envelope[] = []
  let working: Promise<ThrowFailureOf> | undefined
  return async (event, at) => {
    waiting.push(event)
    working ??= Promise.resolve().then(() => {
      const events = waiting
      waiting = []
      working = undefined
      return appendOrBisect(append, events, at)
    })
    const throwFailureOf = await working
    throwFailureOf(event)
  }
}

/** Appends all events at once. When that can never succeed, appends each half by itself, so that a bad event blocks none of the others. */
async function appendOrBisect(append: Append, events: readonly Envelope[], at: Instant): Promise<ThrowFailureOf> {
  try {
    await append(events, at)
    return () => {}
  } catch (error) {
    const known = AppError.from(error)
    if (events.length > 1 && known && !problems[known.code].retry) {
      const half = Math.ceil(events.length / 2)
      const first = await appendOrBisect(append, events.slice(0, half), at)
      const second = await appendOrBisect(append, events.slice(half), at)
      return (event) => (events.indexOf(event) < half ? first : second)(event)
    }
    return () => {
      throw error
    }
  }
}
