import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '../../shared/contracts/errors'
import { store as data } from './testing/collection'

describe('the cache as Workers call it', () => {
  it('answers commands', async () => {
    expect(await data.cache(['SET', 'k', 'v', 'EX', 60])).toBe('OK')
    expect(await data.cache(['get', 'k'])).toBe('v')
  })

  it('throws what Redis would answer as an error', async () => {
    const thrown = await data.cache(['EVAL', 'return 1', 0]).catch((error: unknown) => error)
    expect(AppError.is(thrown, 'cache_error')).toBe(true)
    expect(String(thrown)).toContain("ERR unknown command 'EVAL', with args beginning with: 'return 1' '0' ")
  })

  it('lets each command of a pipeline answer for itself', async () => {
    expect(await data.cachePipeline([['SET', 'p', 'text'], ['INCR', 'p'], ['GET', 'p'], []])).toEqual([
      { result: 'OK' },
      { error: 'ERR value is not an integer or out of range' },
      { result: 'text' },
      { error: "ERR unknown command '', with args beginning with: " },
    ])
  })

  it('runs all of a transaction, or nothing when Redis would not have queued a command of it', async () => {
    expect(
      await data.cacheTransaction([
        ['SET', 't', 'text'],
        ['INCR', 't'],
        ['GET', 't'],
      ]),
    ).toEqual([{ result: 'OK' }, { error: 'ERR value is not an integer or out of range' }, { result: 'text' }])
    const thrown = await data.cacheTransaction([['SET', 't', 'other'], ['GET']]).catch((error: unknown) => error)
    expect(AppError.is(thrown, 'cache_error')).toBe(true)
    expect(String(thrown)).toContain('EXECABORT Transaction discarded because of previous errors.')
    expect(await data.cache(['GET', 't'])).toBe('text')
  })

  it('answers /health', async () => {
    const worker = exports.default as unknown as Fetcher
    expect(await (await worker.fetch('https://data/health')).json()).toEqual({ ok: true, worker: 'data' })
  })
})

describe('the alarm of the cache', () => {
  afterEach(() => {
    vi.useRealTimers()
  })
  const stub = env.CACHE.getByName('cache')
  const alarmAt = () => runInDurableObject(stub, (_cache, { storage }) => storage.getAlarm())

  it('drops what has expired, and rings again only while something is going to', async () => {
    await data.cache(['FLUSHALL'])
    await runDurableObjectAlarm(stub)
    await data.cache(['SET', 'stays', 'v'])
    expect(await alarmAt()).toBeNull()
    await data.cachePipeline([
      ['SET', 'soon', 'v', 'EX', 30],
      ['SET', 'late', 'v', 'EX', 200],
    ])
    expect(await alarmAt()).toBeGreaterThan(Date.now())

    const start = Date.now()
    vi.useFakeTimers({ toFake: ['Date'], now: start + 61_000 })
    expect(await runDurableObjectAlarm(stub)).toBe(true)
    expect(await expiring()).toBe(1)
    expect(await alarmAt()).toBeGreaterThan(start + 61_000)

    vi.setSystemTime(start + 301_000)
    expect(await runDurableObjectAlarm(stub)).toBe(true)
    expect(await expiring()).toBe(0)
    expect(await alarmAt()).toBeNull()
    expect(await data.cache(['GET', 'stays'])).toBe('v')
  })

  /** Asked of the object itself: any command would drop what it meets. */
  const expiring = () => runInDurableObject(stub, (cache) => (cache as unknown as { expiring: number }).expiring)
})
