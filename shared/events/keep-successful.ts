import { logger } from '../runtime/logger'

/**
 * Does `work` for all of `items` at once; when that fails, for each half by itself, so that one bad item holds up none of the
 * others. Returns those it was done for. What failed may have been done in part: `work` must be harmless to repeat.
 */
export async function keepSuccessful<T>(items: readonly T[], work: (some: readonly T[]) => Promise<unknown>): Promise<T[]> {
  if (items.length === 0) return []
  try {
    await work(items)
    return [...items]
  } catch (error) {
    if (items.length === 1) {
      logger.warn('an item is left for the next sweep', { error })
      return []
    }
    const half = Math.ceil(items.length / 2)
    return [...(await keepSuccessful(items.slice(0, half), work)), ...(await keepSuccessful(items.slice(half), work))]
  }
}
