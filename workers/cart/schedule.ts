import type { Instant } from '../../shared/contracts/ids'
import type { Cart } from './cart'

/** Milliseconds until the alarm does what is left to do. */
export const delays = {
  /** What was not sent or not handed over. */
  pending: 10_000,
  /** What was read before a line was added may have changed before it was written, and nobody tells a cart not yet in the index. */
  growth: 15_000,
  /** The index, product or inventory did not answer. */
  failure: 60_000,
  /** The index may be lost and so may an event: a cart looks for itself. */
  refresh: 3_600_000,
} as const

/** When to look again at what the cart holds; null for an empty one. */
export function nextRefresh(before: Cart, changed: Cart, planned: Instant | null, now: Instant): Instant | null {
  if (changed.lines.length === 0) return null
  const grown = changed.lines.some((line) => {
    const old = before.lines.find(({ variantId }) => variantId === line.variantId)
    return line.quantity > (old?.quantity ?? 0)
  })
  if (grown) return Math.min(planned ?? Number.POSITIVE_INFINITY, now + delays.growth)
  return planned ?? now + delays.refresh
}
