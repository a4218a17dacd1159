import { describe, expect, it } from 'vitest'
import { AppError } from '../../shared/contracts/errors'
import { seeded } from '../../shared/testing/interleaving'
import type { Period } from './dashboard-api'
import { type BucketSize, bucketSizes, bucketsOf, isTimeZone, localIso, type PeriodQuery, quarter, rangeOf } from './periods'

const now = Date.parse('2026-11-23T12:00:00Z')
const hours = (count: number) => count * 4 * quarter
const queryOf = (from: string | undefined, until: string | undefined, timeZone = 'UTC'): PeriodQuery => ({
  from,
  until,
  timeZone,
})
const isoOf = ({ from, until }: Period, timeZone = 'UTC') => [localIso(from, timeZone), localIso(until, timeZone)]
const startsOf = (period: Period, size: BucketSize, timeZone: string) =>
  bucketsOf(period, size, timeZone).map(({ from }) => localIso(from, timeZone))
const daysOf = (from: string, until: string, timeZone: string) => rangeOf(queryOf(from, until, timeZone), now).period

/** The field and the message of a refused query. */
function refusalOf(from: string | undefined, until: string | undefined, timeZone = 'UTC'): string | undefined {
  try {
    rangeOf(queryOf(from, until, timeZone), now)
  } catch (error) {
    return AppError.from(error)?.meta.errors?.map(({ path, message }) => `${path}: ${message}`)[0]
  }
  return undefined
}

describe('the period of a query', () => {
  it('is by default the last 30 local days, with today by the time zone', () => {
    const { period, previous } = rangeOf(queryOf(undefined, undefined, 'Pacific/Auckland'), now)
    expect(isoOf(period, 'Pacific/Auckland')).toEqual(['2026-10-26T00:00:00+13:00', '2026-11-25T00:00:00+13:00'])
    expect(isoOf(previous, 'Pacific/Auckland')).toEqual(['2026-09-26T00:00:00+12:00', '2026-10-26T00:00:00+13:00'])
  })

  it('includes the given last day, and begins 30 days before it or with the given first day', () => {
    expect(isoOf(rangeOf(queryOf(undefined, '2026-02-28'), now).period)).toEqual([
      '2026-01-30T00:00:00+00:00',
      '2026-03-01T00:00:00+00:00',
    ])
    expect(isoOf(rangeOf(queryOf('2026-11-20', undefined), now).period)).toEqual([
      '2026-11-20T00:00:00+00:00',
      '2026-11-24T00:00:00+00:00',
    ])
  })

  it('is compared with as many local days right before, whatever their length', () => {
    const { period, previous } = rangeOf(queryOf('2026-03-29', '2026-03-29', 'Europe/Berlin'), now)
    expect(period.until - period.from).toBe(hours(23))
    expect(previous).toEqual({ from: period.from - hours(24), until: period.from })
  })

  it('has the given instants, and is compared with the same length right before', () => {
    const { period, previous } = rangeOf(queryOf('2026-03-29T00:15:00+01:00', '2026-03-29T12:00:00Z'), now)
    expect(isoOf(period)).toEqual(['2026-03-28T23:15:00+00:00', '2026-03-29T12:00:00+00:00'])
    expect(previous).toEqual({ from: period.from - hours(12.75), until: period.from })
  })

  it('begins with the first moment of a day that has no midnight', () => {
    expect(isoOf(daysOf('2018-11-04', '2018-11-04', 'America/Sao_Paulo'), 'America/Sao_Paulo')[0]).toBe(
      '2018-11-04T01:00:00-02:00',
    )
  })

  it.each([
    ['2026-02-30', '2026-03-01', 'from: from and until must both be'],
    ['2026-02-01', '2026-03-01T00:00:00Z', 'until: from and until must both be'],
    ['2026-02-01T00:00:00Z', undefined, 'until: from and until must both be'],
    ['2026-02-01T00:00:00', '2026-03-01T00:00:00', 'from: from and until must both be'],
    ['+012026-02-01T00:00:00Z', '+012026-02-02T00:00:00Z', 'from: from and until must both be'],
    ['yesterday', undefined, 'from: from and until must both be'],
    ['2026-03-02', '2026-03-01', 'until: must not be before from'],
    ['2026-03-02T00:00:00Z', '2026-03-02T00:00:00Z', 'until: must be after from'],
    ['2025-01-01', '2026-02-05', 'from: a period has at most 400 days, not 401'],
    ['2025-01-01T00:00:00Z', '2026-02-05T00:15:00Z', 'from: a period has at most 400 days'],
    ['2026-03-02T00:01:00Z', '2026-03-03T00:00:00Z', 'from: must lie on a quarter of an hour'],
  ])('is refused from %s until %s', (from, until, message) => {
    expect(refusalOf(from, until)).toContain(message)
  })

  it('is refused where midnight is not a full quarter of an hour, or where the day never existed', () => {
    expect(refusalOf('1971-06-01', '1971-06-02', 'Africa/Monrovia')).toBe('from: must lie on a quarter of an hour of UTC')
    expect(refusalOf('2011-12-30', '2011-12-30', 'Pacific/Apia')).toBe('from: there was no such day in Pacific/Apia')
  })

  it('may have 400 days', () => {
    expect(refusalOf('2025-01-01', '2026-02-04')).toBeUndefined()
  })
})

