import type { Instant } from '../../../shared/contracts/ids'
import type { Frame, NewFrame } from './live'

/** How many frames of one user are kept, without those that replace each other, and for how long. */
export const keepFrames = 500
export const keepFor: Instant = 24 * 3_600_000
/** How long the versions of carts and orders are kept; longer than any message waits in a queue. */
export const keepVersionsFor: Instant = 14 * keepFor

type Counter = { newest: number; lost: number }
type Row = { seq: number; type: NewFrame['type']; time: string; data: string }

/** Whether the tables exist. */
export const hasTables = (sql: SqlStorage): boolean =>
  sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'migrations'").toArray().length > 0

/** Whether a device has ever connected. */
export const wasOpened = (sql: SqlStorage): boolean => sql.exec('SELECT 1 FROM opened').toArray().length > 0

export const markOpened = (sql: SqlStorage, at: Instant): void => {
  sql.exec('INSERT INTO opened (at) VALUES (?)', at)
}

/** Adds frames in one transaction. Returns the new ones; it skips repetitions and frames of an older version. */
export function append(storage: DurableObjectStorage, frames: readonly NewFrame[], at: Instant): Frame[] {
  return storage.transactionSync(() => {
    const added = frames.filter((frame) => isNew(storage.sql, frame, at)).map((frame) => write(storage.sql, frame, at))
    forget(storage.sql, excess(storage.sql))
    return added
  })
}

/** The newest frame beyond the limit; 0 when there is none. */
function excess(sql: SqlStorage): number {
  const { newest, lost } = sql.exec<Counter>('SELECT newest, lost FROM counter').one()
  // Usually so few numbers are assigned that there cannot be too many frames.
  if (newest - lost <= keepFrames) return 0
  const beyond = 'SELECT seq FROM frames WHERE whole = 0 ORDER BY seq DESC LIMIT 1 OFFSET ?'
  return sql.exec<{ seq: number }>(beyond, keepFrames).toArray()[0]?.seq ?? 0
}

/** Deletes the frames up to a number; a device that has not seen them gets a resync. */
function forget(sql: SqlStorage, last: number): void {
  if (last === 0) return
  sql.exec('DELETE FROM frames WHERE seq <= ?', last)
  sql.exec('UPDATE counter SET lost = MAX(lost, ?)', last)
}

function isNew(sql: SqlStorage, { key, subject }: NewFrame, at: Instant): boolean {
  const first = sql.exec('INSERT INTO pushed (key, at) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING key', key, at).toArray()
  if (first.length === 0) return false
  if (!subject) return true
  const current = sql.exec(
    `INSERT INTO versions (subject, version, at) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET version = excluded.version, at = excluded.at WHERE excluded.version >= versions.version
     RETURNING subject`,
    subject.id,
    subject.version,
    at,
  )
  return current.toArray().length > 0
}

function write(sql: SqlStorage, { type, time, data, whole }: NewFrame, at: Instant): Frame {
  if (whole) sql.exec('DELETE FROM frames WHERE type = ? AND whole = 1', type)
  const { seq } = sql.exec<{ seq: number }>('UPDATE counter SET newest = newest + 1 RETURNING newest AS seq').one()
  sql.exec(
    'INSERT INTO frames (seq, type, time, data, at, whole) VALUES (?, ?, ?, ?, ?, ?)',
    ...[seq, type, time, JSON.stringify(whole ?? data), at, whole ? 1 : 0],
  )
  return { seq, type, time, data }
}

/** The number of the newest frame that ever existed; 0 when there was none. */
export const newest = (sql: SqlStorage): number => sql.exec<{ newest: number }>('SELECT newest FROM counter').one().newest

/** The frames after `last`; null when some of them are deleted, or `last` was never assigned. */
export function framesAfter(sql: SqlStorage, last: number, now: Instant): Frame[] | null {
  const { newest, lost } = sql.exec<Counter>('SELECT newest, lost FROM counter').one()
  if (last > newest || last < Math.max(lost, newestOld(sql, now))) return null
  const rows = sql.exec<Row>('SELECT seq, type, time, data FROM frames WHERE seq > ? ORDER BY seq', last).toArray()
  return rows.map(({ seq, type, time, data }) => ({ seq, type, time, data: JSON.parse(data) }))
}

/** The newest frame that is too old to keep; 0 when there is none. Times grow with numbers, so all frames before it are too old, too. */
const newestOld = (sql: SqlStorage, now: Instant): number =>
  sql.exec<{ seq: number }>('SELECT COALESCE(MAX(seq), 0) AS seq FROM frames WHERE at <= ?', now - keepFor).one().seq

/** Marks a ticket as used. Returns false when it was used before. */
export const spend = (sql: SqlStorage, nonce: string, at: Instant): boolean =>
  sql.exec('INSERT INTO spent (nonce, at) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING nonce', nonce, at).toArray().length > 0

export const revokeSession = (sql: SqlStorage, session: string, at: Instant): void => {
  sql.exec('INSERT INTO revoked (session, at) VALUES (?, ?) ON CONFLICT DO NOTHING', session, at)
}

export const isRevoked = (sql: SqlStorage, session: string): boolean =>
  sql.exec('SELECT 1 FROM revoked WHERE session = ?', session).toArray().length > 0

/**
 * Deletes what is older than a day, and versions that are a fortnight old. Returns when the next of the rest is due, or null when
 * nothing is left.
 */
export function prune(storage: DurableObjectStorage, now: Instant): Instant | null {
  return storage.transactionSync(() => {
    forget(storage.sql, newestOld(storage.sql, now))
    for (const table of ['pushed', 'spent', 'revoked']) {
      storage.sql.exec(`DELETE FROM ${table} WHERE at <= ?`, now - keepFor)
    }
    storage.sql.exec('DELETE FROM versions WHERE at <= ?', now - keepVersionsFor)
    const { due } = storage.sql
      .exec<{ due: number | null }>(
        `SELECT MIN(due) AS due FROM (
           SELECT MIN(at) + ?1 AS due FROM
             (SELECT at FROM frames UNION ALL SELECT at FROM pushed UNION ALL SELECT at FROM spent UNION ALL SELECT at FROM revoked)
           UNION ALL SELECT MIN(at) + ?2 FROM versions)`,
        keepFor,
        keepVersionsFor,
      )
      .one()
    return due
  })
}
