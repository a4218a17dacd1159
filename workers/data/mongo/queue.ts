import { AppError } from '../../../shared/contracts/errors'
import type { Timers } from './timers'

type Waiter = { start: () => void; give: (error: AppError) => void }

/**
 * Runs at most `running` tasks at once and lets at most `waiting` wait, each for `timeoutMs`, in the order of their arrival.
 * @throws AppError `unavailable` with `retryAfter`: at once when the queue is full, later when a task has waited for `timeoutMs`
 */
export function queue(limits: { running: number; waiting: number }, timers: Timers) {
  const line: Waiter[] = []
  let running = 0

  const turn = (timeoutMs: number) =>
    new Promise<void>((resolve, reject) => {
      const waiter: Waiter = { start: resolve, give: reject }
      const cancel = timers.later(timeoutMs, () => {
        line.splice(line.indexOf(waiter), 1)
        waiter.give(new AppError('unavailable', 'The database has too much to do', { retryAfter: 1 }))
      })
      waiter.start = () => {
        cancel()
        resolve()
      }
      line.push(waiter)
    })

  return async function enqueue<T>(timeoutMs: number, task: () => Promise<T>): Promise<T> {
    if (running < limits.running) running += 1
    else if (line.length < limits.waiting) await turn(timeoutMs)
    else throw new AppError('unavailable', 'The database has too much to do', { retryAfter: 1 })
    try {
      return await task()
    } finally {
      // The next waiter takes this place, so that no later task gets in first.
      const next = line.shift()
      if (next === undefined) running -= 1
      else next.start()
    }
  }
}
