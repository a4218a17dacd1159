import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel'
import { type DependencyName, dependencies, type Limits } from '../contracts/dependencies'
import { AppError, problems } from '../contracts/errors'
import type { Instant } from '../contracts/ids'
import { logger } from './logger'
import { perEnvironment } from './per-environment'
import { withTimeout } from './with-timeout'

/** The state of a breaker, as the isolate that answers knows it. */
export type BreakerStatus = {
  /** `open`: calls fail at once. `half-open`: the reset timeout is over, and the next call decides. */
  state: 'closed' | 'open' | 'half-open'
  since: Instant
  /** The code or the name of the last failure since the breaker was last closed. */
  lastError: string | null
}

export type CircuitBreaker = {
  /**
   * Runs work with a timeout, unless the breaker is open. A failure (no answer in time, a broken connection, a 5xx)
   * is thrown as AppError `unavailable` with `retryAfter`, and counts; a refusal is an answer: it is thrown on as it is.
   */
  run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>
  status(): BreakerStatus
}

/** A result or a refusal: both show that the dependency works. */
type Answered<T> = { given: T } | { refusal: unknown }

/**
 * A circuit breaker: after `failures` in a row it opens for `resetTimeoutMs`, then one call is let through and
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
      // A call from before may still end in a breaker that was replaced.
      if (made !== breaker) return
      since = Date.now()
      if (state === CircuitState.HalfOpen) triedAt = since
      if (state === CircuitState.Open)
        logger.warn('the circuit breaker of a dependency opened', { name, resetTimeoutMs, lastError })
      if (state === CircuitState.Closed) logger.info('the circuit breaker of a dependency closed', { name })
    })
    return made
  }
  let breaker = newBreaker()

  const admit = (): void => {
    const now = Date.now()
    if (breaker.state === CircuitState.Open && now - since < resetTimeoutMs) throw openError(name, since + resetTimeoutMs - now)
    if (breaker.state !== CircuitState.HalfOpen) return
    // By itself the breaker makes all other calls wait for the one attempt, whose request may be canceled and never report back.
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
    status: () => {
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

/** Whether an error is a failure rather than a refusal: an unknown error, or a retryable problem above 499. */
function isFailure(error: unknown): boolean {
  const known = AppError.from(error)
  return known === undefined || (known.status >= 500 && problems[known.code].retry)
}

const openError = (name: DependencyName, milliseconds: number) =>
  new AppError('unavailable', `The ${label(name)} does not answer`, { retryAfter: Math.max(1, Math.ceil(milliseconds / 1_000)) })

function asUnavailable(name: DependencyName, error: unknown, resetTimeoutMs: number): AppError {
  const known = AppError.from(error)
  if (known?.code === 'unavailable' && known.meta.retryAfter !== undefined) return known
  const open = openError(name, resetTimeoutMs)
  logger.warn('a dependency failed', { name, error })
  return new AppError(open.code, open.message, { ...known?.meta, ...open.meta })
}

const label = (name: DependencyName): string => name.replaceAll('-', ' ')

const nameOf = (error: unknown): string => AppError.from(error)?.code ?? (error instanceof Error ? error.name : 'unknown')

const dependenciesOf = perEnvironment((_env: object) => new Map<DependencyName, CircuitBreaker>())

/** The breaker of a declared dependency, one per environment and so per isolate. Limits count only for the first caller. */
export function breakerOf(env: object, name: DependencyName, limits: Partial<Limits> = {}): CircuitBreaker {
  const known = dependenciesOf(env)
  const found = known.get(name) ?? newCircuitBreaker({ ...dependencies[name], ...limits, name })
  known.set(name, found)
  return found
}

/** The states of all breakers of a Worker's isolate. */
export const breakerStatuses = (env: object): Partial<Record<DependencyName, BreakerStatus>> =>
  Object.fromEntries([...dependenciesOf(env)].map(([name, known]) => [name, known.status()]))
