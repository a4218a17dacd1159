import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '../../shared/contracts/errors'
import { newCache } from '../../shared/storage/cache'
import { store as data } from './testing'

describe('the cache as Workers call it', () => {
  it('answers commands', async () => {
    expect(await data.cache(['SET', 'k', 'v', 'EX', 60])).toBe('OK')
    expect(await data.cache(['get', 'k'])).toBe('v')
  })

  it('throws when Redis would answer with an error', async () => {
    const thrown = await data.cache(['GET']).catch((error: unknown) => error)
    expect(AppError.is(thrown, 'cache_error')).toBe(true)
    expect(String(thrown)).toContain("ERR wrong number of arguments for 'get' command")
  })

  it('refuses what it does not speak by name, and says what it speaks', async () => {
    const error = expect.stringMatching(/^ERR 'ZADD' is not a command of the embedded cache; it speaks PING, .*GET, SET.*SSCAN$/)
    expect(
      await data.cachePipeline([
        ['SET', 'z', 'text'],
        ['zadd', 'z', 1, 'a'],
        ['GET', 'z'],
      ]),
    ).toEqual([{ result: 'OK' }, { error }, { result: 'text' }])
    const others = ['EVAL', 'LPUSH', 'ZRANGE', 'SETBIT', 'APPEND', 'KEYS', 'RENAME', 'SUBSCRIBE', 'constructor', '__proto__', '']
    for (const name of others)
      expect(await data.cachePipeline([[name, 'z']])).toEqual([
        { error: expect.stringContaining(`'${name.toUpperCase()}' is not`) },
      ])
  })

  it('keeps an integer beyond 2^53 that is a string, and refuses a number, which may have been rounded', async () => {
    const text = '9007199254740993'
    expect(
      await data.cachePipeline([
        ['SET', 'big', text],
        ['GET', 'big'],
        ['SET', 'big', Number(text)],
        ['GET', 'big'],
      ]),
    ).toEqual([
      { result: 'OK' },
      { result: text },
      { error: 'ERR 9007199254740992 is beyond 2^53, where a number is not exact: send it as a string' },
      { result: text },
    ])
    const { attempt } = newCache({ ...env, DATA: exports.DataRpc })
    expect(
      await attempt((redis) => redis.pipeline().set('big', text).get('big').mget('big').hset('bigs', { text }).exec()),
    ).toEqual([...['OK', text, [text], 1]])
    expect(await attempt((redis) => redis.hgetall('bigs'))).toEqual({ text })
  })

  it('lets each command of a pipeline answer for itself', async () => {
    expect(await data.cachePipeline([['SET', 'p', 'text'], ['INCR', 'p'], ['GET', 'p'], ['GET']])).toEqual([
      { result: 'OK' },
      { error: 'ERR value is not an integer or out of range' },
      { result: 'text' },
      { error: "ERR wrong number of arguments for 'get' command" },
    ])
  })

  it('runs all of a transaction, or nothing and names the command that Redis would not queue', async () => {
    expect(
      await data.cacheTransaction([
        ['SET', 't', 'text'],
        ['INCR', 't'],
        ['GET', 't'],
      ]),
    ).toEqual([{ result: 'OK' }, { error: 'ERR value is not an integer or out of range' }, { result: 'text' }])
    for (const [command, name] of [
      [['GET'], "'get'"],
      [['LPUSH', 't', 'a'], "'LPUSH'"],
      [['SET', 't', 2 ** 53], String(2 ** 53)],
    ] as const) {
      const thrown = await data.cacheTransaction([['SET', 't', 'other'], [...command]]).catch((error: unknown) => error)
      expect(AppError.is(thrown, 'cache_error')).toBe(true)
      expect(String(thrown)).toContain('EXECABORT Transaction discarded because of previous errors: ERR ')
      expect(String(thrown)).toContain(name)
    }
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
