import type { Instant } from '../../shared/contracts/ids'
import type { Cart } from './cart'

/** Milliseconds until the alarm does what is left to do. */
export const delays = {
  /** A change is told together with those that follow at once; short enough that every device has it within a second. */
  gather: 250,
  /** What was not sent or not handed over, or is under way just now. */
  pending: 10_000,
  /**
   * What was read before a line was added may have changed before it was written, and nobody tells a cart that is not yet in the
   * index. Short, because it only enters there when it tells of the line; and most purchases in one go are over by then.
   */
  growth: 2_000,
  /** The index, product or inventory did not answer. */
  failure: 60_000,
  /** The index may be lost and so may an event: a cart looks for itself. */
  refresh: 3_600_000,
  /** Most carts are left for good; were they all to look for ever, the work would grow without end. */
  sleep: 48 * 3_600_000,
} as const

/** When to look again at what the cart holds, null for an empty or a sleeping one; and when its shopper was last there. */
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

/** When a cart is due after its shopper looked at it: at once when it slept. The same object when there is nothing to note. */
export function afterVisit(due: Due, now: Instant): Due {
  if (due.refreshAt === null) return { refreshAt: now, visitedAt: now }
  return now - due.visitedAt < delays.refresh ? due : { ...due, visitedAt: now }
}

/** When a cart that has looked looks again; null when its shopper has not been there for so long that it falls asleep. */
export const afterLook = ({ visitedAt }: Due, now: Instant): Instant | null =>
  now - visitedAt < delays.sleep ? now + delays.refresh : null
