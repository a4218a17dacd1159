import { type Instant, iso } from '../../shared/contracts/ids'
import type { DashboardFrame } from '../../shared/contracts/notification'
import type { Owner, Period } from './dashboard-api'
import { type FigureName, figuresOf } from './figures'
import { day, startOf, usualCurrency } from './sums'
import type { SumsRepo } from './sums-repo'

/** The shortest time between two frames to the devices of one seller. */
export const frameInterval: Instant = 1_000

/** The figures of a UTC day, with money in the currency of most of its orders. */
export type Shown = {
  range: { from: string; until: string }
  currency: string
  figures: Partial<Record<FigureName, number | null>>
}

export function figuresToday(sums: Pick<SumsRepo, 'sumsIn' | 'lowAt'>, now: Instant): Shown {
  const from = startOf(now, day)
  const today: Period = { from, until: from + day }
  const present = sums.sumsIn(today)
  const currency = usualCurrency(present)
  return {
    range: { from: iso(today.from), until: iso(today.until) },
    currency,
    figures: figuresOf({ sums: present, currency, low: sums.lowAt(today.until) }),
  }
}

/** The figures of `present` that differ from the shown ones; null for none. Another day, or another currency, is shown whole. */
function changes(shown: Shown | null, present: Shown): Shown | null {
  if (shown === null || shown.range.from !== present.range.from || shown.currency !== present.currency) return present
  const changed = Object.entries(present.figures).filter(([name, value]) => shown.figures[name as FigureName] !== value)
  return changed.length === 0 ? null : { ...present, figures: Object.fromEntries(changed) }
}

/**
 * The owner of a dashboard: the name of the object. It is stored, since an object that an alarm wakes may not know its name.
 * @throws TypeError for an object that was never reached by its name
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
 * The figures that the owner's devices were shown, and the pending frame. A frame is sent until it arrives, under one key, before the next
 * one is made. So no device shows a frame twice, and no change gets lost.
 */
export function liveRepo(sql: SqlStorage) {
  const read = (): Row => sql.exec<Row>('SELECT changed, begun_at AS begunAt, number, shown, pending, attempts FROM live').one()

  return {
    /**
     * Records that figures changed. Returns when to show them; null when an alarm is set that will do it. When an alarm should be set and
     * is not, the platform gave it up, which it does after some failures.
     */
    markChanged(now: Instant, isSet: boolean): Instant | null {
      const { changed, pending, begunAt } = read()
      sql.exec('UPDATE live SET changed = 1')
      return isSet && (changed || pending !== null) ? null : Math.max(now, begunAt + frameInterval)
    },

    /** When the next frame may be sent; null when there is nothing to send. */
    due(): Instant | null {
      const { changed, pending, begunAt } = read()
      return changed || pending !== null ? begunAt + frameInterval : null
    },

    /** The frame to send now: the one that did not arrive, or a new one of the changes; null for none. */
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
      // The key has the time, since a rebuilt object counts from 1 again, and devices remember keys for a day.
      const frame: DashboardFrame = { key: `dashboard:${number}:${now}`, time: iso(now), data, whole: current }
      const values = [now, number, JSON.stringify(current), JSON.stringify(frame)]
      sql.exec('UPDATE live SET begun_at = ?, number = ?, shown = ?, pending = ?', ...values)
      return frame
    },

    arrived: (): void => void sql.exec('UPDATE live SET pending = NULL, attempts = 0'),

    /** Returns how often the frame failed to arrive. */
    failed: (): number =>
      sql.exec<{ attempts: number }>('UPDATE live SET attempts = attempts + 1 RETURNING attempts').one().attempts,
  }
}
