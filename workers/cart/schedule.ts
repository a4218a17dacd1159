import type { Instant } from '../../shared/contracts/ids'
import type { Cart } from './cart'

/** Milliseconds until the alarm does each task. */
export const delays = {
  /** A change is published together with those that follow at once; short enough that every device has it within a second. */
  publish: 250,
  /** An event or a transfer that failed, or that is under way. */
  retry: 10_000,
  /**
   * The price and stock that a line was added with may have changed before it was written, and a cart is not notified before it is in
   * the index, which it enters when it publishes the line. So the delay is short; and most purchases in one go are over by then.
   */
  growth: 2_000,
  /** The index, product or inventory did not answer. */
  failure: 60_000,
  /** The index, or an event, may be lost: a cart reads product and inventory itself. */
  refresh: 3_600_000,
  /** Most carts are abandoned; if all were refreshed forever, the work would grow without end. */
  sleep: 48 * 3_600_000,
} as const

/** When to refresh the lines, null for an empty or a sleeping cart; and when its shopper last used it. */
export type Due = { refreshAt: Instant | null; visitedAt: Instant }

/** When a cart is due after a change. */
export function afterChange(before: Cart, changed: Cart, due: Due | undefined, now: Instant): Due {
  const { refreshAt = null, visitedAt = now } = due ?? {}
  const grown = changed.lines.some((line) => {
    const old = before.lines.find(({ variantId }) => variantId === line.variantId)
    return line.quantity > (old?.quantity ?? 0)
  })
  if (grown) return { refreshAt: Math.min(refreshAt ?? Number.POSITIVE_INFINITY, now + delays.growth), visitedAt: now }
  return { refreshAt: changed.lines.length === 0 ? null : (refreshAt ?? now + delays.refresh), visitedAt }
}

/** When a cart is due after its shopper read it: at once when it slept. The same object when nothing has to be written. */
export function afterVisit(due: Due, now: Instant): Due {
  if (due.refreshAt === null) return { refreshAt: now, visitedAt: now }
  return now - due.visitedAt < delays.refresh ? due : { ...due, visitedAt: now }
}

/** When a cart that has refreshed its lines does so again; null when its shopper was away so long that it falls asleep. */
export const afterRefresh = ({ visitedAt }: Due, now: Instant): Instant | null =>
  now - visitedAt < delays.sleep ? now + delays.refresh : null
