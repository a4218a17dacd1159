import { AppError } from '../contracts/errors'

/**
 * Waits for `work` no longer than `milliseconds`, then gives it up by its signal. What it answered in time is never aborted: a body
 * may still stream, a socket stay open. @throws AppError `timeout`
 */
export async function withTimeout<T>(milliseconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      // First, or giving the work up would look like a failure of its own.
      reject(new AppError('timeout'))
      controller.abort()
    }, milliseconds)
  })
  try {
    return await Promise.race([work(controller.signal), tooLate])
  } finally {
    clearTimeout(timer)
  }
}
