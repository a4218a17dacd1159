import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '../contracts/errors'
import { breakerOf, breakerStatuses, newCircuitBreaker } from './circuit-breaker'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] }))
afterEach(() => {
  // Restoring a spy after the clock would leave the fake timer, which it replaced, in its place for other files.
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const limits = { name: 'email', timeoutMs: 100, failures: 3, resetTimeoutMs: 5_000 } as const
const wait = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds)

/** A dependency, and a call that does what the test says. */
function aTried() {
  const tried = newCircuitBreaker(limits)
  const calls = { made: 0 }
  const run = (work: () => Promise<unknown>) =>
    tried.run(() => {
      calls.made += 1
      return work()
    })
  const ok = () => run(async () => 'ok')
  const fail = (error: unknown = new TypeError('network')) =>
    run(async () => {
      throw error
    })
  const open = async () => {
    for (let time = 0; time < limits.failures; time++) await fail().catch(() => {})
  }
  return { ...{ tried, calls, run, ok, fail, open }, state: () => tried.status().state }
}

const hang = () => new Promise<never>(() => {})

describe('a circuit breaker', () => {
  it('opens after failures in a row, and says when to retry', async () => {
    const { open, ok, calls, tried } = aTried()
    await open()
    expect(tried.status()).toEqual({ state: 'open', since: Date.now(), lastError: 'TypeError' })
    await expect(ok()).rejects.toMatchObject({ code: 'unavailable', meta: { retryAfter: 5 } })
    await wait(3_500)
    await expect(ok()).rejects.toMatchObject({ code: 'unavailable', meta: { retryAfter: 2 } })
    expect(calls.made).toBe(3)
  })

  it('lets one call through after the reset timeout, and closes when that call succeeds', async () => {
    const { open, run, ok, calls, state, tried } = aTried()
    await open()
    await wait(4_999)
    await expect(ok()).rejects.toMatchObject({ code: 'unavailable' })
    await wait(1)
    expect(state()).toBe('half-open')
    let answer: (text: string) => void = () => {}
    const attempt = run(() => new Promise((resolve) => (answer = resolve)))
    // The others neither join the attempt nor wait for it.
    for (let other = 0; other < 10; other++) await expect(ok()).rejects.toMatchObject({ code: 'unavailable' })
    expect(calls.made).toBe(4)
    answer('back')
    expect([await attempt, await ok(), state()]).toEqual(['back', 'ok', 'closed'])
    expect(tried.status().lastError).toBeNull()
  })

  it('stays open for another reset timeout when that call fails', async () => {
    const { open, fail, ok, state } = aTried()
    await open()
    await wait(5_000)
    await expect(fail()).rejects.toMatchObject({ code: 'unavailable' })
    expect(state()).toBe('open')
    await wait(4_999)
    await expect(ok()).rejects.toMatchObject({ code: 'unavailable' })
    await wait(1)
    expect(await ok()).toBe('ok')
  })

  it('lets another call through when the request that tried it was canceled and never reports back', async () => {
    const { open, tried, ok, state } = aTried()
    await open()
    await wait(5_000)
    // The timer of a canceled request never rings either.
    const timers = vi.spyOn(globalThis, 'setTimeout').mockReturnValueOnce(0 as never)
    void tried.run(hang)
    timers.mockRestore()
    await wait(5_099)
    await expect(ok()).rejects.toMatchObject({ code: 'unavailable' })
    await wait(1)
    expect([await ok(), state()]).toEqual(['ok', 'closed'])
  })

  it('answers unavailable when the dependency does not answer in time, and aborts the call', async () => {
    const { tried } = aTried()
    const aborted = vi.fn()
    const late = tried.run((signal) => {
      signal.addEventListener('abort', aborted)
      return hang()
    })
    const refused = expect(late).rejects.toMatchObject({ code: 'unavailable', meta: { retryAfter: 5 } })
    await wait(100)
    await refused
    expect(aborted).toHaveBeenCalledOnce()
    expect(tried.status()).toMatchObject({ state: 'closed', lastError: 'timeout' })
  })

  it('stays closed while the dependency is slow but within its timeout', async () => {
    const { run, fail, state } = aTried()
    await expect(fail()).rejects.toThrow()
    const slow = run(() => new Promise((resolve) => setTimeout(() => resolve('late'), 99)))
    await wait(99)
    expect(await slow).toBe('late')
    for (const _ of [1, 2]) await expect(fail()).rejects.toThrow()
    expect(state()).toBe('closed')
  })

  it.each([
    ['an error of the network', new TypeError('fetch failed')],
    ['a 500', new AppError('internal')],
    ['a 503', new AppError('unavailable')],
    ['a 504', new AppError('timeout')],
    ['what is no error', 'down'],
  ])('has failed with %s', async (_what, error) => {
    const { fail, state } = aTried()
    for (let time = 0; time < limits.failures; time++) await expect(fail(error)).rejects.toMatchObject({ code: 'unavailable' })
    expect(state()).toBe('open')
  })

  it.each([
    new AppError('invalid_state', 'already captured'),
    new AppError('duplicate_key'),
    new AppError('data_invalid'),
    new AppError('too_many_requests', undefined, { retryAfter: 9 }),
  ])('has answered with a refusal, $code, which is passed on and ends a row of failures', async (refusal) => {
    const { fail, state } = aTried()
    const twice = async () => {
      for (const _ of [1, 2]) await expect(fail()).rejects.toMatchObject({ code: 'unavailable' })
    }
    await twice()
    await expect(fail(refusal)).rejects.toBe(refusal)
    await twice()
    for (let time = 0; time < 10; time++) await expect(fail(refusal)).rejects.toBe(refusal)
    expect(state()).toBe('closed')
  })

  it('keeps the Retry-After that the dependency itself gives', async () => {
    const { fail } = aTried()
    const busy = new AppError('unavailable', 'too much to do', { retryAfter: 1, done: 2 })
    await expect(fail(busy)).rejects.toBe(busy)
    await expect(fail(new AppError('internal', 'broke', { done: 2 }))).rejects.toMatchObject({ meta: { done: 2, retryAfter: 5 } })
  })
})

it('there is one circuit breaker per dependency and environment, and its status is listed by name', async () => {
  const [env, other] = [{}, {}]
  const fail = () => Promise.reject(new TypeError('network'))
  await expect(breakerOf(env, 'cache', { failures: 1 }).run(fail)).rejects.toThrow()
  breakerOf(env, 'database')
  breakerOf(other, 'cache')
  expect(breakerOf(env, 'cache').status().state).toBe('open')
  expect(breakerStatuses(env)).toMatchObject({ cache: { state: 'open' }, database: { state: 'closed' } })
  expect(breakerStatuses(other)).toMatchObject({ cache: { state: 'closed' } })
})