it('accepts only time zones of the IANA database', () => {
  for (const name of ['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Etc/GMT+5']) expect(isTimeZone(name)).toBe(true)
  for (const name of ['', '+01:00', 'Mars/Olympus', 'Europe/Berlin ', 'PST', 'ACT', 'JST']) expect(isTimeZone(name)).toBe(false)
})

describe('the buckets of a period', () => {
  it('are hours, without the one that daylight saving skips and twice the one that it repeats', () => {
    const spring = startsOf(daysOf('2026-03-29', '2026-03-29', 'Europe/Berlin'), 'hour', 'Europe/Berlin')
    expect(spring).toHaveLength(23)
    expect(spring.slice(1, 3)).toEqual(['2026-03-29T01:00:00+01:00', '2026-03-29T03:00:00+02:00'])
    const autumn = startsOf(daysOf('2026-11-01', '2026-11-01', 'America/New_York'), 'hour', 'America/New_York')
    expect(autumn).toHaveLength(25)
    expect(autumn.slice(1, 4)).toEqual(['2026-11-01T01:00:00-04:00', '2026-11-01T01:00:00-05:00', '2026-11-01T02:00:00-05:00'])
  })

  it('are half an hour where the clock moves by half an hour', () => {
    const zone = 'Australia/Lord_Howe'
    const autumn = bucketsOf(daysOf('2026-04-05', '2026-04-05', zone), 'hour', zone)
    expect(autumn.map(({ from, until }) => (until - from) / quarter)).toEqual([4, 4, 2, ...Array(22).fill(4)])
    expect(localIso(autumn[2]?.from ?? 0, zone)).toBe('2026-04-05T01:30:00+10:30')
    const spring = bucketsOf(daysOf('2026-10-04', '2026-10-04', zone), 'hour', zone)
    expect(spring.map(({ from }) => localIso(from, zone)).slice(1, 4)).toEqual([
      '2026-10-04T01:00:00+10:30',
      '2026-10-04T02:30:00+11:00',
      '2026-10-04T03:00:00+11:00',
    ])
  })

  it.each([
    ['Asia/Kolkata', '2026-05-01T00:00:00+05:30', '2026-05-01T01:00:00+05:30'],
    ['Asia/Kathmandu', '2026-05-01T00:00:00+05:45', '2026-05-01T01:00:00+05:45'],
    ['Pacific/Chatham', '2026-05-01T00:00:00+12:45', '2026-05-01T01:00:00+12:45'],
  ])('are hours of the wall clock in %s', (zone, first, second) => {
    const starts = startsOf(daysOf('2026-05-01', '2026-05-01', zone), 'hour', zone)
    expect(starts).toHaveLength(24)
    expect(starts.slice(0, 2)).toEqual([first, second])
  })

  it('are days of 23, 24 and 25 hours, without the day that Apia skipped', () => {
    const lengths = (from: string, until: string, zone: string) =>
      bucketsOf(daysOf(from, until, zone), 'day', zone).map((bucket) => (bucket.until - bucket.from) / hours(1))
    expect(lengths('2026-03-28', '2026-03-30', 'Europe/Berlin')).toEqual([24, 23, 24])
    expect(lengths('2026-10-31', '2026-11-02', 'America/New_York')).toEqual([24, 25, 24])
    expect(lengths('2026-04-04', '2026-04-06', 'Pacific/Chatham')).toEqual([24, 25, 24])
    const apia = startsOf(daysOf('2011-12-28', '2012-01-01', 'Pacific/Apia'), 'day', 'Pacific/Apia')
    expect(apia.map((start) => start.slice(0, 10))).toEqual(['2011-12-28', '2011-12-29', '2011-12-31', '2012-01-01'])
  })

  it('are weeks from Monday to Sunday, and months, cut off at the ends of the period', () => {
    const zone = 'Europe/Berlin'
    const period = daysOf('2026-01-31', '2026-03-31', zone)
    expect(startsOf(period, 'week', zone).map((start) => start.slice(0, 10))).toEqual(
      ['01-31', '02-02', '02-09', '02-16', '02-23', '03-02', '03-09', '03-16', '03-23', '03-30'].map((date) => `2026-${date}`),
    )
    expect(startsOf(period, 'month', zone)).toEqual([
      '2026-01-31T00:00:00+01:00',
      '2026-02-01T00:00:00+01:00',
      '2026-03-01T00:00:00+01:00',
    ])
  })

  it('are 1,000 at most', () => {
    const period = (quarters: number) => ({ from: 0, until: quarters * quarter })
    expect(bucketsOf(period(4_000), 'hour', 'UTC')).toHaveLength(1_000)
    expect(() => bucketsOf(period(4_001), 'hour', 'UTC')).toThrow('1001 of them, and at most 1000')
  })

  it('tile any period without a gap, each within one local hour, day, week or month', () => {
    const zones = [
      'Europe/Berlin',
      'America/New_York',
      'Asia/Kolkata',
      'Asia/Kathmandu',
      'Australia/Lord_Howe',
      'Pacific/Chatham',
    ]
    const more = ['America/St_Johns', 'Africa/Casablanca', 'Africa/Cairo', 'UTC']
    const random = seeded(20261123)
    for (let round = 0; round < 150; round++) {
      const zone = [...zones, ...more][Math.floor(random() * 10)] ?? 'UTC'
      const size = bucketSizes[Math.floor(random() * bucketSizes.length)] ?? 'day'
      const from = Date.UTC(2022, 0, 1) + Math.floor(random() * 500_000) * quarter
      const until = from + Math.ceil(random() * (size === 'hour' ? 3_000 : 30_000)) * quarter
      const buckets = bucketsOf({ from, until }, size, zone)
      expect([buckets[0]?.from, buckets.at(-1)?.until]).toEqual([from, until])
      buckets.forEach((bucket, index) => {
        expect(bucket.from % quarter).toBe(0)
        expect(bucket.until).toBeGreaterThan(bucket.from)
        if (index > 0) expect(bucket.from).toBe(buckets[index - 1]?.until)
        expect(labelOf(bucket.until - quarter, size, zone)).toBe(labelOf(bucket.from, size, zone))
        // Neighbours are different days, weeks or months; only a repeated hour has two buckets.
        const next = buckets[index + 1]
        if (next && size !== 'hour') expect(labelOf(next.from, size, zone)).not.toBe(labelOf(bucket.from, size, zone))
      })
    }
  }, 60_000)
})

/** The local hour, day, week or month of an instant, by Intl. */
function labelOf(instant: number, size: BucketSize, timeZone: string): string {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, value]),
  )
  const date = Date.UTC(Number(parts.year), Number(parts.month) - 1, Number(parts.day))
  const monday = date - ((new Date(date).getUTCDay() + 6) % 7) * hours(24)
  return {
    hour: `${date} ${parts.hour} ${parts.timeZoneName}`,
    day: `${date}`,
    week: `${monday}`,
    month: `${parts.year} ${parts.month}`,
  }[size]
}

const formats = new Map<string, Intl.DateTimeFormat>()
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const numeric = 'numeric' as const
  const made =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en', {
      ...{ timeZone, year: numeric, month: numeric, day: numeric, hour: numeric, hourCycle: 'h23', timeZoneName: 'longOffset' },
    })
  formats.set(timeZone, made)
  return made
}
