import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel'
import { type DependencyName, dependencies, type Limits } from '../contracts/dependencies'
import { AppError, problems } from '../contracts/errors'
import type { Instant } from '../contracts/ids'
import { logger } from './logger'
import { perEnvironment } from './per-environment'
import { withTimeout } from './with-timeout'

/** How a dependency fares, as the isolate that is asked has seen it. */
export type BreakerStatus = {
  /** `open`: it is left alone. `half-open`: the resetTimeoutMs is over, and the next call decides. */
  state: 'closed' | 'open' | 'half-open'
  since: Instant
  /** The code or the name of the last failure, since it was last well. */
  lastError: string | null
}

export type CircuitBreaker = {
  /**
   * Runs work with a time limit, unless the dependency is left alone. What fails (no answer in time, a broken connection, a 5xx)
   * is thrown as AppError `unavailable` with `retryAfter`, and counts; a refusal is an answer: it is thrown on as it is.
   */
  run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>
  standing(): BreakerStatus
}

/** What was asked either gave or refused: both say that the dependency is well. */
type Answered<T> = { given: T } | { refusal: unknown }

/**
 * A dependency behind a circuit breaker: after `failures` in a row it is left alone for `resetTimeoutMs`, then one call is let through and
 * decides. It closes by itself, and holds nothing of a request: it serves all of an isolate.
 */
export function newCircuitBreaker({
  name,
  timeoutMs,
  failures,
  resetTimeoutMs,
}: Limits & { name: DependencyName }): CircuitBreaker {
  let since = Date.now()
  let triedAt: Instant = 0
  let lastError: string | null = null

  const newBreaker = (initialState?: unknown) => {
    const options = { breaker: new ConsecutiveBreaker(failures), halfOpenAfter: resetTimeoutMs }
    const made = circuitBreaker(handleAll, initialState === undefined ? options : { ...options, initialState })
    made.onStateChange((state) => {
      // A call from before may still end in a breaker that was given up.
      if (made !== breaker) return
      since = Date.now()
      if (state === CircuitState.HalfOpen) triedAt = since
      if (state === CircuitState.Open) logger.warn('a dependency is left alone for a while', { name, resetTimeoutMs, lastError })
      if (state === CircuitState.Closed) logger.info('a dependency is back', { name })
    })
    return made
  }
  let breaker = newBreaker()

  const admit = (): void => {
    const now = Date.now()
    if (breaker.state === CircuitState.Open && now - since < resetTimeoutMs) throw openError(name, since + resetTimeoutMs - now)
    if (breaker.state !== CircuitState.HalfOpen) return
    // Left to itself, the breaker has the others wait for the one attempt, and its request may be canceled and never tell.
    if (now - triedAt < timeoutMs + resetTimeoutMs) throw openError(name, resetTimeoutMs)
    breaker = newBreaker(breaker.toJSON())
  }

  return {
    run: async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
      admit()
      const answered = await breaker.execute(async (): Promise<Answered<T>> => {
        try {
          return { given: await withTimeout(timeoutMs, work) }
        } catch (error) {
          if (!isFailure(error)) return { refusal: error }
          lastError = nameOf(error)
          throw asUnavailable(name, error, resetTimeoutMs)
        }
      })
      if (breaker.state === CircuitState.Closed) lastError = null
      if ('refusal' in answered) throw answered.refusal
      return answered.given
    },
    standing: () => {
      const isOver = breaker.state === CircuitState.Open && Date.now() - since >= resetTimeoutMs
      return { state: isOver ? 'half-open' : stateNames[breaker.state], since, lastError }
    },
  }
}

const stateNames = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half-open',
  [CircuitState.Isolated]: 'open',
} as const satisfies Record<CircuitState, BreakerStatus['state']>

/** Whether it did not do what it should, rather than refuse: what is no problem of ours, and what is worth another try above 499. */
function isFailure(error: unknown): boolean {
  const known = AppError.from(error)
  return known === undefined || (known.status >= 500 && problems[known.code].retry)
}

const openError = (name: DependencyName, milliseconds: number) =>
  new AppError('unavailable', `The ${label(name)} does not answer`, { retryAfter: Math.max(1, Math.ceil(milliseconds / 1_000)) })

function asUnavailable(name: DependencyName, error: unknown, resetTimeoutMs: number): AppError {
  const known = AppError.from(error)
  if (known?.code === 'unavailable' && known.meta.retryAfter !== undefined) return known
  const told = openError(name, resetTimeoutMs)
  logger.warn('a dependency failed', { name, error })
  return new AppError(told.code, told.message, { ...known?.meta, ...told.meta })
}

const label = (name: DependencyName): string => name.replaceAll('-', ' ')

const nameOf = (error: unknown): string => AppError.from(error)?.code ?? (error instanceof Error ? error.name : 'unknown')

const dependenciesOf = perEnvironment((_env: object) => new Map<DependencyName, CircuitBreaker>())

/** A declared dependency, one per environment and so per isolate. A test that wants other limits is the first to ask for it. */
export function breakerOf(env: object, name: DependencyName, limits: Partial<Limits> = {}): CircuitBreaker {
  const known = dependenciesOf(env)
  const found = known.get(name) ?? newCircuitBreaker({ ...dependencies[name], ...limits, name })
  known.set(name, found)
  return found
}

/** How the dependencies fare that a Worker has been made with. */
export const breakerStatuses = (env: object): Partial<Record<DependencyName, BreakerStatus>> =>
  Object.fromEntries([...dependenciesOf(env)].map(([name, known]) => [name, known.standing()]))
