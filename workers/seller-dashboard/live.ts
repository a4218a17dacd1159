import { type Instant, iso } from '../../shared/contracts/ids'
import type { DashboardFrame } from '../../shared/contracts/notification'
import { type FigureName, figuresOf } from './figures'
import type { Owner, Period } from './reading'
import { day, startOf, usualCurrency } from './sums'
import type { SumsRepo } from './sums-repo'

/** The least time between two frames to the devices of one seller. */
export const framePause: Instant = 1_000

/** The figures of a UTC day, money in the currency that most of its orders were paid in. */
export type Shown = {
  range: { from: string; until: string }
  currency: string
  figures: Partial<Record<FigureName, number | null>>
}

export function figuresToday(sums: Pick<SumsRepo, 'sumsIn' | 'lowAt'>, now: Instant): Shown {
  const from = startOf(now, day)
  const today: Period = { from, until: from + day }
  const inIt = sums.sumsIn(today)
  const currency = usualCurrency(inIt)
  return {
    range: { from: iso(today.from), until: iso(today.until) },
    currency,
    figures: figuresOf({ sums: inIt, currency, low: sums.lowAt(today.until) }),
  }
}

/** What of `present` was not shown yet; null for nothing. Another day, or another currency, is shown whole. */
function changes(shown: Shown | null, present: Shown): Shown | null {
  if (shown === null || shown.range.from !== present.range.from || shown.currency !== present.currency) return present
  const changed = Object.entries(present.figures).filter(([name, value]) => shown.figures[name as FigureName] !== value)
  return changed.length === 0 ? null : { ...present, figures: Object.fromEntries(changed) }
}

/**
 * Whose dashboard it is: the name by which the object was reached. That is kept, since an object that its alarm wakes need not know it.
 * @throws TypeError for one that never was reached by a name
 */
export function ownerOf(sql: SqlStorage, name: string | undefined): Owner {
  const { owner } = sql.exec<{ owner: Owner | null }>('SELECT owner FROM live').one()
  const found = owner ?? (name as Owner | undefined)
  if (found === undefined) throw new TypeError('A dashboard is reached by the name of its owner')
  if (owner === null) sql.exec('UPDATE live SET owner = ?', found)
  return found
}

type Row = {
  changed: number
  begunAt: Instant
  number: number
  shown: string | null
  pending: string | null
  attempts: number
}

/**
 * What the owner's devices were shown, and the frame that is on its way. One frame is sent until it arrived, under one key, before the next
 * is made: nobody is shown the same twice, and no change is taken for one that was shown.
 */
export function liveRepo(sql: SqlStorage) {
  const read = (): Row => sql.exec<Row>('SELECT changed, begun_at AS begunAt, number, shown, pending, attempts FROM live').one()

  return {
    /**
     * Notes that figures changed. Returns when to show them; null when an alarm is set that will see to it. One that should be and is
     * not was given up by the platform, which it does after some failures.
     */
    note(now: Instant, isSet: boolean): Instant | null {
      const { changed, pending, begunAt } = read()
      sql.exec('UPDATE live SET changed = 1')
      return isSet && (changed || pending !== null) ? null : Math.max(now, begunAt + framePause)
    },

    /** When the next frame may go; null when nothing waits. */
    due(): Instant | null {
      const { changed, pending, begunAt } = read()
      return changed || pending !== null ? begunAt + framePause : null
    },

    /** The frame to send now: one that did not arrive, or a new one of what changed; null for none. */
    begin(present: () => Shown, now: Instant): DashboardFrame | null {
      const row = read()
      if (row.pending !== null) {
        sql.exec('UPDATE live SET begun_at = ?', now)
        return JSON.parse(row.pending) as DashboardFrame
      }
      if (!row.changed) return null
      const current = present()
      const data = changes(row.shown === null ? null : (JSON.parse(row.shown) as Shown), current)
      sql.exec('UPDATE live SET changed = 0')
      if (data === null) return null
      const number = row.number + 1
      // With the time: an object that is rebuilt begins to count anew, and devices remember keys for a day.
      const frame: DashboardFrame = { key: `dashboard:${number}:${now}`, time: iso(now), data, whole: current }
      const values = [now, number, JSON.stringify(current), JSON.stringify(frame)]
      sql.exec('UPDATE live SET begun_at = ?, number = ?, shown = ?, pending = ?', ...values)
      return frame
    },

    arrived: (): void => void sql.exec('UPDATE live SET pending = NULL, attempts = 0'),

    /** Returns how often the frame has failed to arrive. */
    failed: (): number =>
      sql.exec<{ attempts: number }>('UPDATE live SET attempts = attempts + 1 RETURNING attempts').one().attempts,
  }
}
