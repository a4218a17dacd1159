/** The clock and the timers of a pool; tests pass others. */
export type Timers = {
  now: () => number
  /** Calls `then` after `ms`. Returns a function that cancels it. */
  later: (ms: number, then: () => void) => () => void
}

export const timers: Timers = {
  now: () => Date.now(),
  later: (ms, then) => {
    const timer = setTimeout(then, ms)
    return () => clearTimeout(timer)
  },
}
