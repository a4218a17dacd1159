import type { Timers } from '../mongo/timers'

/** Timers whose clock only moves when a test calls `pass`. */
export function fakeTimers() {
  let now = 1_000
  let due: { at: number; then: () => void }[] = []
  const timers: Timers = {
    now: () => now,
    later: (ms, then) => {
      const entry = { at: now + ms, then }
      due.push(entry)
      return () => {
        due = due.filter((other) => other !== entry)
      }
    },
  }
  /** Moves the clock and runs all timers that become due, also those that they start. */
  async function pass(ms: number): Promise<void> {
    await settled()
    const until = now + ms
    for (;;) {
      const [next] = due.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)
      if (next === undefined) break
      now = Math.max(now, next.at)
      due = due.filter((other) => other !== next)
      next.then()
      await settled()
    }
    now = until
  }
  return { timers, pass, pending: () => due.length }
}

/** Resolves after the callbacks of promises that are resolved by now. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

/** A promise with its functions to resolve and reject it. */
export function deferred<T = void>() {
  return Promise.withResolvers<T>()
}
