import type { Instant } from '../contracts/ids'

export type Breaker = {
  /** Whether work may be tried now. After a pause one attempt is let through, and its outcome decides. */
  admits(): boolean
  succeeded(): void
  /** Returns whether this failure opened it. */
  failed(): boolean
}

export type BreakerOptions = {
  /** Failures in a row that open it. */
  failures: number
  /** Milliseconds that it stays open before the next attempt. */
  pause: number
  now: () => Instant
}

/** Keeps work from being tried while it fails anyway. Closed, it lets everything through. */
export function breaker({ failures, pause, now }: BreakerOptions): Breaker {
  let inARow = 0
  let nextAttemptAt: Instant = 0
  return {
    admits: () => {
      if (inARow < failures) return true
      if (now() < nextAttemptAt) return false
      // An attempt whose request was canceled reports nothing, so the next is due after a pause in any case.
      nextAttemptAt = now() + pause
      return true
    },
    succeeded: () => {
      inARow = 0
    },
    failed: () => {
      inARow += 1
      nextAttemptAt = now() + pause
      return inARow === failures
    },
  }
}
