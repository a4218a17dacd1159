import { AppError } from './errors'

/**
 * What crosses an RPC boundary where refusals are part of daily life: a refusal is an answer like any other, so that the runtime
 * does not count it as a crash of the Worker that gave it.
 */
export type Outcome<T> = { result: T } | { problem: Pick<AppError, 'code' | 'message' | 'meta'> }

/** Runs work, at once and without a pause of its own, and makes an AppError part of its answer. */
export async function outcomeOf<T>(work: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    return { result: await work() }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const { code, message, meta } = error
    return { problem: { code, message, meta } }
  }
}

/** The result of an outcome. @throws AppError the refusal */
export function resultOf<T>(outcome: Outcome<T>): T {
  if ('result' in outcome) return outcome.result
  const { code, message, meta } = outcome.problem
  throw new AppError(code, message, meta)
}
