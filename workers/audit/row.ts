import { createHmac } from 'node:crypto'
import { canonical } from '../../shared/contracts/canonical'
import type { Filter } from '../../shared/contracts/data'
import type { Envelope, EventName } from '../../shared/contracts/events'
import { type EventId, type Instant, iso, type UserId } from '../../shared/contracts/ids'

/** One event in the log. It is never changed, and never taken out. */
export type Row = {
  /** `<day>:<seq>`, the sequence number with nine digits: rows sort by it in the order in which they were recorded. */
  _id: string
  /** The UTC day of recording, `2026-01-31`. */
  day: string
  /** From 1, without gaps, on every day. */
  seq: number
  eventId: EventId
  type: EventName
  subject: string
  /** Who did it, or else of whom it speaks. */
  userId: UserId | null
  recordedAt: Instant
  envelope: Envelope
  /** The hash of the row before; that of a day's first row is the last of the day before. */
  previous: string
  /** Over all else in the row. */
  hash: string
}

/** A place in the log, and the hash that stands there. */
export type Place = Pick<Row, 'day' | 'seq' | 'hash'>

/** HMAC-SHA-256 in hex of a value's canonical JSON, under the key of the log. Source: RFC 2104 */
export type Mac = (value: object) => string

/** Keyed, so that whoever can write to the database but has no key cannot make a chain that holds. */
export const macOf =
  (secret: string): Mac =>
  (value) =>
    createHmac('sha256', secret).update(canonical(value)).digest('hex')

/** Where the first row of all is chained. */
export const beginning: Place = { day: '', seq: 0, hash: '0'.repeat(64) }

export const rowId = ({ day, seq }: Pick<Row, 'day' | 'seq'>): string => `${day}:${String(seq).padStart(9, '0')}`

export const dayOf = (at: Instant): string => iso(at).slice(0, 10)

const aDay: Instant = 86_400_000
/** A day later years have five digits, which sort before those of four. */
const lastDay: Instant = Date.UTC(9999, 11, 30)

/**
 * The ids of rows that were recorded in a span of time. A row's day is never earlier than the instant of recording and, clocks of
 * isolates being what they are, may be one later.
 */
export const idsBetween = (from: Instant | undefined, until: Instant | undefined): Filter => ({
  ...(from === undefined ? {} : { $gte: `${dayOf(from)}:` }),
  ...(until === undefined ? {} : { $lt: `${dayOf(Math.min(until, lastDay) + aDay)};` }),
})

/** One type as an equality: among all that happened, an index leads to few of them. */
export const ofTypes = (types: readonly EventName[]): Filter => ({ type: types.length === 1 ? types[0] : { $in: [...types] } })

/** The hash that a row must have. */
export function hashOf(row: Row, mac: Mac): string {
  const { hash: _hash, ...rest } = row
  return mac(rest)
}

/**
 * The rows of events that were heard of at one instant, chained on the last place of the log. They are all of one day; a day never
 * begins again after a later one has, whatever a clock says.
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
