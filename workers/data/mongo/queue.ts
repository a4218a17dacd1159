import { AppError } from '../../../shared/contracts/errors'
import type { Timers } from './timers'

type Waiter = { start: () => void; give: (error: AppError) => void }

/**
 * Runs at most `running` works at once and lets at most `waiting` wait, each for `patienceMs`, in the order they came.
 * @throws AppError `unavailable` with `retryAfter`: at once when the line is full, later when the patience is used up
 */
export function queue(limits: { running: number; waiting: number }, timers: Timers) {
  const line: Waiter[] = []
  let running = 0

  const turn = (patienceMs: number) =>
    new Promise<void>((resolve, reject) => {
      const waiter: Waiter = { start: resolve, give: reject }
      const cancel = timers.later(patienceMs, () => {
        line.splice(line.indexOf(waiter), 1)
        waiter.give(new AppError('unavailable', 'The database has too much to do', { retryAfter: 1 }))
      })
      waiter.start = () => {
        cancel()
        resolve()
      }
      line.push(waiter)
    })

  return async function inLine<T>(patienceMs: number, work: () => Promise<T>): Promise<T> {
    if (running < limits.running) running += 1
    else if (line.length < limits.waiting) await turn(patienceMs)
    else throw new AppError('unavailable', 'The database has too much to do', { retryAfter: 1 })
    try {
      return await work()
    } finally {
      // Whoever is next takes this place over, so that nobody who comes now gets in before.
      const next = line.shift()
      if (next === undefined) running -= 1
      else next.start()
    }
  }
}
