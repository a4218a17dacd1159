import { type Day, type Head, isGenuine } from './head'
import type { LogRepo } from './repo'
import { beginning, hashOf, type Mac, type Place, type Row, rowId } from './row'
import type { Broken, Progress, Verification } from './verification'

type Needs = { log: Pick<LogRepo, 'head' | 'lastBefore' | 'from'> & { mac: Mac } }

/**
 * The most that one call verifies; reading and hashing this many rows takes less than a second. A row may hold an event of the largest size,
 * and a database answer has 32 MiB at most.
 */
const bounds = { rowsPerPage: 100, pages: 25 }

/**
 * Verifies the log, or one day of it with the links to the days before and after, and names the first thing that is not as it was
 * recorded. What is recorded meanwhile may be left out, but never counts as damage. Without the key nobody can change the log so that
 * this still passes, except by restoring the whole database to an earlier state.
 */
export async function verify(
  { log }: Needs,
  day: string | undefined,
  progress: Progress | undefined,
  { rowsPerPage, pages } = bounds,
): Promise<Verification> {
  const [head, before] = await Promise.all([log.head(), day === undefined || progress ? null : log.lastBefore(day)])
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
  /** Read before any row: since then the log can only have grown. */
  head: Head | null
  /** The only day to verify. */
  only: string | undefined
  /** The last verified row; undefined until the row `after` is read again. */
  last: Place | undefined
}

/** Verifies a page that begins with the row `after`. Returns what is broken, or `sound` at the end of the log. */
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

/** Whether the head covers a place: only then must its day have a document. */
const isCovered = (place: Place, head: Head | null): boolean => head !== null && rowId(place) <= head.row

/** The first row, or the document of a day, that is missing between two rows. */
function gapBetween(last: Place, row: Row, days: readonly Day[], head: Head | null): Broken | undefined {
  if (row.day === last.day) return row.seq === last.seq + 1 ? undefined : missing(row.day, last.seq + 1)
  const skipped = days.find(({ _id }) => _id > last.day && _id < row.day)
  return (
    cutOff(last, days, head, row) ?? (skipped && missing(skipped._id, 1)) ?? (row.seq === 1 ? undefined : missing(row.day, 1))
  )
}

/** What is missing at the end of a row's day, or wrong with the day's document. `next` is the row after it, on a later day. */
function cutOff(last: Place, days: readonly Day[], head: Head | null, next?: Row): Broken | undefined {
  if (last.day === '') return undefined
  const day = dayIn(days, last.day)
  if (day && day.count > last.seq) return missing(last.day, last.seq + 1)
  // An append completes the document of the day before, before it writes a day's first row.
  const isFinal = isCovered(next ?? last, head)
  const isShort = day ? next !== undefined && day.count < last.seq : true
  return isFinal && isShort ? { id: last.day, reason: 'day_changed' } : undefined
}

/** What is wrong with a row that is in its place. */
function breakAt(last: Place, row: Row, days: readonly Day[], head: Head | null): Broken | undefined {
  if (row.previous !== last.hash) return { id: row._id, reason: 'unchained' }
  const day = dayIn(days, row.day)
  const isFirstOf = row.seq === 1 && (day ? day.previous !== row.previous : isCovered(row, head))
  if (isFirstOf || (day?.count === row.seq && day.head !== row.hash)) return { id: row.day, reason: 'day_changed' }
  if (head?.row === row._id && head.hash !== row.hash) return { id: 'head', reason: 'head_changed' }
  return undefined
}

/** What is wrong after the last row. */
function breakAtEnd(last: Place, days: readonly Day[], { head, mac }: Walk): Broken | undefined {
  const later = days.find(({ _id }) => _id > last.day)
  const broken = cutOff(last, days, head) ?? (later && missing(later._id, 1))
  if (broken) return broken
  if (head ? !isGenuine(head, mac) : last.day !== '') return { id: 'head', reason: 'head_changed' }
  if (!head || head.row <= rowId(last)) return undefined
  const day = head.row.slice(0, 10)
  return missing(day, day === last.day ? last.seq + 1 : 1)
}
