import type { Deps } from './deps'
import { type Day, type Head, isGenuine } from './repo'
import { beginning, hashOf, type Mac, type Place, type Row, rowId } from './row'

/**
 * What is wrong with a row: its content is not what was recorded, it is gone, or it does not follow the one before. Or what a day's
 * document, or the head, says is not so.
 */
export const reasons = ['changed', 'missing', 'unchained', 'day_changed', 'head_changed'] as const
export type Broken = { id: string; reason: (typeof reasons)[number] }

/** How far a verification came: the last row that was verified, and what was counted until then. */
export type Progress = { after: string; rows: number; days: number }

/** `next` is null when there is no more to verify, or something is broken. */
export type Verification = { rows: number; days: number; firstBroken: Broken | null; next: Progress | null }

/**
 * The most that one call verifies: to read and hash so many rows takes less than a second. A row may hold the largest event there is, and
 * an answer of the database 32 MiB.
 */
const bounds = { rowsPerPage: 100, pages: 25 }

/**
 * Verifies the log, or one day of it together with its seams to both sides, and names the first thing that is not as it was recorded.
 * What is recorded meanwhile may be left out, but is never taken for damage. Nobody who lacks the key can make this pass after a
 * change, but for putting the whole database back to what it was at an earlier time.
 */
export async function verify(
  { log }: Deps,
  day: string | undefined,
  progress: Progress | undefined,
  { rowsPerPage, pages } = bounds,
): Promise<Verification> {
  const [head, before] = await Promise.all([
    log.heads.findOne({ _id: 'log' }),
    day === undefined || progress ? null : log.rows.findOne({ _id: { $lt: `${day}:` } }, { sort: { _id: -1 } }),
  ])
  const { after, rows, days } = progress ?? { after: before?._id ?? '', rows: 0, days: 0 }
  const walk: Walk = { mac: log.mac, head, only: day, after, last: after === '' ? beginning : undefined, rows, days }
  for (let page = 0; page < pages; page++) {
    const found = await log.from(walk.after, rowsPerPage)
    const end = step(walk, found, found.rows.length < rowsPerPage)
    if (end) return { rows: walk.rows, days: walk.days, firstBroken: end === 'sound' ? null : end, next: null }
  }
  const counted = { rows: walk.rows, days: walk.days }
  return { ...counted, firstBroken: null, next: { after: walk.after, ...counted } }
}

type Walk = Progress & {
  mac: Mac
  /** As it was before any row was read: the log may only have grown since. */
  head: Head | null
  /** The one day that is verified. */
  only: string | undefined
  /** The last row that was verified; undefined until the row `after` is read again. */
  last: Place | undefined
}

/** Verifies a page that begins with the row `after`. Returns what is broken, or `sound` at the end. */
function step(
  walk: Walk,
  { rows, days }: { rows: readonly Row[]; days: readonly Day[] },
  isEnd: boolean,
): Broken | 'sound' | undefined {
  for (const row of rows) {
    if (hashOf(row, walk.mac) !== row.hash) return { id: row._id, reason: 'changed' }
    if (row._id === walk.after) {
      walk.last = row
      continue
    }
    if (!walk.last) break
    const broken = gapBetween(walk.last, row, days, walk.head) ?? breakAt(walk.last, row, days, walk.head)
    if (broken) return broken
    walk.last = row
    walk.after = row._id
    if (walk.only !== undefined && row.day > walk.only) return 'sound'
    walk.rows += 1
    if (row.seq === 1) walk.days += 1
  }
  if (!walk.last) return { id: walk.after, reason: 'missing' }
  return isEnd ? (breakAtEnd(walk.last, days, walk) ?? 'sound') : undefined
}

const dayIn = (days: readonly Day[], day: string): Day | undefined => days.find(({ _id }) => _id === day)

const missing = (day: string, seq: number): Broken => ({ id: rowId({ day, seq }), reason: 'missing' })

/** Whether an append that is done has told of a place: only then must there be a document of its day. */
const isTold = (place: Place, head: Head | null): boolean => head !== null && rowId(place) <= head.row

/** The first row, or the document of a day, that is missing between two rows. */
function gapBetween(last: Place, row: Row, days: readonly Day[], head: Head | null): Broken | undefined {
  if (row.day === last.day) return row.seq === last.seq + 1 ? undefined : missing(row.day, last.seq + 1)
  const skipped = days.find(({ _id }) => _id > last.day && _id < row.day)
  return (
    cutOff(last, days, head, row) ?? (skipped && missing(skipped._id, 1)) ?? (row.seq === 1 ? undefined : missing(row.day, 1))
  )
}

/** What is missing of the day that a row ends, or wrong with its document. `next` is the row after, on a later day. */
function cutOff(last: Place, days: readonly Day[], head: Head | null, next?: Row): Broken | undefined {
  if (last.day === '') return undefined
  const day = dayIn(days, last.day)
  if (day && day.count > last.seq) return missing(last.day, last.seq + 1)
  // Before a day's first row is written, the document of the day before is made up for.
  const isFinal = isTold(next ?? last, head)
  const isShort = day ? next !== undefined && day.count < last.seq : true
  return isFinal && isShort ? { id: last.day, reason: 'day_changed' } : undefined
}

/** What is wrong at a row that is where it belongs. */
function breakAt(last: Place, row: Row, days: readonly Day[], head: Head | null): Broken | undefined {
  if (row.previous !== last.hash) return { id: row._id, reason: 'unchained' }
  const day = dayIn(days, row.day)
  const isFirstOf = row.seq === 1 && (day ? day.previous !== row.previous : isTold(row, head))
  if (isFirstOf || (day?.count === row.seq && day.head !== row.hash)) return { id: row.day, reason: 'day_changed' }
  if (head?.row === row._id && head.hash !== row.hash) return { id: 'head', reason: 'head_changed' }
  return undefined
}

/** What is wrong after the last row there is. */
function breakAtEnd(last: Place, days: readonly Day[], { head, mac }: Walk): Broken | undefined {
  const later = days.find(({ _id }) => _id > last.day)
  const broken = cutOff(last, days, head) ?? (later && missing(later._id, 1))
  if (broken) return broken
  if (head ? !isGenuine(head, mac) : last.day !== '') return { id: 'head', reason: 'head_changed' }
  if (!head || head.row <= rowId(last)) return undefined
  const day = head.row.slice(0, 10)
  return missing(day, day === last.day ? last.seq + 1 : 1)
}
