import { logger } from '../runtime/logger'

/** Runs the parts of a sweep one after the other, each whatever becomes of those before. @throws the first that failed, at the end */
export async function inSequence(...parts: (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = []
  for (const part of parts) {
    try {
      await part()
    } catch (error) {
      logger.error('a part of the sweep failed', { error })
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
}
