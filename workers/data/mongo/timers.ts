/** The clock and the timers of a pool; tests pass others. */
export type Timers = {
  now: () => number
  /** Calls `then` in so many milliseconds, unless it is cancelled before by what it returns. */
  later: (ms: number, then: () => void) => () => void
}

export const timers: Timers = {
  now: () => Date.now(),
  later: (ms, then) => {
    const timer = setTimeout(then, ms)
    return () => clearTimeout(timer)
  },
}
