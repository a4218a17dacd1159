import { Temporal } from 'temporal-polyfill'
import { AppError } from '../../shared/contracts/errors'
import type { Instant } from '../../shared/contracts/ids'
import type { Period } from './dashboard-api'

/** Midnight of every time zone lies on a quarter of an hour. Sums are kept by quarters, so that no period is finer. */
export const quarter: Instant = 15 * 60_000
const hour: Instant = 4 * quarter
const day: Instant = 24 * hour

/** The longest period, and the most buckets it may have. */
export const maxDays = 400
export const maxBuckets = 1000
const defaultDays = 30

export const bucketSizes = ['hour', 'day', 'week', 'month'] as const
export type BucketSize = (typeof bucketSizes)[number]

export type PeriodQuery = { from?: string | undefined; until?: string | undefined; timeZone: string }
/** A period, and the one right before it with as many local days, or of the same length. */
export type Range = { period: Period; previous: Period }

/** The form of a local date; any other text is read as an instant. */
const localDate = /^\d{4}-\d{2}-\d{2}$/

const refuse = (path: string, message: string): never => {
  throw new AppError('validation_failed', `${path}: ${message}`, { errors: [{ path, message }] })
}

/** Whether a name is in the IANA time zone database. Offsets are refused, since they have no daylight saving. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    // Stricter than Intl, which accepts other names, such as ACT.
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name)
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/**
 * The period of a query: local dates, with `until` as the last one, or instants in ISO 8601, with `until` as the exclusive end. By default
 * the last 30 local days, including today. @throws AppError `validation_failed`
 */
export function rangeOf({ from, until, timeZone }: PeriodQuery, now: Instant): Range {
  const given = [from, until].filter((text) => text !== undefined)
  return given.length > 0 && given.every((text) => !localDate.test(text))
    ? rangeOfInstants(from, until)
    : rangeOfDates(from, until, timeZone, now)
}

function rangeOfDates(from: string | undefined, until: string | undefined, timeZone: string, now: Instant): Range {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone).toPlainDate()
  const first = from === undefined ? undefined : dateOf('from', from)
  const last = until === undefined ? today : dateOf('until', until)
  const begin = first ?? last.subtract({ days: defaultDays - 1 })
  const days = begin.until(last).days + 1
  if (days < 1) refuse('until', 'must not be before from')
  if (days > maxDays) refuse('from', `a period has at most ${maxDays} days, not ${days}`)
  const startOf = (path: string, date: Temporal.PlainDate) => aligned(path, startOfDay(date, timeZone))
  const start = startOf('from', begin)
  const period = { from: start, until: startOf('until', last.add({ days: 1 })) }
  if (period.from === period.until) refuse('from', `there was no such day in ${timeZone}`)
  return { period, previous: { from: startOf('from', begin.subtract({ days })), until: start } }
}

function rangeOfInstants(from: string | undefined, until: string | undefined): Range {
  const period = { from: instantOf('from', from), until: instantOf('until', until) }
  const length = period.until - period.from
  if (length <= 0) refuse('until', 'must be after from')
  if (length > maxDays * day) refuse('from', `a period has at most ${maxDays} days`)
  return { period, previous: { from: period.from - length, until: period.from } }
}

function dateOf(path: string, text: string): Temporal.PlainDate {
  return parsed(path, text, (date) => {
    if (!localDate.test(date)) throw new RangeError()
    return Temporal.PlainDate.from(date)
  })
}

const instantOf = (path: string, text: string | undefined): Instant =>
  aligned(
    path,
    parsed(path, text ?? '', (instant) => {
      // Years of four digits only: six digits reach the first representable day, which has no day before.
      if (!/^\d{4}-/.test(instant)) throw new RangeError()
      return Temporal.Instant.from(instant).epochMilliseconds
    }),
  )

function parsed<T>(path: string, text: string, parse: (text: string) => T): T {
  try {
    return parse(text)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return refuse(path, 'from and until must both be local dates (2026-01-31), or both instants with an offset')
  }
}

function aligned(path: string, instant: Instant): Instant {
  return instant % quarter === 0 ? instant : refuse(path, 'must lie on a quarter of an hour of UTC')
}

/** The first moment of a local day, which is not midnight where clocks are put forward at that moment. */
const startOfDay = (date: Temporal.PlainDate, timeZone: string): Instant => date.toZonedDateTime(timeZone).epochMilliseconds

/**
 * Splits a period into the hours, days, weeks or months of a time zone, in order and without gaps. The first and the last bucket end with
 * the period. Weeks begin on Monday (ISO 8601). Days may have 23 or 25 hours, and an hour that the clock repeats is two buckets.
 * @throws AppError `validation_failed` when there would be more than 1,000
 */
export function bucketsOf({ from, until }: Period, size: BucketSize, timeZone: string): Period[] {
  const cuts = size === 'hour' ? hoursIn({ from, until }, timeZone) : datesIn({ from, until }, size, timeZone)
  const inner = [...new Set(cuts)].filter((cut) => cut > from && cut < until)
  if (inner.length >= maxBuckets)
    refuse('bucket', `the period has ${inner.length + 1} of them, and at most ${maxBuckets} are allowed`)
  const starts = [from, ...inner]
  return starts.map((start, index) => ({ from: start, until: starts[index + 1] ?? until }))
}

/** The beginnings of local days, weeks or months. */
function datesIn({ from, until }: Period, size: Exclude<BucketSize, 'hour'>, timeZone: string): Instant[] {
  const date = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(timeZone).toPlainDate()
  const first = { day: date, week: date.subtract({ days: date.dayOfWeek - 1 }), month: date.with({ day: 1 }) }[size]
  const cuts: Instant[] = []
  // Counted from the first, not from one to the next, so that each has the same day of the month.
  for (let count = 1; (cuts.at(-1) ?? from) < until; count++)
    cuts.push(aligned('bucket', startOfDay(first.add({ [`${size}s`]: count }), timeZone)))
  return cuts
}

/** The beginnings of local hours: the quarters at which the hour of the wall clock, or its offset from UTC, changes. */
function hoursIn({ from, until }: Period, timeZone: string): Instant[] {
  const offsetAt = offsetsIn({ from, until }, timeZone)
  const cuts: Instant[] = []
  for (let at = from + quarter; at < until; at += quarter) {
    const [before, now] = [offsetAt(at - quarter), offsetAt(at)]
    if (before !== now || Math.floor((at + now) / hour) !== Math.floor((at - quarter + before) / hour)) cuts.push(at)
  }
  return cuts
}

/** The offset of local time from UTC in milliseconds, by instant. It reads the zone once per transition, not once per quarter. */
function offsetsIn({ from, until }: Period, timeZone: string): (at: Instant) => number {
  const parts: { since: Instant; offset: number }[] = []
  let at: Temporal.ZonedDateTime | null = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(timeZone)
  while (at !== null && at.epochMilliseconds < until) {
    parts.push({ since: at.epochMilliseconds, offset: at.offsetNanoseconds / 1_000_000 })
    at = at.getTimeZoneTransition('next')
  }
  return (instant) => parts.findLast(({ since }) => since <= instant)?.offset ?? 0
}

/** An instant as local time with its offset from UTC: `2026-03-29T03:00:00+02:00`. */
export const localIso = (instant: Instant, timeZone: string): string =>
  Temporal.Instant.fromEpochMilliseconds(instant)
    .toZonedDateTimeISO(timeZone)
    .toString({ timeZoneName: 'never', smallestUnit: 'second' })
