import { AppError, problems } from '../../shared/contracts/errors'
import type { Envelope } from '../../shared/contracts/events'
import type { Instant } from '../../shared/contracts/ids'
import { retryOnConflict } from '../../shared/events/outbox'
import type { Planned } from '../../shared/storage/documents'
import { advance, headAt, isGenuine, type LogRepo } from './repo'
import { beginning, chain, type Mac, type Place, type Row } from './row'

export type Log = LogRepo & {
  mac: Mac
  /** Records events that are not in the log yet: one read and one write, however many. @throws AppError `conflict`, `unavailable` */
  append(events: readonly Envelope[], at: Instant): Promise<void>
  /** Records one event together with all others of the same turn, such as those of one batch of messages. */
  note(event: Envelope, at: Instant): Promise<void>
}

/** Enough for operators who act while the inbox is read: each round of appends lets one through. */
const attempts = 50

export function logOf(repo: LogRepo, mac: Mac): Log {
  const append = (events: readonly Envelope[], at: Instant) => retryOnConflict(() => appendOnce(repo, mac, events, at), attempts)
  return { ...repo, mac, append, note: gathering(append) }
}

/**
 * The rows first, then the day and the head. Where a crash came in between, the next append makes up for it before it writes rows of
 * its own, so that the rows beyond the head are never of more than one append, and of one day.
 */
async function appendOnce(repo: LogRepo, mac: Mac, events: readonly Envelope[], at: Instant): Promise<void> {
  const { head, last, known } = await repo.end(events.map(({ id }) => id))
  const fresh = [...new Map(events.map((event) => [event.id, event])).values()].filter(({ id }) => !known.has(id))
  const isFirst = head === null && last === null
  const present = isFirst ? headAt('', beginning.hash, mac) : head
  // A head that is gone or forged is left as it is, for verification to find; what happens is recorded all the same.
  const trusted = present && isGenuine(present, mac) ? placeOf(present) : undefined
  const end = endOf(trusted, last)
  const rows = chain(end, fresh, at, mac)
  const newest = rows.at(-1)
  const passed = (from: Place, to: Place) => advance(repo, to, to.day === from.day ? undefined : from.hash, mac)
  const writes: Planned[] = [
    ...(isFirst && present ? [repo.heads.plan({ action: 'insertOne', document: present })] : []),
    ...(trusted && end !== trusted ? passed(trusted, end) : []),
    ...(newest ? [repo.rows.plan({ action: 'insertMany', documents: rows })] : []),
    ...(trusted && newest ? passed(end, newest) : []),
  ]
  try {
    await repo.write(writes)
  } catch (error) {
    // Somebody else was first, with a row of that number or with an event of ours.
    throw AppError.is(error, 'duplicate_key') ? new AppError('conflict') : error
  }
}

const placeOf = ({ row, hash }: { row: string; hash: string }): Place =>
  row === '' ? beginning : { day: row.slice(0, 10), seq: Number(row.slice(11)), hash }

/** The place after which the log goes on. Where rows are cut off it is the head's: the gap remains to be seen. */
function endOf(trusted: Place | undefined, last: Row | null): Place {
  if (!trusted) return last ?? beginning
  const isBeyond = last && (last.day > trusted.day || (last.day === trusted.day && last.seq > trusted.seq))
  return isBeyond ? last : trusted
}

type Append = Log['append']
/** What became of each of several events: returns, or throws what it failed by. */
type Verdict = (event: Envelope) => void

/** Collects what is noted in one turn and appends all of it at once. */
function gathering(append: Append): Log['note'] {
  let waiting: Envelope[] = []
  let working: Promise<Verdict> | undefined
  return async (event, at) => {
    waiting.push(event)
    working ??= Promise.resolve().then(() => {
      const events = waiting
      waiting = []
      working = undefined
      return judge(append, events, at)
    })
    const verdict = await working
    verdict(event)
  }
}

/** Appends all events at once; when that can never succeed, each half by itself, so that a bad one holds up none of the others. */
async function judge(append: Append, events: readonly Envelope[], at: Instant): Promise<Verdict> {
  try {
    await append(events, at)
    return () => {}
  } catch (error) {
    const known = AppError.from(error)
    if (events.length > 1 && known && !problems[known.code].retry) {
      const half = Math.ceil(events.length / 2)
      const first = await judge(append, events.slice(0, half), at)
      const second = await judge(append, events.slice(half), at)
      return (event) => (events.indexOf(event) < half ? first : second)(event)
    }
    return () => {
      throw error
    }
  }
}
