import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '../../shared/contracts/errors'
import { newCache } from '../../shared/storage/cache'
import { store as data } from './testing/collection'

const commandsOf = (...lines: string[]) => lines.map((line) => line.split(' '))
const pipeline = (...lines: string[]) => data.cachePipeline(commandsOf(...lines))

/** The message of the `cache_error` that a call must throw. */
async function errorOf(call: Promise<unknown>): Promise<string> {
  const thrown = await call.catch((error: unknown) => error)
  expect(AppError.is(thrown, 'cache_error')).toBe(true)
  return String(thrown)
}

describe('the cache as Workers call it', () => {
  it('answers commands', async () => {
    expect(await data.cache(['SET', 'k', 'v', 'EX', 60])).toBe('OK')
    expect(await data.cache(['get', 'k'])).toBe('v')
  })

  it('throws when Redis would answer with an error', async () => {
    expect(await errorOf(data.cache(['GET']))).toContain("ERR wrong number of arguments for 'get' command")
  })

  it('refuses a command that it does not speak by name, says what it speaks, and goes on', async () => {
    const error = expect.stringMatching(/^ERR 'ZADD' is not a command of the embedded cache; it speaks PING, .*GET, SET.*SSCAN$/)
    expect(await pipeline('SET z text', 'zadd z 1 a', 'GET z')).toEqual([{ result: 'OK' }, { error }, { result: 'text' }])
  })

  it.each(['EVAL', 'LPUSH', 'SETBIT', 'APPEND', 'KEYS', 'RENAME', 'CONSTRUCTOR', ''])('refuses "%s" too', async (name) => {
    expect(await pipeline(`${name} z`)).toEqual([{ error: expect.stringContaining(`'${name}' is not a command`) }])
  })

  it('answers each command of a pipeline by itself', async () => {
    expect(await pipeline('SET p text', 'INCR p', 'GET p', 'GET')).toEqual([
      { result: 'OK' },
      { error: 'ERR value is not an integer or out of range' },
      { result: 'text' },
      { error: "ERR wrong number of arguments for 'get' command" },
    ])
  })

  it('runs all of a transaction', async () => {
    expect(await data.cacheTransaction(commandsOf('SET t text', 'INCR t', 'GET t'))).toEqual([
      { result: 'OK' },
      { error: 'ERR value is not an integer or out of range' },
      { result: 'text' },
    ])
  })

  it.each([
    ['GET', "'get'"],
    ['LPUSH l a', "'LPUSH'"],
  ])('runs nothing of a transaction with %s, and names the error', async (line, name) => {
    const error = await errorOf(data.cacheTransaction(commandsOf('SET none 1', line)))
    expect(error).toContain('EXECABORT Transaction discarded because of previous errors: ERR ')
    expect(error).toContain(name)
    expect(await data.cache(['GET', 'none'])).toBeNull()
  })

  it('keeps an integer beyond 2^53 as its text, and refuses it as a number, which may have been rounded', async () => {
    const text = '9007199254740993'
    const { attempt } = newCache({ ...env, DATA: exports.DataRpc })
    const kept = attempt((redis) => redis.pipeline().set('big', text).get('big').hset('bigs', { text }).hgetall('bigs').exec())
    expect(await kept).toEqual(['OK', text, 1, { text }])
    const error = await errorOf(data.cache(['SET', 'big', Number(text)]))
    expect(error).toContain('ERR 9007199254740992 is beyond 2^53, where a number is not exact: send it as a string')
    expect(await data.cache(['GET', 'big'])).toBe(text)
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

  it('drops what has expired, and is set again only while some key will expire', async () => {
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

  /** Read from the object itself: any command would drop what it meets. */
  const expiring = () => runInDurableObject(stub, (cache) => (cache as unknown as { expiring: number }).expiring)
})
