import { createHmac } from 'node:crypto'
import { canonical } from '../../shared/contracts/canonical'
import type { Filter } from '../../shared/contracts/data'
import type { Envelope, EventName } from '../../shared/contracts/events'
import { type EventId, type Instant, iso, type UserId } from '../../shared/contracts/ids'

/** One event in the log. It is never changed and never deleted. */
export type Row = {
  /** `<day>:<seq>` with a sequence number of nine digits, so rows sort in the order in which they were recorded. */
  _id: string
  /** The UTC day of recording, `2026-01-31`. */
  day: string
  /** From 1, without gaps, on every day. */
  seq: number
  eventId: EventId
  type: EventName
  subject: string
  /** The user who did it, or else the user whom it is about. */
  userId: UserId | null
  recordedAt: Instant
  envelope: Envelope
  /** The hash of the row before; that of a day's first row is the last of the day before. */
  previous: string
  /** Over everything else in the row. */
  hash: string
}

/** A place in the log, and the hash that stands there. */
export type Place = Pick<Row, 'day' | 'seq' | 'hash'>

/** HMAC-SHA-256 in hex of a value's canonical JSON, under the key of the log. Source: RFC 2104 */
export type Mac = (value: object) => string

/** Keyed, so that somebody who can write to the database but has no key cannot forge a valid chain. */
export const macOf =
  (secret: string): Mac =>
  (value) =>
    createHmac('sha256', secret).update(canonical(value)).digest('hex')

/** The place that the first row of all follows. */
export const beginning: Place = { day: '', seq: 0, hash: '0'.repeat(64) }

export const rowId = ({ day, seq }: Pick<Row, 'day' | 'seq'>): string => `${day}:${String(seq).padStart(9, '0')}`

export const dayOf = (at: Instant): string => iso(at).slice(0, 10)

const aDay: Instant = 86_400_000
/** One day later, years have five digits, which sort before those with four. */
const lastDay: Instant = Date.UTC(9999, 11, 30)

/**
 * The ids of rows that were recorded in a span of time. A row's day is never earlier than the day of recording. It may be one day
 * later, because the clocks of isolates differ.
 */
export const idsBetween = (from: Instant | undefined, until: Instant | undefined): Filter => ({
  ...(from === undefined ? {} : { $gte: `${dayOf(from)}:` }),
  ...(until === undefined ? {} : { $lt: `${dayOf(Math.min(until, lastDay) + aDay)};` }),
})

/** One type as an equality, which an index can serve. */
export const ofTypes = (types: readonly EventName[]): Filter => ({ type: types.length === 1 ? types[0] : { $in: [...types] } })

/** The hash that a row must have. */
export function hashOf(row: Row, mac: Mac): string {
  const { hash: _hash, ...rest } = row
  return mac(rest)
}

/**
 * The rows of events that arrived at one instant, chained to the last place of the log. They all belong to one day. A day never begins
 * again after a later one has begun, whatever a clock says.
 */
export function chain(last: Place, events: readonly Envelope[], at: Instant, mac: Mac): Row[] {
  const isNewDay = dayOf(at) > last.day
  const day = isNewDay ? dayOf(at) : last.day
  let { seq, hash } = isNewDay ? { seq: 0, hash: last.hash } : last
  return events.map((envelope) => {
    seq += 1
    const { id: eventId, type, subject } = envelope
    const place = { _id: rowId({ day, seq }), day, seq }
    const rest = { ...place, eventId, type, subject, userId: userIn(envelope), recordedAt: at, envelope, previous: hash }
    hash = mac(rest)
    return { ...rest, hash }
  })
}

function userIn({ data }: Envelope): UserId | null {
  const { by, userId, buyerId, sellerId }: { by?: UserId; userId?: UserId | null; buyerId?: UserId; sellerId?: UserId } = data
  return by ?? userId ?? buyerId ?? sellerId ?? null
}
